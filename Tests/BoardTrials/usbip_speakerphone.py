"""An emulated USB speakerphone: microphone and loudspeaker (USB Audio Class 1.0, 48 kHz, one channel, 16 bits), and
the keys and lamps of a telephone (HID Usage Tables, telephony page 0x0B and LED page 0x08).
"""

import array
import math
import struct
import threading
import time

import usbip_protocol
from usbip_descriptors import Settings, association, configuration, descriptor, interface, long_word, word

RATE = 48_000
_CONTROL, _PLAY, _CAPTURE, _KEYS = 0, 1, 2, 3
_PLAY_ENDPOINT, _CAPTURE_ENDPOINT, _KEYS_ENDPOINT = 0x01, 0x82, 0x83
_SPEAKER_UNIT, _MICROPHONE_UNIT = 2, 5
_MUTE, _VOLUME = 0x01, 0x02
_LONGEST_RECORDING = RATE * 300

# Report 1 in: volume up, volume down, mute of the consumer page. Report 2 in: hook switch, phone mute.
# Report 2 out: lamps off-hook, mute, ring.
_REPORTS = bytes.fromhex(
    "050c 0901 a101 8501 1500 2501 7501 9503 09e9 09ea 09e2 8102 9505 8101 c0"
    "050b 0905 a101 8502 1500 2501 7501"
    "9501 0920 8122 092f 8106 9506 8101"
    "0508 9503 0917 0909 0918 9122 9505 9101 c0".replace(" ", "")
)


class Speakerphone(usbip_protocol.Device):
    """The speakerphone. `tone` is what its microphone hears: a frequency in hertz, or None for silence."""

    product = 0x0A11
    name = "Room speakerphone"
    serial = "S0001"

    def __init__(self):
        self.tone = None
        self.amplitude = 9000
        self.is_off_hook = False
        self.is_mute_lit = False
        self.is_ringing = False
        self.lamp_reports = []
        self.settings = Settings({
            (_SPEAKER_UNIT, _MUTE): ("<B", 0, 1, 1, 0),
            (_SPEAKER_UNIT, _VOLUME): ("<h", -48 * 256, 0, 256, -6 * 256),
            (_MICROPHONE_UNIT, _MUTE): ("<B", 0, 1, 1, 0),
            (_MICROPHONE_UNIT, _VOLUME): ("<h", -24 * 256, 12 * 256, 256, 0),
        })
        self._phase = 0
        self._played = bytearray()
        self._keys = []
        self._changed = threading.Condition()

    def configuration(self):
        def terminal_in(number, kind):
            return descriptor(0x24, 2, number, word(kind), 0, 1, word(0), 0, 0)

        def terminal_out(number, kind, source):
            return descriptor(0x24, 3, number, word(kind), 0, source, 0)

        def feature(number, source):
            return descriptor(0x24, 6, number, source, 1, 0x03, 0x00, 0)

        # From the host to the loudspeaker, and from the microphone to the host.
        units = (
            terminal_in(1, 0x0101) + feature(_SPEAKER_UNIT, 1) + terminal_out(3, 0x0304, _SPEAKER_UNIT)
            + terminal_in(4, 0x0201) + feature(_MICROPHONE_UNIT, 4) + terminal_out(6, 0x0101, _MICROPHONE_UNIT)
        )
        control = interface(_CONTROL, 0, 0, 1, 1, 0, 4) + descriptor(
            0x24, 1, word(0x0100), word(10 + len(units)), 2, _PLAY, _CAPTURE
        ) + units

        def stream(number, terminal, endpoint, attributes):
            return (
                interface(number, 0, 0, 1, 2) + interface(number, 1, 1, 1, 2)
                + descriptor(0x24, 1, terminal, 1, word(1)) + descriptor(0x24, 2, 1, 1, 2, 16, 1, long_word(RATE)[:3])
                + descriptor(5, endpoint, attributes, word(100), 4, 0, 0) + descriptor(0x25, 1, 0, 0, word(0))
            )

        keys = (
            interface(_KEYS, 0, 1, 3, 0) + descriptor(0x21, word(0x0111), 0, 1, 0x22, word(len(_REPORTS)))
            + descriptor(5, _KEYS_ENDPOINT, 3, word(8), 6)
        )
        body = (
            association(_CONTROL, 3, 1, 1, 4) + control + stream(_PLAY, 1, _PLAY_ENDPOINT, 9)
            + stream(_CAPTURE, 6, _CAPTURE_ENDPOINT, 5) + keys
        )
        return configuration(body, 4)

    def strings(self):
        return {**super().strings(), 4: self.name}

    def class_request(self, setup, data):
        kind, request, value, index, length = struct.unpack("<BBHHH", setup)
        if kind == 0x81:
            return _REPORTS[:length] if value >> 8 == 0x22 else None
        if kind & 0x1F == 2:
            # The sampling frequency of an endpoint: there is only one.
            return long_word(RATE)[:3] if kind & 0x80 else b""
        if index & 255 == _CONTROL:
            return self.settings.answer(index >> 8, value >> 8, request, data)
        if index & 255 == _KEYS:
            return self._key_request(request, value, data)
        return None

    def _key_request(self, request, value, data):
        """GET_REPORT, SET_REPORT, SET_IDLE of HID."""
        if request == 0x01:
            return bytes([value & 255, 0])
        if request == 0x09 and value == 0x0202 and len(data) >= 2:
            with self._changed:
                self.is_off_hook = bool(data[1] & 1)
                self.is_mute_lit = bool(data[1] & 2)
                self.is_ringing = bool(data[1] & 4)
                self.lamp_reports.append(data[1] & 7)
                self._changed.notify_all()
        return b""

    def workers(self):
        return [self._play, self._capture, self._key]

    # Keys

    def _report(self, *reports):
        with self._changed:
            self._keys += reports
            self._changed.notify_all()

    def _hook(self):
        return 1 if self.is_off_hook else 0

    def press_mute(self):
        """The mute key. As with real ones, nothing comes of it outside a call (the off-hook lamp dark)."""
        if self.is_off_hook:
            self._report(bytes([2, self._hook() | 2]), bytes([2, self._hook()]))

    def press_hook(self):
        """The hook key: hook switch over."""
        self._report(bytes([2, 1 - self._hook()]))

    def press_volume(self, is_up):
        """A volume key."""
        self._report(bytes([1, 1 if is_up else 2]), bytes([1, 0]))

    def _key(self, session):
        while session.is_live:
            with self._changed:
                if not self._changed.wait_for(lambda: self._keys, 0.2):
                    continue
                report = self._keys.pop(0)
            # A request that was taken back while it waited counts as none.
            while True:
                transfer = session.take(_KEYS_ENDPOINT)
                if transfer is None:
                    return
                if session.finish(transfer, report[: transfer.length]):
                    break

    def wait_lamps(self, timeout, is_wanted):
        """Waits until `is_wanted(self)` holds for the lamps."""
        with self._changed:
            return self._changed.wait_for(lambda: is_wanted(self), timeout)

    # Sound

    def clear_played(self):
        """Forgets what was played so far."""
        with self._changed:
            self._played.clear()

    def played(self):
        """What was played, as samples of 16 bits."""
        with self._changed:
            samples = array.array("h")
            samples.frombytes(bytes(self._played[: len(self._played) & ~1]))
            return samples

    def _play(self, session):
        due = time.monotonic()
        while True:
            transfer = session.take(_PLAY_ENDPOINT)
            if transfer is None:
                return
            with self._changed:
                if len(self._played) < _LONGEST_RECORDING * 2:
                    self._played += transfer.data
            # A packet a millisecond, as on a wire.
            due = max(due, time.monotonic() - 0.05) + len(transfer.packets) / 1000
            session.wait(due - time.monotonic())
            session.finish(transfer, length=transfer.length, packet_lengths=[size for _, size in transfer.packets])

    def _capture(self, session):
        due = time.monotonic()
        while True:
            # Linux asks for a millisecond at a time, a dozen ahead. An emulated processor cannot be told of each.
            transfers = session.take_several(_CAPTURE_ENDPOINT, 6)
            if not transfers:
                return
            requests = [(transfer, self._heard(len(transfer.packets) * RATE // 1000)) for transfer in transfers]
            due = max(due, time.monotonic() - 0.05) + sum(len(transfer.packets) for transfer in transfers) / 1000
            session.wait(due - time.monotonic())
            session.finish_packets(requests)

    def _heard(self, count):
        tone = self.tone
        if tone is None:
            return bytes(count * 2)
        step = 2 * math.pi * tone / RATE
        start = self._phase
        self._phase = (start + count) % (RATE * 1000)
        samples = (int(self.amplitude * math.sin(step * (start + place))) for place in range(count))
        return struct.pack(f"<{count}h", *samples)
