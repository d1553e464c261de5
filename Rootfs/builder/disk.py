"""The image as it is written to a medium: boot partition, the installer's partition, two slots, the data partition."""

import hashlib
import os
import pathlib
import shutil

import debian
import gpt
import root
import trouble

MEGABYTE = 1 << 20
BOOT = root.ROOTFS / "boot"
GRUB_ENVIRONMENT = "ORDER=A B\nA_OK=1\nA_TRY=0\nB_OK=0\nB_TRY=0\n"


def grub_environment(text=GRUB_ENVIRONMENT):
    """GRUB's environment block: 1024 bytes, filled up with `#`."""
    return ("# GRUB Environment Block\n" + text).encode().ljust(1024, b"#")


def boot_image(image, folder, linux_image, first, arguments, epoch):
    """The partition of a slot's kernel: squashfs as GRUB reads it, the kernel, the first file system, their arguments."""
    place = folder / "slot"
    place.mkdir()
    shutil.copy(linux_image, place / "linux")
    shutil.copy(first, place / "initrd")
    (place / "slot.cfg").write_text(f'set arguments="{arguments}"\n')
    compression = ["-comp", "gzip"]
    debian.run(
        ["mksquashfs", str(place), str(image), "-noappend", "-all-root", *compression, "-no-xattrs", "-no-exports", "-quiet",
         "-no-progress", "-mkfs-time", str(epoch), "-all-time", str(epoch)],
        "packing the kernel",
        env={key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"},
    )


def _fat(image, label, size, identity, files, epoch):
    """A FAT file system with `{path: bytes or Path}`."""
    with open(image, "wb") as output:
        output.truncate(size)
    environment = {
        **os.environ, "SOURCE_DATE_EPOCH": str(epoch), "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1",
        "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin",
    }
    debian.run(["mkfs.vfat", "--invariant", "-i", identity, "-n", label, str(image)], f"making {label}", env=environment)
    folders = sorted({str(parent) for name in files for parent in pathlib.PurePosixPath(name).parents if str(parent) != "."})
    for folder in folders:
        debian.run(["mmd", "-i", str(image), f"::{folder}"], f"filling {label}", env=environment)
    for name, content in sorted(files.items()):
        source = image.parent / "fat-file"
        source.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        os.utime(source, (epoch, epoch))
        debian.run(["mcopy", "-m", "-i", str(image), str(source), f"::{name}"], f"filling {label}", env=environment)
        source.unlink()


def write(path, folder, facts, boot, rootfs, boot_files, settings, epoch):
    """Writes the disk image. Slot B is empty: its first contents are the first update."""
    esp, installer = folder / "esp.fat", folder / "settings.fat"
    _fat(esp, "BOOT", 48 * MEGABYTE, "56530001", boot_files, epoch)
    _fat(installer, "VISIOSALLE", 32 * MEGABYTE, "56530002", settings, epoch)
    for name, image, size in (("kernel", boot, facts["boot_megabytes"]), ("root file system", rootfs, facts["root_megabytes"])):
        if image.stat().st_size > size * MEGABYTE:
            raise trouble.Trouble(trouble.SOFTWARE, f"the {name} is larger than its partition of {size} MB")
    boot_size, root_size = facts["boot_megabytes"] * MEGABYTE, facts["root_megabytes"] * MEGABYTE
    partitions, size = gpt.lay_out([
        ("boot", "esp", 48 * MEGABYTE), ("visiosalle", "basic", 32 * MEGABYTE),
        ("boot-a", "linux", boot_size), ("root-a", "linux", root_size),
        ("boot-b", "linux", boot_size), ("root-b", "linux", root_size), ("data", "linux", 64 * MEGABYTE),
    ])
    contents = {"boot": esp, "visiosalle": installer, "boot-a": boot, "root-a": rootfs}
    with open(path, "wb") as disk:
        disk.truncate(size)
        for partition in partitions:
            if partition.name in contents:
                _copy(contents[partition.name], disk, partition.first)
        gpt.write(disk, size, partitions, f"visiosalle-{facts['board']}")
    return size


def _copy(source, disk, place):
    """Copies what is not zero: the image stays a file with holes."""
    with open(source, "rb") as data:
        while block := data.read(MEGABYTE):
            if block.count(0) != len(block):
                disk.seek(place)
                disk.write(block)
            place += len(block)


BLOCK = 4 * MEGABYTE


def block_map(path):
    """The blocks of the image that are not empty: `offset length sha256`, for a writer that skips the others."""
    lines = [f"# {path.name} {path.stat().st_size} bytes; offset, length, SHA-256 of every block that is not empty"]
    with open(path, "rb") as disk:
        place = 0
        while block := disk.read(BLOCK):
            if block.count(0) != len(block):
                lines.append(f"{place} {len(block)} {hashlib.sha256(block).hexdigest()}")
            place += len(block)
    return "\n".join(lines) + "\n"
