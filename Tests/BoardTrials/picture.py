"""Pictures: reading PPM and PNG, writing PNG, comparing."""

import re
import struct
import zlib

_PNG = b"\x89PNG\r\n\x1a\n"


class Picture:
    """RGB, eight bits each, rows from the top."""

    def __init__(self, width, height, pixels):
        if len(pixels) != width * height * 3:
            raise ValueError(f"{len(pixels)} bytes for {width}x{height}")
        self.width = width
        self.height = height
        self.pixels = pixels

    def at(self, x, y):
        """The colour of a place."""
        start = (y * self.width + x) * 3
        return tuple(self.pixels[start : start + 3])

    def samples(self, step=4):
        """Every `step`-th pixel both ways: place and colour."""
        for y in range(0, self.height, step):
            row = self.pixels[y * self.width * 3 : (y + 1) * self.width * 3]
            for x in range(0, self.width, step):
                yield x, y, row[x * 3], row[x * 3 + 1], row[x * 3 + 2]

    def colours(self, step=4):
        """How many different colours the samples have: 1 for a blank screen."""
        return len({colour[2:] for colour in self.samples(step)})

    def share(self, colour, tolerance=40, step=4):
        """The share of the samples that are near a colour."""
        red, green, blue = colour
        near = total = 0
        for _, _, r, g, b in self.samples(step):
            total += 1
            near += abs(r - red) <= tolerance and abs(g - green) <= tolerance and abs(b - blue) <= tolerance
        return near / total

    def difference(self, other, step=4, tolerance=24):
        """The share of samples that differ by more than a tolerance, `other` being scaled to this size."""
        differing = total = 0
        for x, y, r, g, b in self.samples(step):
            r2, g2, b2 = other.at(x * other.width // self.width, y * other.height // self.height)
            total += 1
            differing += max(abs(r - r2), abs(g - g2), abs(b - b2)) > tolerance
        return differing / total

    def png(self):
        """This picture as PNG (rows unfiltered)."""
        stride = self.width * 3
        rows = b"".join(b"\0" + self.pixels[y * stride : (y + 1) * stride] for y in range(self.height))
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
        return _PNG + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks
        )


def read_ppm(data):
    """A binary PPM of eight bits a colour, as QEMU writes it."""
    found = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    if not found:
        raise ValueError("not a PPM of eight bits")
    width, height = int(found.group(1)), int(found.group(2))
    return Picture(width, height, data[found.end() : found.end() + width * height * 3])


def read_png(data):
    """A PNG of eight bits a channel, RGB or RGBA, not interlaced."""
    if not data.startswith(_PNG):
        raise ValueError("not a PNG")
    place, packed, header = len(_PNG), b"", None
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        place += 12 + length
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
    if header is None or header[2] != 8 or header[3] not in (2, 6) or header[6] != 0:
        raise ValueError("a kind of PNG that is not read here")
    width, height = header[:2]
    channels = 3 if header[3] == 2 else 4
    raw = _unfilter(zlib.decompress(packed), width * channels, height, channels)
    if channels == 4:
        rgb = bytearray(width * height * 3)
        for channel in range(3):
            rgb[channel::3] = raw[channel::4]
        raw = bytes(rgb)
    return Picture(width, height, raw)


def _unfilter(data, stride, height, step):
    """Takes the filters of PNG's rows away (PNG specification, section 9)."""
    out = bytearray()
    above = bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        kind = data[start]
        row = bytearray(data[start + 1 : start + 1 + stride])
        if kind == 1:
            for i in range(step, stride):
                row[i] = (row[i] + row[i - step]) & 255
        elif kind == 2:
            row = bytearray((a + b) & 255 for a, b in zip(row, above))
        elif kind == 3:
            for i in range(stride):
                left = row[i - step] if i >= step else 0
                row[i] = (row[i] + (left + above[i]) // 2) & 255
        elif kind == 4:
            for i in range(stride):
                a, c = (row[i - step], above[i - step]) if i >= step else (0, 0)
                b = above[i]
                near = a + b - c
                pa, pb, pc = abs(near - a), abs(near - b), abs(near - c)
                guess = a if pa <= pb and pa <= pc else b if pb <= pc else c
                row[i] = (row[i] + guess) & 255
        out += row
        above = row
    return bytes(out)
