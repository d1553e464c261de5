"""A GUID partition table (UEFI 2.10, chapter 5), written without a disk to write it to; the same input gives the same bytes."""

import struct
import uuid
import zlib

SECTOR = 512
_ENTRIES = 128
_ENTRY_BYTES = 128
_TABLE_SECTORS = _ENTRIES * _ENTRY_BYTES // SECTOR
ALIGNMENT = 1 << 20

TYPES = {
    "esp": uuid.UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b"),
    "basic": uuid.UUID("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"),   # the only type that Windows gives a drive letter
    "linux": uuid.UUID("0fc63daf-8483-4772-8e79-3d69d8477de4"),
}
_NAMESPACE = uuid.UUID("5f1c9f0e-6b1e-4a8e-9d55-0d2f1f1f6a77")


class Partition:
    """One partition: its name, type and place in bytes."""

    def __init__(self, name, kind, first, size):
        self.name = name
        self.kind = kind
        self.first = first
        self.size = size


def lay_out(wanted, first=ALIGNMENT):
    """Places `(name, kind, bytes)` one behind the other on whole megabytes; the partitions, and the disk's size."""
    place = first
    partitions = []
    for name, kind, size in wanted:
        size = -(-size // ALIGNMENT) * ALIGNMENT
        partitions.append(Partition(name, kind, place, size))
        place += size
    return partitions, place + ALIGNMENT


def write(disk, size, partitions, seed):
    """Writes protective MBR, table and backup table into an open file of `size` bytes."""
    sectors = size // SECTOR
    entries = bytearray()
    for partition in partitions:
        identity = uuid.uuid5(_NAMESPACE, f"{seed} {partition.name}")
        name = partition.name.encode("utf-16-le")
        if len(name) > 72:
            raise ValueError(f"the partition's name is too long: {partition.name}")
        first = partition.first // SECTOR
        entries += struct.pack(
            "<16s16sQQQ72s", TYPES[partition.kind].bytes_le, identity.bytes_le, first,
            first + partition.size // SECTOR - 1, 0, name,
        )
    entries += bytes(_ENTRIES * _ENTRY_BYTES - len(entries))
    disk_identity = uuid.uuid5(_NAMESPACE, seed)

    def header(own, other, table):
        fields = [
            b"EFI PART", 0x10000, 92, 0, 0, own, other, 2 + _TABLE_SECTORS, sectors - 2 - _TABLE_SECTORS,
            disk_identity.bytes_le, table, _ENTRIES, _ENTRY_BYTES, zlib.crc32(entries),
        ]
        form = "<8sIIIIQQQQ16sQIII"
        fields[3] = zlib.crc32(struct.pack(form, *fields))
        return struct.pack(form, *fields).ljust(SECTOR, b"\0")

    protective = struct.pack("<446xB3sB3sII48xH", 0, b"\0\2\0", 0xEE, b"\xff\xff\xff", 1, min(sectors - 1, 0xFFFFFFFF), 0xAA55)
    disk.seek(0)
    disk.write(protective + header(1, sectors - 1, 2) + entries)
    disk.seek((sectors - 1 - _TABLE_SECTORS) * SECTOR)
    disk.write(entries + header(sectors - 1, 1, sectors - 1 - _TABLE_SECTORS))
