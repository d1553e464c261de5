"""How the board reaches its host: QEMU's user mode network, inside a network namespace of the host if wanted.

Seen from the board, 10.0.2.2 is the host's loopback address: that of the namespace, if one is named.
"""

import ctypes
import os
import socket
import threading

import trouble

HOST_FROM_BOARD = "10.0.2.2"
PANEL_PORT_ON_BOARD = 8080
_CLONE_NEWNET = 0x40000000


class Network:
    """The side of the host: sockets made here are where the board's network ends."""

    def __init__(self, namespace=None):
        self.namespace = namespace
        if namespace is not None and not os.path.exists(self._path()):
            raise trouble.Trouble(trouble.NO_INPUT, f"there is no network namespace {namespace} (ip netns list)")
        self.panel_port = self._free_port()

    def _path(self):
        return f"/run/netns/{self.namespace}"

    @property
    def prefix(self):
        """What comes before a command that is to run here."""
        return [] if self.namespace is None else ["ip", "netns", "exec", self.namespace]

    @property
    def options(self):
        """QEMU's options. The panel of the board is forwarded, so that it can be asked from here."""
        forward = f"hostfwd=tcp:127.0.0.1:{self.panel_port}-:{PANEL_PORT_ON_BOARD}"
        return ["-netdev", f"user,id=n0,{forward}", "-device", "virtio-net-pci,netdev=n0,romfile="]

    def socket(self):
        """A TCP socket of this network."""
        if self.namespace is None:
            return socket.socket()
        made = []

        # A socket belongs to the namespace that its thread was in when it was made; the thread then ends.
        def make():
            try:
                with open(self._path(), "rb") as handle:
                    if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), _CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), f"entering network namespace {self.namespace}")
                made.append(socket.socket())
            except OSError as error:
                made.append(error)

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise trouble.Trouble(trouble.UNAVAILABLE, str(made[0]))
        return made[0]

    def listen(self):
        """A listening TCP socket on the loopback address, at a free port."""
        listener = self.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        return listener

    def connect(self, port, timeout):
        """A TCP connection to a port of the loopback address."""
        connection = self.socket()
        connection.settimeout(timeout)
        try:
            connection.connect(("127.0.0.1", port))
        except OSError:
            connection.close()
            raise
        return connection

    def _free_port(self):
        with self.listen() as listener:
            return listener.getsockname()[1]
