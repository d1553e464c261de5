"""USB/IP, the side that has the devices (Documentation/usb/usbip_protocol.rst): a server for emulated devices.

A board attaches them with `usbip attach`. Closing the connection is pulling the plug.
"""

import collections
import dataclasses
import errno
import socket
import struct
import threading

_VERSION = 0x0111
_OP_REQ_DEVLIST, _OP_REP_DEVLIST = 0x8005, 0x0005
_OP_REQ_IMPORT, _OP_REP_IMPORT = 0x8003, 0x0003
_CMD_SUBMIT, _CMD_UNLINK, _RET_SUBMIT, _RET_UNLINK = 1, 2, 3, 4
_DIRECTION_IN = 0x80
_SPEED_HIGH = 3
_LARGEST_TRANSFER = 1 << 24


@dataclasses.dataclass
class Transfer:
    """A request of the board: a buffer to fill, or bytes that came. Isochronous ones consist of packets."""

    number: int
    endpoint: int
    length: int
    data: bytes
    packets: list
    start_frame: int


class Session:
    """One attachment of a device: sorts requests by endpoint, answers those that were not taken back."""

    def __init__(self, connection, device):
        self._connection = connection
        self._device = device
        self._changed = threading.Condition()
        self._waiting = collections.defaultdict(collections.deque)
        self._taken = set()
        self._highest = 0
        self._revoked = set()
        self.is_live = True

    def run(self):
        """Serves until the connection ends."""
        workers = [threading.Thread(target=self._work, args=(work,), daemon=True) for work in self._device.workers()]
        for worker in workers:
            worker.start()
        try:
            while True:
                self._handle(self._read(48))
        except (EOFError, OSError, struct.error):
            pass
        self.close()
        for worker in workers:
            worker.join()

    def _work(self, work):
        try:
            work(self)
        except OSError:
            self.close()

    def close(self):
        """Pulls the plug."""
        with self._changed:
            self.is_live = False
            self._changed.notify_all()
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._connection.close()

    def _read(self, count):
        data = b""
        while len(data) < count:
            more = self._connection.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _handle(self, header):
        command, number, _, direction, endpoint = struct.unpack_from(">IIIII", header)
        if command == _CMD_UNLINK:
            self._unlink(number, struct.unpack_from(">I", header, 20)[0])
        elif command == _CMD_SUBMIT:
            _, length, start_frame, count, _ = struct.unpack_from(">IiiiI", header, 20)
            if not 0 <= length <= _LARGEST_TRANSFER:
                raise EOFError
            data = self._read(length) if direction == 0 and length > 0 else b""
            packets = []
            if 0 < count <= 1024:
                packets = [struct.unpack(">IIIi", self._read(16))[:2] for _ in range(count)]
            with self._changed:
                self._highest = max(self._highest, number)
                if number in self._revoked:
                    self._revoked.discard(number)
                    return
            address = endpoint | (_DIRECTION_IN if direction else 0)
            transfer = Transfer(number, address, length, data, packets, start_frame)
            if endpoint == 0:
                self._control(transfer, header[40:48], direction)
            else:
                with self._changed:
                    self._waiting[address].append(transfer)
                    self._changed.notify_all()
        else:
            raise EOFError

    def _control(self, transfer, setup, direction):
        with self._changed:
            self._taken.add(transfer.number)
        answer = self._device.control(setup, transfer.data)
        if answer is None:
            self.finish(transfer, status=-errno.EPIPE)
        elif direction:
            self.finish(transfer, answer[: transfer.length])
        else:
            self.finish(transfer, length=transfer.length)

    def _unlink(self, number, victim):
        # Once a request was taken back, it must never be answered: the board would drop the whole port.
        with self._changed:
            is_found = victim in self._taken
            self._taken.discard(victim)
            for queue in self._waiting.values():
                for transfer in [one for one in queue if one.number == victim]:
                    queue.remove(transfer)
                    is_found = True
            # Linux may send this before the request itself, whose number is then higher than any that came.
            if victim > self._highest:
                self._revoked.add(victim)
                is_found = True
            status = -errno.ECONNRESET if is_found else 0
            self._connection.sendall(struct.pack(">IIIIIi24x", _RET_UNLINK, number, 0, 0, 0, status))

    def take(self, endpoint):
        """Waits for the next request to an endpoint; None when the device is unplugged."""
        return next(iter(self.take_several(endpoint, 1)), None)

    def take_several(self, endpoint, most):
        """Waits for requests to an endpoint, and takes those that are there; none when the device is unplugged."""
        with self._changed:
            while self.is_live and not self._waiting[endpoint]:
                self._changed.wait()
            if not self.is_live:
                return []
            waiting = self._waiting[endpoint]
            taken = [waiting.popleft() for _ in range(min(most, len(waiting)))]
            self._taken.update(transfer.number for transfer in taken)
            return taken

    def finish(self, transfer, data=b"", length=None, status=0, packet_lengths=None):
        """Answers a request; false when it was taken back before. `packet_lengths`: the bytes in each packet of an
        isochronous one.
        """
        return self.finish_several([(transfer, _answer(transfer, data, length, status, packet_lengths))])

    def finish_several(self, answers):
        """Sends answers to requests at once, which costs the board less; false when none was wanted any more."""
        with self._changed:
            wanted = [(transfer, answer) for transfer, answer in answers if transfer.number in self._taken]
            if not wanted or not self.is_live:
                return False
            self._taken.difference_update(transfer.number for transfer, _ in wanted)
            self._connection.sendall(b"".join(answer for _, answer in wanted))
            return True

    def finish_packets(self, requests):
        """Answers isochronous requests to record: each with the data of its packets, which are of one size."""
        answers = []
        for transfer, data in requests:
            count = len(transfer.packets)
            answers.append((transfer, _answer(transfer, data, None, 0, [len(data) // max(1, count)] * count)))
        self.finish_several(answers)

    def wait(self, seconds):
        """Sleeps, but not beyond the end of the session."""
        if seconds > 0:
            with self._changed:
                self._changed.wait_for(lambda: not self.is_live, seconds)


def _answer(transfer, data, length, status, packet_lengths):
    packets = transfer.packets if packet_lengths is not None else []
    sent = len(data) if length is None else length
    message = struct.pack(
        ">IIIIIiiiii8x", _RET_SUBMIT, transfer.number, 0, 0, 0, status, sent, transfer.start_frame, len(packets), 0
    )
    tail = b"".join(
        struct.pack(">IIIi", offset, size, actual, 0)
        for (offset, size), actual in zip(packets, packet_lengths or [])
    )
    return message + data + tail


class Device:
    """What a device has to say for itself. Subclasses add endpoints and class requests."""

    vendor = 0x1D6B
    product = 0
    device_class = (0xEF, 2, 1)
    name = ""
    serial = ""

    def configuration(self):
        """The whole configuration descriptor."""
        raise NotImplementedError

    def strings(self):
        """Strings by their number; 1 to 3 are manufacturer, product and serial number."""
        return {1: "Visiosalle", 2: self.name, 3: self.serial}

    def workers(self):
        """Functions of a session, each run by a thread of its own while the device is attached."""
        return []

    def class_request(self, setup, data):
        """Answers a request to an interface of the device; None stalls."""
        raise NotImplementedError

    def halt_cleared(self, endpoint):
        """The host starts over on an endpoint."""

    def _descriptor(self):
        return struct.pack(
            "<BBHBBBBHHHBBBB", 18, 1, 0x0200, *self.device_class, 64, self.vendor, self.product, 0x0100, 1, 2, 3, 1
        )

    def control(self, setup, data):
        """Answers a request on endpoint 0 (USB 2.0, chapter 9); None stalls."""
        kind, request, value, index, length = struct.unpack("<BBHHH", setup)
        if kind & 0x60 == 0x20 or (kind == 0x81 and request == 6):
            return self.class_request(setup, data)
        if kind == 0x80 and request == 6:
            return self._standard_descriptor(value >> 8, value & 255, length)
        if kind == 0x02 and request == 1:
            self.halt_cleared(index)
        if kind in (0x80, 0x81, 0x82):
            return {0: b"\0\0", 8: b"\1", 10: b"\0"}.get(request)
        return b""

    def _standard_descriptor(self, kind, index, length):
        if kind == 1:
            return self._descriptor()[:length]
        if kind == 2:
            return self.configuration()[:length]
        if kind == 3:
            text = struct.pack("<H", 0x0409) if index == 0 else self.strings().get(index, "").encode("utf-16le")
            return (bytes([2 + len(text), 3]) + text)[:length] if text else None
        return None

    def record(self, bus_id, number):
        """How the device introduces itself to a board that looks for devices."""
        configuration = self.configuration()
        return (
            f"/sys/devices/emulated/{bus_id}".encode().ljust(256, b"\0") + bus_id.encode().ljust(32, b"\0")
            + struct.pack(
                ">IIIHHHBBBBBB", 1, number, _SPEED_HIGH, self.vendor, self.product, 0x0100, *self.device_class, 1, 1,
                configuration[4],
            )
        )


class Server:
    """Offers devices by their bus ids on a listening socket."""

    def __init__(self, listener, devices):
        self._listener = listener
        self._devices = devices
        self._sessions = {}
        self._lock = threading.Lock()
        self.port = listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            _, code, _ = struct.unpack(">HHI", _exactly(connection, 8))
            if code == _OP_REQ_DEVLIST:
                connection.sendall(self._list())
            elif code == _OP_REQ_IMPORT:
                bus_id = _exactly(connection, 32).rstrip(b"\0").decode("ascii", "replace")
                if bus_id in self._devices:
                    self._attach(connection, bus_id)
                    return
                connection.sendall(struct.pack(">HHI", _VERSION, _OP_REP_IMPORT, 1))
        except (EOFError, OSError):
            pass
        connection.close()

    def _attach(self, connection, bus_id):
        device = self._devices[bus_id]
        session = Session(connection, device)
        with self._lock:
            before = self._sessions.get(bus_id)
            self._sessions[bus_id] = session
        if before is not None:
            before.close()
        record = device.record(bus_id, self._number(bus_id))
        connection.sendall(struct.pack(">HHI", _VERSION, _OP_REP_IMPORT, 0) + record)
        session.run()

    def _number(self, bus_id):
        return list(self._devices).index(bus_id) + 2

    def _list(self):
        answer = struct.pack(">HHII", _VERSION, _OP_REP_DEVLIST, 0, len(self._devices))
        for bus_id, device in self._devices.items():
            answer += device.record(bus_id, self._number(bus_id)) + bytes(4) * device.configuration()[4]
        return answer

    def unplug(self, bus_id):
        """Pulls the plug of a device, attached or not."""
        with self._lock:
            session = self._sessions.pop(bus_id, None)
        if session is not None:
            session.close()

    def close(self):
        """Unplugs everything and stops listening."""
        for bus_id in self._devices:
            self.unplug(bus_id)
        self._listener.close()


def _exactly(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data
