"""Descriptors of USB devices, put together byte by byte."""

import struct


def descriptor(*parts):
    """A descriptor of bytes and byte strings, with its length in front."""
    body = b"".join(bytes([part]) if isinstance(part, int) else part for part in parts)
    return bytes([len(body) + 1]) + body


def word(value):
    """Two bytes, the lower one first."""
    return struct.pack("<H", value)


def long_word(value):
    """Four bytes, the lowest one first."""
    return struct.pack("<I", value)


def interface(number, alternate, endpoints, interface_class, subclass, protocol=0, string=0):
    """An interface descriptor (USB 2.0, 9.6.5)."""
    return descriptor(4, number, alternate, endpoints, interface_class, subclass, protocol, string)


def association(first, count, interface_class, subclass, string=0):
    """An interface association descriptor: interfaces that are one function."""
    return descriptor(0x0B, first, count, interface_class, subclass, 0, string)


def configuration(body, interfaces):
    """A configuration descriptor with all that belongs to it; powered by the bus, 500 mA."""
    return bytes([9, 2]) + word(9 + len(body)) + bytes([interfaces, 1, 0, 0x80, 250]) + body


class Settings:
    """Values that a host may read and set, as USB's audio and video classes have them: unit and selector to a range."""

    GET_CUR, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF = 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87

    def __init__(self, ranges):
        # (unit, selector): (struct format, lowest, highest, step, value at the start); tuples for several numbers.
        self._ranges = ranges
        self.values = {key: _several(entry[4]) for key, entry in ranges.items()}

    def answer(self, unit, selector, request, data):
        """Answers a class request; None stalls."""
        if (unit, selector) not in self._ranges:
            return None
        layout, lowest, highest, step, initial = self._ranges[unit, selector]
        if not request & 0x80:
            if len(data) != struct.calcsize(layout):
                return None
            self.values[unit, selector] = struct.unpack(layout, data)
            return b""
        if request == self.GET_LEN:
            return word(struct.calcsize(layout))
        if request == self.GET_INFO:
            return b"\x03"
        values = {
            self.GET_CUR: self.values[unit, selector], self.GET_MIN: lowest, self.GET_MAX: highest,
            self.GET_RES: step, self.GET_DEF: initial,
        }
        return struct.pack(layout, *_several(values[request])) if request in values else None


def _several(value):
    return value if isinstance(value, tuple) else (value,)
