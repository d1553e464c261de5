"""File systems made from folders by an ordinary user: ext4 by mke2fs, and the cpio archive that a kernel unpacks."""

import gzip
import os
import stat

import debian


def bytes_in(folder):
    """About what the files of a folder take on a disk of 4 KiB blocks."""
    total = 0
    for base, folders, files in os.walk(folder):
        for name in (*folders, *files):
            total += (os.lstat(os.path.join(base, name)).st_size + 4095) // 4096 * 4096 + 256
    return total


def make_ext4(image, folder, spare=0):
    """Writes an ext4 image that holds a folder's files, all owned by root, with `spare` bytes free."""
    megabytes = (bytes_in(folder) * 21 // 20 + spare >> 20) + 8
    debian.run(
        ["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-E", "root_owner=0:0", "-d", str(folder),
         str(image), f"{megabytes}M"],
        f"making {image.name}", env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"},
    )


class Archive:
    """A cpio archive in the "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self):
        self._data = bytearray()
        self._count = 0

    def _add(self, name, mode, content):
        encoded = name.encode() + b"\0"
        self._count += 1
        fields = (self._count, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0)
        self._data += b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        self._pad()
        self._data += content
        self._pad()

    def _pad(self):
        self._data += bytes(-len(self._data) % 4)

    def add_folder(self, name):
        """Adds an empty folder; those above it come first."""
        self._add(name, stat.S_IFDIR | 0o755, b"")

    def add_file(self, name, content, mode=0o644):
        """Adds a file."""
        self._add(name, stat.S_IFREG | mode, content)

    def write(self, path):
        """Ends the archive and writes it compressed."""
        self._add("TRAILER!!!", 0, b"")
        path.write_bytes(gzip.compress(bytes(self._data), 1))
