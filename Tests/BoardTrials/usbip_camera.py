"""An emulated USB camera (USB Video Class 1.1, bulk endpoint): YUYV 320x180 and MJPEG 640x360, 15 pictures a second.

It can misbehave on demand: `fault` says how, until it is None again.
"""

import enum
import struct
import threading
import time

import usbip_pictures
import usbip_protocol
from usbip_descriptors import Settings, association, configuration, descriptor, interface, long_word, word

_CONTROL, _STREAM = 0, 1
_ENDPOINT = 0x81
_PAYLOAD = 16384
_INTERVAL = 10_000_000 // 15
_YUYV, _MJPEG = 1, 2
_SIZES = {_YUYV: (320, 180), _MJPEG: (640, 360)}
_LARGEST = {_YUYV: 320 * 180 * 2, _MJPEG: 640 * 360}

# Terminals and units, with the selectors of their controls (UVC 1.1, annex A.9).
_LENS, _OUTPUT, _PROCESSING = 1, 2, 3
ZOOM, PAN_TILT = (_LENS, 0x0B), (_LENS, 0x0D)
BRIGHTNESS, POWER_LINE = (_PROCESSING, 0x02), (_PROCESSING, 0x05)


class Fault(enum.Enum):
    """Ways to misbehave."""

    SHORT = "frames end after half of their bytes"
    CORRUPT = "bytes inside the frames are wrong"
    LYING_SIZE = "frames have another size than the one agreed on"
    NO_TABLES = "JPEG frames lack their Huffman tables, as those of many cameras do"
    STALL = "no frames come any more"


class Camera(usbip_protocol.Device):
    """The camera; one streaming client at a time, as with a real one."""

    product = 0x0A10
    name = "Room camera"
    serial = "C0001"

    def __init__(self):
        self.fault = None
        self.count = 0
        self.settings = Settings({
            ZOOM: ("<H", 100, 400, 10, 100),
            PAN_TILT: ("<ii", (-36000, -36000), (36000, 36000), (3600, 3600), (0, 0)),
            BRIGHTNESS: ("<h", 0, 255, 1, 128),
            POWER_LINE: ("<B", 0, 2, 1, 0),
        })
        self._lock = threading.Lock()
        self._format = _YUYV
        # Counts the streams: what is left of a frame of an earlier one is dropped.
        self._stream_number = 0
        self._sent = {}

    def configuration(self):
        lens = descriptor(0x24, 2, _LENS, word(0x0201), 0, 0, word(0), word(0), word(0), 3, 0x00, 0x0A, 0)
        processing = descriptor(0x24, 5, _PROCESSING, _LENS, word(0), 2, word(0x0401), 0, 0)
        output = descriptor(0x24, 3, _OUTPUT, word(0x0101), 0, _PROCESSING, 0)
        units = lens + processing + output
        control = interface(_CONTROL, 0, 0, 0x0E, 1, 0, 4) + descriptor(
            0x24, 1, word(0x0110), word(13 + len(units)), long_word(48_000_000), 1, _STREAM
        ) + units
        guid = b"YUY2\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
        formats = (
            descriptor(0x24, 4, _YUYV, 1, guid, 16, 1, 0, 0, 0, 0) + self._frame(5, _YUYV) + _COLOURS
            + descriptor(0x24, 6, _MJPEG, 1, 1, 1, 0, 0, 0, 0) + self._frame(7, _MJPEG) + _COLOURS
        )
        header = descriptor(
            0x24, 1, 2, word(15 + len(formats)), _ENDPOINT, 0, _OUTPUT, 0, 0, 0, 1, 0, 0
        )
        stream = interface(_STREAM, 0, 1, 0x0E, 2, 0, 5) + header + formats + descriptor(5, _ENDPOINT, 2, word(512), 0)
        return configuration(association(_CONTROL, 2, 0x0E, 3, 4) + control + stream, 2)

    @staticmethod
    def _frame(subtype, kind):
        width, height = _SIZES[kind]
        rate = _LARGEST[kind] * 8 * 15
        return descriptor(
            0x24, subtype, 1, 0, word(width), word(height), long_word(rate), long_word(rate), long_word(_LARGEST[kind]),
            long_word(_INTERVAL), 1, long_word(_INTERVAL),
        )

    def strings(self):
        return {**super().strings(), 4: self.name, 5: f"{self.name} stream"}

    def class_request(self, setup, data):
        _, request, value, index, _ = struct.unpack("<BBHHH", setup)
        unit, selector = index >> 8, value >> 8
        if index & 255 == _STREAM:
            return self._negotiate(request, selector, data)
        if index & 255 == _CONTROL and unit != 0:
            return self.settings.answer(unit, selector, request, data)
        # The error code of the last request: none.
        return b"\0" if request & 0x80 else None

    def _negotiate(self, request, selector, data):
        """Video probe (1) and commit (2): what the host wants, made possible (UVC 1.1, 4.3.1.1)."""
        if selector not in (1, 2):
            return None
        with self._lock:
            if not request & 0x80:
                if len(data) < 26:
                    return None
                self._format = _MJPEG if data[2] == _MJPEG else _YUYV
                self._stream_number += 1
                return b""
            if request == Settings.GET_LEN:
                return word(34)
            if request == Settings.GET_INFO:
                return b"\x03"
            return struct.pack(
                "<HBBIHHHHHIIIBBBB", 1, self._format, 1, _INTERVAL, 0, 0, 0, 0, 0, _LARGEST[self._format], _PAYLOAD,
                48_000_000, 0, 0, 0, 0,
            )

    def workers(self):
        return [self._stream]

    def has_sent(self, frame):
        """The number of the frame that consists of these bytes; None when no recent one does."""
        with self._lock:
            return next((count for count, sent in self._sent.items() if sent == frame), None)

    def _next_frame(self):
        with self._lock:
            kind, fault = self._format, self.fault
            width, height = _SIZES[kind]
            self.count = self.count % 0xFFFFF + 1
            if fault == Fault.LYING_SIZE:
                width, height = (320, 144) if kind == _YUYV else (1280, 720)
            if kind == _YUYV:
                frame = usbip_pictures.yuyv(width, height, self.count)
            else:
                frame = usbip_pictures.jpeg(width, height, self.count, has_tables=fault != Fault.NO_TABLES)
            if fault == Fault.SHORT:
                frame = frame[: len(frame) // 2]
            if fault == Fault.CORRUPT:
                # Wrong bytes all over, behind the first ones, which say what it is.
                broken = bytearray(frame)
                for place in range(400, len(broken), 97):
                    broken[place] ^= 0x5A
                frame = bytes(broken)
            self._sent[self.count] = frame
            self._sent.pop(self.count - 60, None)
            return frame

    def halt_cleared(self, endpoint):
        # Video over a bulk endpoint ends so (UVC 1.1, 2.4.3).
        with self._lock:
            self._stream_number += 1

    def _stream(self, session):
        toggle = 0
        due = time.monotonic()
        frame, place, number = b"", 0, -1
        while True:
            transfer = session.take(_ENDPOINT)
            while self.fault == Fault.STALL and session.is_live:
                session.wait(0.05)
            if transfer is None or not session.is_live:
                return
            if place >= len(frame) or number != self._stream_number:
                due = max(due + 1 / 15, time.monotonic() - 0.2)
                session.wait(due - time.monotonic())
                number = self._stream_number
                frame, place, toggle = self._next_frame(), 0, toggle ^ 1
            # A payload begins with a header of two bytes: its length; end of header, end of frame, the frame's toggle.
            size = min(transfer.length - 2, _PAYLOAD - 2, len(frame) - place)
            flags = 0x80 | (0x02 if place + size >= len(frame) else 0) | toggle
            if session.finish(transfer, bytes([2, flags]) + frame[place : place + size]):
                place += size


# Colour matching: BT.709 primaries and transfer, BT.601 matrix.
_COLOURS = descriptor(0x24, 0x0D, 1, 1, 4)
