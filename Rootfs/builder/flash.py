"""Writing an image to a card or disk, and refusing to write to one that is in use or that runs this computer."""

import os
import pathlib
import re
import stat

import trouble

_BLOCK = 4 << 20


def whole_disk(node, block=pathlib.Path("/sys/class/block")):
    """The name of the disk that a device belongs to, below /sys/class/block."""
    place = (block / pathlib.Path(node).name).resolve()
    return place.parent.name if (place / "partition").exists() else place.name


def uses(disk, block=pathlib.Path("/sys/class/block"), mounts=pathlib.Path("/proc/self/mounts"), swaps=pathlib.Path("/proc/swaps")):
    """Why a disk must not be written to: mounted, swapped to, or below another device; an empty list when it may."""
    found = []
    known = {path.name for path in block.iterdir()}
    for line in mounts.read_text().splitlines():
        source, place = line.split()[:2]
        name = os.path.basename(os.path.realpath(source)) if source.startswith("/dev/") else ""
        if name in known and whole_disk(name, block) == disk:
            found.append(f"{source} is mounted on {place}")
    for line in swaps.read_text().splitlines()[1:]:
        name = os.path.basename(line.split()[0])
        if name in known and whole_disk(name, block) == disk:
            found.append(f"{line.split()[0]} is swap space")
    for name in sorted(known):
        if whole_disk(name, block) == disk and (block / name / "holders").is_dir():
            for holder in (block / name / "holders").iterdir():
                found.append(f"{name} belongs to {holder.name}")
    return found


def check(device):
    """Refuses, with the reason, a device that is not a whole and unused disk."""
    path = pathlib.Path(device)
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise trouble.Trouble(trouble.NO_INPUT, f"{device}: {error.strerror}") from error
    if not stat.S_ISBLK(mode):
        raise trouble.Trouble(77, f"{device} is not a disk; lsblk lists those of this computer")
    name = os.path.basename(os.path.realpath(path))
    disk = whole_disk(name)
    if disk != name:
        raise trouble.Trouble(77, f"{device} is a part of the disk {disk}; the image is for a whole one: /dev/{disk}")
    if re.match(r"(loop|ram|dm-|md|zram)", name):
        raise trouble.Trouble(77, f"{device} is not a medium that a board could start from")
    found = uses(disk)
    if found:
        raise trouble.Trouble(77, f"{device} is in use: {'; '.join(found)}. Unmount it first, or take another")


def write(image, device, say):
    """Writes the blocks of the image that are not empty, and reads all of them back."""
    check(device)
    with open(image, "rb") as source:
        size = os.fstat(source.fileno()).st_size
        # Exclusive: the kernel refuses what is mounted meanwhile.
        descriptor = os.open(device, os.O_RDWR | os.O_EXCL | os.O_SYNC)
        try:
            room = os.lseek(descriptor, 0, os.SEEK_END)
            if room < size:
                raise trouble.Trouble(77, f"{device} has room for {room >> 20} MB, the image needs {size >> 20}")
            # The end first: what is left there of an older table would be believed.
            os.pwrite(descriptor, bytes(1 << 20), room - (1 << 20))
            written = []
            place = 0
            while block := source.read(_BLOCK):
                # Below the first boot's data there must be nothing old either, or it would be taken for a file system.
                if block.count(0) != len(block) or place + len(block) >= size - (65 << 20):
                    os.pwrite(descriptor, block, place)
                    written.append(place)
                place += len(block)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            for place in written:
                source.seek(place)
                expected = source.read(_BLOCK)
                if os.pread(descriptor, len(expected), place) != expected:
                    raise trouble.Trouble(trouble.CANNOT_CREATE, f"{device} gives back other bytes at {place}: the medium is faulty")
        finally:
            os.close(descriptor)
    say(f"written to {device} and read back; it can be taken out")
