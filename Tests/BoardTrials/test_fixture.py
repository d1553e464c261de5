"""Tests of what the trials rely on, without a board: python3 -B -m unittest discover -s Tests/BoardTrials"""

import array
import contextlib
import errno
import os
import pathlib
import random
import socket
import struct
import tempfile
import unittest
import zlib

import cache
import picture
import sound
import usbip_camera
import usbip_pictures
import usbip_protocol
import usbip_speakerphone


def parts(configuration):
    """The descriptors of a configuration, one by one."""
    place = 0
    while place < len(configuration):
        length = configuration[place]
        assert length >= 2
        yield configuration[place : place + length]
        place += length


class Descriptors(unittest.TestCase):
    def test_lengths_add_up(self):
        for device in (usbip_camera.Camera(), usbip_speakerphone.Speakerphone()):
            configuration = device.configuration()
            found = list(parts(configuration))
            self.assertEqual(sum(len(part) for part in found), len(configuration))
            self.assertEqual(struct.unpack_from("<H", configuration, 2)[0], len(configuration))
            interfaces = {part[2] for part in found if part[1] == 4}
            self.assertEqual(interfaces, set(range(configuration[4])))

    def test_class_headers_count_their_units(self):
        for device in (usbip_camera.Camera(), usbip_speakerphone.Speakerphone()):
            found = list(parts(device.configuration()))
            headers = [n for n, part in enumerate(found) if part[1:3] == b"\x24\x01" and len(part) > 7]
            self.assertTrue(headers)
            for start in headers:
                total = 0
                for part in found[start:]:
                    if part[1] != 0x24:
                        break
                    total += len(part)
                wide = 5 if found[start][3:5] in (b"\x10\x01", b"\x00\x01") else 4
                self.assertEqual(struct.unpack_from("<H", found[start], wide)[0], total)

    def test_settings_are_kept_and_unknown_ones_stall(self):
        camera = usbip_camera.Camera()
        self.assertEqual(camera.control(struct.pack("<BBHHH", 0x21, 1, 0x0500, 0x0300, 1), b"\1"), b"")
        self.assertEqual(camera.control(struct.pack("<BBHHH", 0xA1, 0x81, 0x0500, 0x0300, 1), b""), b"\1")
        self.assertIsNone(camera.control(struct.pack("<BBHHH", 0xA1, 0x81, 0x0900, 0x0300, 1), b""))


class Protocol(unittest.TestCase):
    def setUp(self):
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        self.phone = usbip_speakerphone.Speakerphone()
        self.server = usbip_protocol.Server(listener, {"1-2": self.phone})
        self.client = socket.create_connection(("127.0.0.1", self.server.port), timeout=10)

    def tearDown(self):
        self.client.close()
        self.server.close()

    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.client.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def attach(self, bus_id=b"1-2"):
        self.client.sendall(struct.pack(">HHI", 0x0111, 0x8003, 0) + bus_id.ljust(32, b"\0"))
        return struct.unpack(">HHI", self.read(8))[2]

    def submit(self, number, endpoint, direction, length, setup=bytes(8), data=b""):
        header = struct.pack(">IIIIIIiiii", 1, number, 0, direction, endpoint, 0, length, 0, 0, 0)
        self.client.sendall(header + setup + data)

    def answer(self):
        command, number, _, _, _, status, length = struct.unpack(">IIIIIii", self.read(48)[:28])
        return command, number, status, length

    def test_unknown_device_is_refused(self):
        self.assertEqual(self.attach(b"9-9"), 1)

    def test_descriptor_is_told(self):
        self.assertEqual(self.attach(), 0)
        self.read(312)
        self.submit(7, 0, 1, 18, struct.pack("<BBHHH", 0x80, 6, 0x0100, 0, 18))
        self.assertEqual(self.answer(), (3, 7, 0, 18))
        self.assertEqual(struct.unpack_from("<HH", self.read(18), 8), (0x1D6B, 0x0A11))

    def test_request_taken_back_is_never_answered(self):
        self.attach()
        self.read(312)
        self.submit(1, 3, 1, 8)
        self.client.sendall(struct.pack(">IIIII", 2, 2, 0, 0, 0) + struct.pack(">I24x", 1))
        self.assertEqual(self.answer(), (4, 2, -errno.ECONNRESET, 0))
        self.submit(3, 0, 0, 2, struct.pack("<BBHHH", 0x21, 9, 0x0202, 3, 2), b"\2\3")
        self.assertEqual(self.answer(), (3, 3, 0, 2))
        self.assertTrue(self.phone.is_off_hook and self.phone.is_mute_lit)
        self.phone.press_mute()
        self.submit(4, 3, 1, 8)
        self.assertEqual(self.answer(), (3, 4, 0, 2))
        self.assertEqual(self.read(2), b"\2\3")

    def test_request_taken_back_before_it_comes_is_never_answered(self):
        self.attach()
        self.read(312)
        self.client.sendall(struct.pack(">IIIII", 2, 9, 0, 0, 0) + struct.pack(">I24x", 8))
        self.assertEqual(self.answer(), (4, 9, -errno.ECONNRESET, 0))
        self.submit(8, 0, 1, 18, struct.pack("<BBHHH", 0x80, 6, 0x0100, 0, 18))
        self.submit(10, 0, 1, 2, struct.pack("<BBHHH", 0x80, 0, 0, 0, 2))
        self.assertEqual(self.answer(), (3, 10, 0, 2))

    def test_unplugging_ends_the_connection(self):
        self.attach()
        self.read(312)
        self.server.unplug("1-2")
        self.assertRaises((EOFError, ConnectionError), self.read, 1)

    def test_garbage_ends_the_connection_only(self):
        chance = random.Random(3)
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as other:
                other.sendall(struct.pack(">HHI", 0x0111, 0x8003, 0) + b"1-2".ljust(32, b"\0") + chance.randbytes(300))
                # The server may have had enough already.
                with contextlib.suppress(OSError):
                    other.shutdown(socket.SHUT_WR)
                    while other.recv(4096):
                        pass
        self.assertEqual(self.attach(), 0)


class Pictures(unittest.TestCase):
    def test_counter_is_read_back(self):
        for count in (1, 77777, 0xFFFFF):
            frame = usbip_pictures.yuyv(320, 180, count)
            self.assertEqual(len(frame), 320 * 180 * 2)
            self.assertEqual(usbip_pictures.read_count(frame[-640::2]), count)

    def test_png_is_read_back_with_every_filter(self):
        shown = picture.Picture(16, 10, random.Random(1).randbytes(480))
        self.assertEqual(picture.read_png(shown.png()).pixels, shown.pixels)
        rows, above = b"", bytes(48)
        for y in range(10):
            row, kind = shown.pixels[y * 48 : y * 48 + 48], y % 5
            rows += bytes([kind]) + bytes((row[i] - _guess(kind, row, above, i)) & 255 for i in range(48))
            above = row
        plain = shown.png()
        start = plain.index(b"IDAT") - 4
        data = zlib.compress(rows)
        filtered = plain[:start] + struct.pack(">I4s", len(data), b"IDAT") + data + bytes(4)
        self.assertEqual(picture.read_png(filtered).pixels, shown.pixels)

    def test_difference(self):
        dark, light = picture.Picture(8, 8, bytes(192)), picture.Picture(8, 8, bytes([99]) * 192)
        self.assertEqual((dark.difference(dark, 1), dark.difference(light, 1), dark.colours()), (0, 1, 1))


def _guess(kind, row, above, i):
    left, over, corner = (row[i - 3], above[i], above[i - 3]) if i >= 3 else (0, above[i], 0)
    near = min((left, over, corner), key=lambda it: abs(left + over - corner - it))
    return (0, left, over, (left + over) // 2, near)[kind]


class Sound(unittest.TestCase):
    def test_tone_is_told_from_others(self):
        tone = sound.read_wav(sound.wav(sound.sine(440, 0.5)))
        self.assertGreater(sound.tone_share(tone, 440), 0.97)
        self.assertLess(sound.tone_share(tone, 1000), 0.02)
        self.assertEqual(sound.tone_share(array.array("h", bytes(9600)), 440), 0)


class Cache(unittest.TestCase):
    def test_interrupted_entry_is_made_anew_and_whole_one_is_kept(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            made = []

            def broken(path):
                path.write_text("half")
                raise KeyboardInterrupt

            def build(path):
                made.append(path)
                path.write_text("whole")

            self.assertRaises(KeyboardInterrupt, cache.entry, folder, "thing", ".x", "1", broken)
            for _ in range(2):
                self.assertEqual(cache.entry(folder, "thing", ".x", "1", build).read_text(), "whole")
            self.assertEqual(len(made), 1)
            cache.entry(folder, "thing", ".x", "2", build)
            self.assertEqual(sorted(path.name for path in folder.iterdir()), ["thing-1.x", "thing-2.x"])
            os.utime(folder / "thing-1.x", (0, 0))
            cache.entry(folder, "thing", ".x", "3", build)
            self.assertEqual(sorted(path.name for path in folder.iterdir()), ["thing-2.x", "thing-3.x"])


if __name__ == "__main__":
    unittest.main()
