"""A running board: QEMU, its serial console, a shell inside, the picture on its screen, its lines."""

import base64
import ctypes
import dataclasses
import os
import pathlib
import re
import secrets
import select
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import filesystem
import images
import picture
import qmp
import trouble

SCREEN = (1280, 720)
LINES = {
    name: int(number) for number, name in (line.split() for line in (images.GUEST / "lines").read_text().splitlines())
}

_MACHINES = {
    "x86_64": ["qemu-system-x86_64", "-M", "q35", "-cpu", "max", "-vga", "none"],
    "arm64": ["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a72"],
}
_CONSOLES = {"x86_64": "ttyS0", "arm64": "ttyAMA0"}
# Emulated processors take their time, and this machine may have others to serve: every waiting time is multiplied.
_PATIENCE = {"x86_64": 1.0, "arm64": 2.0}
PATIENCE_VARIABLE = "VISIOSALLE_BOARD_PATIENCE"

_PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """What was expected of the board did not happen."""


@dataclasses.dataclass
class Answer:
    """What a command on the board said, and its exit code."""

    output: str
    code: int


class Board:
    """Boots on `start`, shuts down on leaving its `with`."""

    def __init__(self, parts, network, payload=None, hosts=()):
        self.images = parts
        self.network = network
        self.payload = payload
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="visiosalle-board-"))
        self._hosts = hosts
        self.patience = _patience(parts.architecture)
        self._process = None
        self._console = bytearray()
        self._console_socket = None
        self._changed = threading.Condition()
        self._shell = None
        self._turn = threading.RLock()
        self.qmp = None
        self.booted_in = 0.0

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def start(self):
        """Boots, and returns when every device is there and the shell answers."""
        begun = time.monotonic()
        folder = self.folder
        disks = [self.images.root]
        if self.payload is not None and any(self.payload.iterdir()):
            filesystem.make_ext4(folder / "payload.ext4", self.payload)
            disks.append(folder / "payload.ext4")
        command = [
            *self.network.prefix, *_MACHINES[self.images.architecture],
            "-accel", "tcg,thread=multi,tb-size=512", "-smp", "2", "-m", "1024",
            "-nodefaults", "-display", "none", "-no-reboot",
            "-kernel", str(self.images.kernel), "-initrd", str(self.images.first),
            "-append", f"console={_CONSOLES[self.images.architecture]} quiet loglevel=2 panic=-1",
            *self.network.options,
            "-device", f"virtio-gpu-pci,xres={SCREEN[0]},yres={SCREEN[1]}",
            "-device", "virtio-rng-pci",
            "-device", "i6300esb", "-action", "watchdog=none",
            "-device", "virtio-serial-pci",
            "-chardev", f"socket,id=shell,path={folder}/shell,server=on,wait=off",
            "-device", "virtserialport,chardev=shell,name=board.shell",
            "-chardev", f"socket,id=console,path={folder}/console,server=on,wait=on", "-serial", "chardev:console",
            "-qmp", f"unix:{folder}/qmp,server=on,wait=off",
        ]
        for disk in disks:
            # What the board writes is forgotten: every start is from the same disk.
            command += ["-drive", f"file={disk},format=raw,if=virtio,snapshot=on"]
        words = folder / "qemu.log"
        try:
            with open(words, "wb") as output:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=_die_with_parent
                )
        except FileNotFoundError as error:
            raise trouble.Trouble(trouble.UNAVAILABLE, f"{error.filename} is not installed (Scripts/setup)") from error
        try:
            self._console_socket = self._connect("console")
            threading.Thread(target=self._read_console, daemon=True).start()
            # The board takes a port without anybody at its end for a file that is over.
            self._shell = self._connect("shell")
            self.qmp = qmp.Qmp(folder / "qmp")
            self._wait_console(b"BOARD READY", 120 * self.patience)
        except trouble.Trouble as error:
            said = words.read_text(errors="replace").strip()
            raise trouble.Trouble(error.code, f"{error}\n{said}".strip()) from None
        self.check("true")
        for entry in self._hosts:
            self.check(f"echo '{entry.replace('=', ' ')}' >> /etc/hosts")
        self.booted_in = time.monotonic() - begun

    def _connect(self, name):
        connection = socket.socket(socket.AF_UNIX)
        for _ in range(400):
            try:
                connection.connect(str(self.folder / name))
                return connection
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        raise trouble.Trouble(trouble.TEMPORARY, f"QEMU ended or does not open its {name}")

    def _read_console(self):
        while True:
            try:
                data = self._console_socket.recv(65536)
            except OSError:
                data = b""
            with self._changed:
                self._changed.notify_all()
                if not data:
                    self._console_socket = None
                    return
                self._console += data

    def _wait_console(self, text, timeout):
        end = time.monotonic() + timeout
        with self._changed:
            while text not in self._console:
                if self._console_socket is None or time.monotonic() > end:
                    tail = self.console()[-1500:]
                    raise trouble.Trouble(trouble.TEMPORARY, f"the board does not boot; its console ends so:\n{tail}")
                self._changed.wait(0.5)

    def console(self):
        """All that came over the serial console."""
        with self._changed:
            return self._console.decode("utf-8", "replace")

    def run(self, command, timeout=30, data=b""):
        """Runs a line of shell on the board. Programs in the background must have their output elsewhere.

        `data` follows the line; the line has to read it, all of it, from descriptor 3.
        """
        if "\n" in command:
            command = "eval \"$(echo " + base64.b64encode(command.encode()).decode() + " | base64 -d)\""
        mark = "@" + secrets.token_hex(4)
        with self._turn:
            self._shell.settimeout(timeout)
            said = bytearray()
            pattern = re.compile(rb"\n" + mark.encode() + rb" (\d+)\n\Z")
            end = time.monotonic() + timeout * self.patience
            try:
                self._shell.sendall(f"{mark} {command}\n".encode() + data)
                while True:
                    left = end - time.monotonic()
                    if left <= 0:
                        raise Failure(f"no end within {timeout} s: {command[:200]}")
                    if not select.select([self._shell], [], [], left)[0]:
                        continue
                    more = self._shell.recv(262144)
                    if not more:
                        raise Failure("the board is gone")
                    said += more
                    found = pattern.search(said, max(0, len(said) - 40))
                    if found:
                        return Answer(bytes(said[: found.start()]).decode("utf-8", "replace"), int(found.group(1)))
            except OSError as error:
                raise Failure(f"the board is gone ({error.strerror})") from error

    def check(self, command, timeout=30, data=b""):
        """Runs a line of shell that has to succeed; what it said."""
        answer = self.run(command, timeout, data)
        if answer.code != 0:
            raise Failure(f"exit code {answer.code}: {command}\n{answer.output.strip()[-2000:]}")
        return answer.output

    def read(self, path, timeout=60):
        """The bytes of a file on the board."""
        return base64.b64decode(self.check(f"base64 {shlex.quote(str(path))}", timeout))

    def write(self, path, data):
        """Writes a file on the board."""
        self.check(f"head -c {len(data)} <&3 > {shlex.quote(str(path))}", data=data)

    def wait(self, command, timeout, what):
        """Repeats a line of shell until it succeeds; fails with `what` when it does not."""
        end = time.monotonic() + timeout * self.patience
        while True:
            answer = self.run(command)
            if answer.code == 0:
                return answer.output
            if time.monotonic() > end:
                raise Failure(f"not within {timeout} s: {what}\n{answer.output.strip()[-1000:]}")
            time.sleep(0.1)

    def screen(self):
        """The picture on the board's screen."""
        place = self.folder / "screen.ppm"
        self.qmp.command("screendump", filename=str(place))
        return picture.read_ppm(place.read_bytes())

    def push(self, button, is_down):
        """Closes or opens the contact of a button."""
        pull = "pull-up" if is_down else "pull-down"
        self.check(f"echo {pull} > /run/board/gpio/sim_gpio{LINES[button]}/pull")

    def press(self, button, seconds=0.15):
        """A press of a button, as long as told."""
        self.push(button, True)
        time.sleep(seconds)
        self.push(button, False)

    def lamp(self, name):
        """The level of a lamp's line: 0 or 1."""
        return int(self.check(f"cat /run/board/gpio/sim_gpio{LINES[name]}/value").strip())

    def lamps(self):
        """The levels of all lamps."""
        names = [name for name in LINES if name.startswith("LED_")]
        paths = " ".join(f"/run/board/gpio/sim_gpio{LINES[name]}/value" for name in names)
        return dict(zip(names, (int(value) for value in self.check(f"cat {paths}").split())))

    def close(self):
        """Shuts the board down and removes what it left."""
        if self._process is not None:
            if self._process.poll() is None and self._shell is not None:
                try:
                    self._shell.sendall(b"@off sync; busybox poweroff -f\n")
                    self._process.wait(3)
                except (OSError, subprocess.TimeoutExpired):
                    pass
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            self._process = None
        for connection in (self._shell, self.qmp):
            if connection is not None:
                connection.close()
        self._shell = self.qmp = None
        shutil.rmtree(self.folder, ignore_errors=True)


def _patience(architecture):
    told = os.environ.get(PATIENCE_VARIABLE, "1")
    try:
        factor = float(told)
    except ValueError:
        factor = 0
    if not 0 < factor < 1000:
        raise trouble.Trouble(trouble.USAGE, f"{PATIENCE_VARIABLE} has to be a number, not {told}")
    return _PATIENCE[architecture] * factor


def _die_with_parent():
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
