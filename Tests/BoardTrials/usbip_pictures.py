"""Recognisable pictures: eight colour bars above a bar that counts frames in black and white cells.

Everything is made of blocks of one colour, so that a JPEG needs nothing but the blocks' means, and its coder is small.
"""

import functools
import struct

BARS = [
    (235, 235, 235), (235, 235, 16), (16, 235, 235), (16, 235, 16),
    (235, 16, 235), (235, 16, 16), (16, 16, 235), (16, 16, 16),
]
CELLS = 20


def to_yuv(colour):
    """RGB to Y, Cb, Cr in full range (JFIF)."""
    red, green, blue = colour
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    parts = (luma, 128 + 0.564 * (blue - luma), 128 + 0.713 * (red - luma))
    return tuple(max(0, min(255, round(part))) for part in parts)


def bits_of(count):
    """The cells of the counting bar, the highest bit first."""
    return [count >> (CELLS - 1 - cell) & 1 for cell in range(CELLS)]


def counter_height(height):
    """The rows of the counting bar."""
    return height // 9


def _limited(colour):
    # What uncompressed cameras send: luma 16 to 235, chroma 16 to 240 (BT.601).
    luma, blue, red = to_yuv(colour)
    return 16 + luma * 219 // 255, 128 + (blue - 128) * 224 // 255, 128 + (red - 128) * 224 // 255


def yuyv(width, height, count):
    """A frame as YUYV, BT.601 with limited range."""

    def row(colours):
        pairs = width // 2 // len(colours)
        out = b""
        for colour in colours:
            luma, blue, red = _limited(colour)
            out += bytes([luma, blue, luma, red]) * pairs
        return out

    low = counter_height(height)
    cells = [(255, 255, 255) if bit else (0, 0, 0) for bit in bits_of(count)]
    return row(BARS) * (height - low) + row(cells) * low


def read_count(lumas):
    """The number that a row of luma values through the counting bar shows."""
    count = 0
    for cell in range(CELLS):
        count = count << 1 | (lumas[(2 * cell + 1) * len(lumas) // (2 * CELLS)] > 127)
    return count


_QUANTUM = 8

# Huffman tables as lengths and symbols. Ours say "end of block" in one bit. Those that the JPEG specification gives as
# examples (annex K.3) are what a decoder assumes when a camera leaves its tables out.
_OWN_DC = ([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], list(range(12)))
_OWN_AC = ([1] + [0] * 15, [0])
_CHROMA_DC = ([0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], list(range(12)))


def _codes(lengths, symbols):
    codes, code, place = {}, 0, 0
    for length, count in enumerate(lengths, 1):
        for _ in range(count):
            codes[symbols[place]] = f"{code:0{length}b}"
            code, place = code + 1, place + 1
        code <<= 1
    return codes


# With tables or without: the codes of luma and chroma, each with its end of block.
_CODERS = {
    True: ((_codes(*_OWN_DC), "0"), (_codes(*_OWN_DC), "0")),
    False: ((_codes(*_OWN_DC), "1010"), (_codes(*_CHROMA_DC), "00")),
}


@functools.lru_cache(maxsize=None)
def _block(difference, has_tables, is_chroma):
    """A block of one colour, as bits: the step from the block before, then the end of the block."""
    codes, end = _CODERS[has_tables][is_chroma]
    size = abs(difference).bit_length()
    value = difference if difference >= 0 else difference + (1 << size) - 1
    return codes[size] + (f"{value:0{size}b}" if size else "") + end


def _segment(marker, body):
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def jpeg(width, height, count, has_tables=True):
    """A frame as baseline JPEG, 4:2:2. Without its Huffman tables on demand.

    `width` has to be a multiple of 640 and `height` of 72: the bars end where blocks do.
    """
    colours = (*BARS, (255,) * 3, (0,) * 3)
    levels = {colour: [(part - 128) * 8 // _QUANTUM for part in to_yuv(colour)] for colour in colours}
    low = counter_height(height)

    def row(colours):
        units = width // 16 // len(colours)
        return [levels[colour] for colour in colours for _ in range(units)]

    cells = [(255,) * 3 if bit else (0,) * 3 for bit in bits_of(count)]
    above, below = row(BARS), row(cells)
    text, last = [], [0, 0, 0]
    for line in range(height // 8):
        for luma, blue, red in above if line < (height - low) // 8 else below:
            text += (
                _block(luma - last[0], has_tables, False), _block(0, has_tables, False),
                _block(blue - last[1], has_tables, True), _block(red - last[2], has_tables, True),
            )
            last = [luma, blue, red]
    bits = "".join(text)
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    # Three components; luma has twice the columns.
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes([1, 0x21, 0, 2, 0x11, 0, 3, 0x11, 0])
    tables = b"".join(
        _segment(0xC4, bytes([kind, *lengths, *symbols]))
        for kind, (lengths, symbols) in ((0x00, _OWN_DC), (0x10, _OWN_AC))
    )
    # Without tables of its own, the picture uses the second pair of the decoder's for chroma.
    chroma = 0x00 if has_tables else 0x11
    return (
        b"\xff\xd8" + _segment(0xDB, bytes([0] + [_QUANTUM] * 64)) + _segment(0xC0, frame)
        + (tables if has_tables else b"") + _segment(0xDA, bytes([3, 1, 0, 2, chroma, 3, chroma, 0, 63, 0])) + scan
        + b"\xff\xd9"
    )
