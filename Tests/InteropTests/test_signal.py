"""The sound and the pictures that aiortc sends to the box, and the measuring of those that it gets."""

import array
import asyncio
import fractions
import math
import time

import av
from aiortc.mediastreams import MediaStreamTrack

RATE = 48000
# Y, U and V of red, green, blue and magenta, as the box draws them.
PALETTE = [(81, 90, 240), (145, 54, 34), (41, 240, 110), (106, 202, 222)]
FRAMES_PER_COLOUR = 10
BAR_WIDTH = 32
BAR_STEP = 4


class _Paced(MediaStreamTrack):
    """A track whose frames come in real time."""

    def __init__(self, interval):
        super().__init__()
        self._interval = interval
        self._start = None
        self._number = 0

    async def _next(self):
        now = time.monotonic()
        if self._start is None:
            self._start = now
        # A machine that is too slow for the test misses some, as it would with a real device.
        self._number = max(self._number, int((now - self._start) / self._interval))
        due = self._start + self._number * self._interval
        if due > now:
            await asyncio.sleep(due - now)
        self._number += 1
        return self._number - 1


class Tone(_Paced):
    kind = "audio"

    def __init__(self, frequency):
        super().__init__(0.02)
        step = 2 * math.pi * frequency / RATE
        # A whole number of periods: one second can be played again and again.
        self._second = array.array("h", (int(8192 * math.sin(step * index)) for index in range(RATE)))

    async def recv(self):
        number = await self._next()
        count = RATE // 50
        first = number * count
        samples = self._second[first % RATE : first % RATE + count]
        frame = av.AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate = RATE
        frame.pts = first
        frame.time_base = fractions.Fraction(1, RATE)
        return frame


class Picture(_Paced):
    kind = "video"

    def __init__(self, width, height):
        super().__init__(0.04)
        self._width = width
        self._height = height

    async def recv(self):
        number = await self._next()
        frame = av.VideoFrame(self._width, self._height, "yuv420p")
        colour = PALETTE[number // FRAMES_PER_COLOUR % len(PALETTE)]
        left = number * BAR_STEP % (self._width - BAR_WIDTH)
        for plane, value in zip(frame.planes, colour):
            rows = plane.buffer_size // plane.line_size
            content = bytearray(bytes([value]) * plane.buffer_size)
            if plane is frame.planes[0] or plane.width == self._width:
                for row in range(rows // 2, rows):
                    start = row * plane.line_size + left
                    content[start : start + BAR_WIDTH] = bytes([235]) * BAR_WIDTH
            plane.update(bytes(content))
        frame.pts = number * 3600
        frame.time_base = fractions.Fraction(1, 90000)
        return frame


class _Counting:
    """Reads a track to its end and lets others wait for a number of frames."""

    def __init__(self):
        self.count = 0
        self._changed = asyncio.Condition()

    async def consume(self, track):
        while True:
            try:
                frame = await track.recv()
            except Exception:
                return
            async with self._changed:
                self.count += 1
                self._take(frame)
                self._changed.notify_all()

    async def wait_for(self, count):
        async with self._changed:
            await self._changed.wait_for(lambda: self.count >= count)


class Ear(_Counting):
    """The frequency of a tone, from its rising zero crossings in the last half second."""

    def __init__(self):
        super().__init__()
        self._samples = array.array("h")

    def _take(self, frame):
        channels = len(frame.layout.channels)
        plane = frame.planes[0]
        samples = array.array("h", bytes(plane)[: frame.samples * channels * 2])
        self._samples.extend(samples[::channels])
        del self._samples[: -RATE // 2]

    @property
    def frequency(self):
        pairs = enumerate(zip(self._samples, self._samples[1:]))
        rises = [index + before / (before - after) for index, (before, after) in pairs if before < 0 <= after]
        return (len(rises) - 1) * RATE / (rises[-1] - rises[0]) if len(rises) > 1 else 0


class Eye(_Counting):
    def __init__(self):
        super().__init__()
        self.size = None
        self.colours = []
        self.bar_positions = set()
        self.strange = 0

    def _take(self, frame):
        self.size = (frame.width, frame.height)
        planes = [(bytes(plane), plane.line_size) for plane in frame.planes]
        row, column = frame.height // 4, frame.width // 2
        seen = [planes[0][0][row * planes[0][1] + column]]
        seen += [data[row // 2 * stride + column // 2] for data, stride in planes[1:]]
        near = (
            index
            for index, colour in enumerate(PALETTE)
            if all(abs(have - want) <= 20 for have, want in zip(seen, colour))
        )
        colour = next(near, None)
        start = frame.height * 3 // 4 * planes[0][1]
        line = planes[0][0][start : start + frame.width]
        bar = next((position for position, luma in enumerate(line) if luma > 190), None)
        if colour is None or bar is None:
            self.strange += 1
            return
        self.bar_positions.add(bar)
        if not self.colours or self.colours[-1] != colour:
            self.colours.append(colour)
