"""Sound: tones found in samples, WAV files written and read."""

import array
import io
import math
import wave

RATE = 48_000


def level(samples, frequency, rate=RATE):
    """The amplitude of one frequency in samples (Goertzel's algorithm over a Hann window)."""
    count = len(samples)
    if count < 16:
        return 0.0
    step = 2 * math.pi * frequency / rate
    factor = 2 * math.cos(step)
    before = last = 0.0
    turn = 2 * math.pi / (count - 1)
    for place, sample in enumerate(samples):
        before, last = last, sample * (0.5 - 0.5 * math.cos(turn * place)) + factor * last - before
    power = before * before + last * last - factor * before * last
    # The window halves the sum.
    return 4 * math.sqrt(max(0.0, power)) / count


def loudness(samples):
    """The root of the mean square."""
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples)) if samples else 0.0


def tone_share(samples, frequency, rate=RATE):
    """How much of the sound is one tone: 1 for a pure one, near 0 for anything else, 0 for silence."""
    whole = loudness(samples)
    return min(1.0, level(samples, frequency, rate) / math.sqrt(2) / whole) if whole > 1 else 0.0


def sine(frequency, seconds, amplitude=9000, rate=RATE):
    """A tone."""
    step = 2 * math.pi * frequency / rate
    return array.array("h", (int(amplitude * math.sin(step * place)) for place in range(int(seconds * rate))))


def wav(samples, channels=1, rate=RATE):
    """Samples as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((channels, 2, rate, 0, "NONE", ""))
        out.writeframes(array.array("h", samples).tobytes())
    return file.getvalue()


def read_wav(data):
    """The first channel of a WAV file of 16 bits."""
    with wave.open(io.BytesIO(data)) as file:
        samples = array.array("h")
        samples.frombytes(file.readframes(file.getnframes()))
        return samples[:: file.getnchannels()]
