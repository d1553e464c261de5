"""Tests of the image's builder that need no packages: python3 -B -m unittest discover -s Tests/BoardTrials"""

import hashlib
import io
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Rootfs" / "builder"))

import accounts  # noqa: E402
import disk  # noqa: E402
import flash  # noqa: E402
import gpt  # noqa: E402
import imagecommand  # noqa: E402
import manifest  # noqa: E402
import trouble  # noqa: E402
import verity  # noqa: E402


class Table(unittest.TestCase):
    def test_headers_and_entries_are_sound(self):
        partitions, size = gpt.lay_out([("boot", "esp", 3 << 20), ("data", "linux", 1)])
        written = io.BytesIO(bytes(size))
        gpt.write(written, size, partitions, "seed")
        data = written.getvalue()
        self.assertEqual(data[510:512], b"\x55\xaa")
        for place in (512, size - 512):
            header = data[place : place + 92]
            self.assertEqual(header[:8], b"EFI PART")
            crc = struct.unpack_from("<I", header, 16)[0]
            self.assertEqual(zlib.crc32(header[:16] + bytes(4) + header[20:]), crc)
            table = struct.unpack_from("<Q", header, 72)[0] * 512
            self.assertEqual(zlib.crc32(data[table : table + 128 * 128]), struct.unpack_from("<I", header, 88)[0])
        first, last = struct.unpack_from("<QQ", data, 1024 + 128 + 32)
        self.assertEqual((first * 512, (last + 1) * 512), (4 << 20, 5 << 20))


class HashTree(unittest.TestCase):
    def test_one_bit_changes_the_root(self):
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "data"
            contents = bytes(range(256)) * 4096
            path.write_bytes(contents)
            blocks, root, salt = verity.append(path)
            self.assertEqual(blocks, 256)
            data = path.read_bytes()
            self.assertEqual(data[: len(contents)], contents)
            # The top of the tree is first; below it the digests of the data's blocks.
            top = data[blocks * 4096 : (blocks + 1) * 4096]
            self.assertEqual(hashlib.sha256(bytes.fromhex(salt) + top).hexdigest(), root)
            level = data[(blocks + 1) * 4096 :]
            self.assertEqual(level[:32], hashlib.sha256(bytes.fromhex(salt) + contents[:4096]).digest())
            self.assertEqual(top[:32], hashlib.sha256(bytes.fromhex(salt) + level[:4096]).digest())

    @unittest.skipUnless(shutil.which("veritysetup", path="/usr/sbin:/sbin:/usr/bin"), "veritysetup is not installed")
    def test_veritysetup_agrees(self):
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "data"
            path.write_bytes(bytes(range(256)) * 16 * 300)
            blocks, root, salt = verity.append(path)
            command = shutil.which("veritysetup", path="/usr/sbin:/sbin:/usr/bin")
            done = subprocess.run(
                [command, "verify", "--no-superblock", f"--data-blocks={blocks}", f"--hash-offset={blocks * 4096}",
                 f"--salt={salt}", str(path), str(path), root], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)


class Flash(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        devices = self.folder / "devices"
        for place in ("sda/sda1", "sdb/sdb1"):
            (devices / place / "holders").mkdir(parents=True)
            (devices / place / "partition").write_text("1\n")
        self.block = self.folder / "block"
        self.block.mkdir()
        for place in ("sda", "sda/sda1", "sdb", "sdb/sdb1"):
            (self.block / place.rpartition("/")[2]).symlink_to(devices / place)
        self.mounts = self.folder / "mounts"
        self.swaps = self.folder / "swaps"
        self.mounts.write_text("/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw 0 0\n")
        self.swaps.write_text("Filename Type Size Used Priority\n")

    def uses(self, name):
        return flash.uses(name, self.block, self.mounts, self.swaps)

    def test_a_mounted_partition_refuses_the_disk(self):
        self.assertEqual(self.uses("sda"), ["/dev/sda1 is mounted on /"])
        self.assertEqual(self.uses("sdb"), [])

    def test_swap_and_holders_refuse_it_too(self):
        self.swaps.write_text("Filename Type Size Used Priority\n/dev/sdb1 partition 1 0 -2\n")
        self.assertEqual(self.uses("sdb"), ["/dev/sdb1 is swap space"])
        self.swaps.write_text("Filename\n")
        (self.block / "sdb1" / "holders" / "dm-0").touch()
        self.assertEqual(self.uses("sdb"), ["sdb1 belongs to dm-0"])

    def test_a_file_is_not_a_disk(self):
        with self.assertRaises(trouble.Trouble) as caught:
            flash.check(str(self.mounts))
        self.assertEqual(caught.exception.code, 77)


class Recipes(unittest.TestCase):
    def test_facts_of_every_board(self):
        boards = [path.parent.name for path in imagecommand.BOARDS.glob("*/image.toml")]
        self.assertIn("virtual-x86_64", boards)
        for board in boards:
            facts = imagecommand.facts_of(board)
            self.assertIn(facts["architecture"], ("amd64", "arm64"))
            self.assertLessEqual({"dm_verity", "squashfs", "ext4", "vfat"}, set(facts["early_modules"]))
            self.assertNotIn("visiosalle.", facts["arguments"])

    def test_grub_environment_is_a_block(self):
        block = disk.grub_environment()
        self.assertEqual(len(block), 1024)
        self.assertTrue(block.startswith(b"# GRUB Environment Block\nORDER=A B\n"))

    def test_accounts_have_fixed_numbers_and_no_shell(self):
        with tempfile.TemporaryDirectory() as name:
            tree = pathlib.Path(name)
            (tree / "etc").mkdir()
            (tree / "usr/lib/sysusers.d").mkdir(parents=True)
            shutil.copy(accounts.__file__.replace("builder/accounts.py", "usr/lib/sysusers.d/visiosalle.conf"), tree / "usr/lib/sysusers.d")
            accounts.make(tree)
            self.assertIn("visiosalle:x:989:989:Visiosalle:/var/lib/visiosalle:/usr/sbin/nologin", (tree / "etc/passwd").read_text())
            self.assertNotIn("/sh\n", (tree / "etc/passwd").read_text())
            (tree / "usr/lib/sysusers.d/other.conf").write_text("u nobody-knows-me - -\n")
            with self.assertRaises(trouble.Trouble):
                accounts.make(tree)

    def test_spdx_names_every_package(self):
        facts = {"Package": "libc6", "Version": "2.41-1", "Architecture": "amd64", "Licences": ["LGPL-2.1+"], "Sha256": "00",
                 "File": "libc6_2.41-1_amd64.deb", "Section": "libs"}
        document = json.loads(manifest.spdx("image", "1", 0, [facts]))
        self.assertEqual(document["spdxVersion"], "SPDX-2.3")
        self.assertEqual([entry["name"] for entry in document["packages"]], ["image", "libc6"])
        self.assertEqual(manifest.spdx("image", "1", 0, [facts]), manifest.spdx("image", "1", 0, [facts]))
        self.assertIn("libc6\t2.41-1\tmain\tLGPL-2.1+", manifest.table([facts]))
        self.assertIn("non-free-firmware", manifest.table([{**facts, "Section": "non-free-firmware/kernel"}]))


if __name__ == "__main__":
    unittest.main()
