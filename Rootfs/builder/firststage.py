"""The first file system of an image: `Rootfs/initramfs/init`, the programs that it calls, the modules that reach the disk."""

import pathlib
import re
import subprocess

import debian
import filesystem
import trouble

_INIT = pathlib.Path(__file__).resolve().parents[1] / "initramfs/init"

PROGRAMS = {
    "busybox": "usr/bin/busybox", "dmsetup": "usr/sbin/dmsetup", "e2fsck": "usr/sbin/e2fsck", "mke2fs": "usr/sbin/mke2fs",
    "resize2fs": "usr/sbin/resize2fs", "sfdisk": "usr/sbin/sfdisk",
}


def libraries(tree, programs):
    """The shared libraries that programs of a tree need, found in the tree itself; so for any architecture."""
    folders = [*tree.glob("usr/lib/*-linux-gnu"), *tree.glob("usr/lib/*-linux-gnu/systemd"), *tree.glob("usr/lib/*-linux-gnu/nss"), tree / "usr/lib64", tree / "usr/lib"]
    found = {}
    queue = list(programs)
    while queue:
        words = subprocess.run(
            ["readelf", "--dynamic", "--program-headers", "--wide", str(queue.pop())], stdout=subprocess.PIPE, text=True, check=True
        ).stdout
        names = re.findall(r"\(NEEDED\).*\[(.*)\]", words)
        loader = re.search(r"program interpreter: (\S+)\]", words)
        if loader:
            names.append(loader.group(1).rpartition("/")[2])
        for name in names:
            if name in found:
                continue
            place = next((folder / name for folder in folders if (folder / name).exists()), None)
            if place is None:
                raise trouble.Trouble(trouble.UNAVAILABLE, f"no library {name} in the packages of the image")
            found[name] = place
            queue.append(place)
    return found


def build(path, tools, linux, facts):
    """Writes the archive; `tools` is a folder with the packages of the programs unpacked."""
    archive = filesystem.Archive()
    for name in ("bin", "sbin", "usr", "usr/bin", "usr/sbin", "lib", "lib64", "dev", "etc", "mnt", "modules", "proc",
                 "root", "run", "sys", "tmp"):
        archive.add_folder(name)
    archive.add_file("init", _INIT.read_bytes(), 0o755)
    programs = {name: tools / place for name, place in PROGRAMS.items()}
    for name, place in sorted(programs.items()):
        archive.add_file(f"{'bin' if name == 'busybox' else 'sbin'}/{name}", place.read_bytes(), 0o755)
    for name, place in sorted(libraries(tools, [p for n, p in programs.items() if n != "busybox"]).items()):
        folder = "lib64" if name.startswith("ld-linux-x86-64") else "lib"
        archive.add_file(f"{folder}/{name}", place.read_bytes(), 0o755)
    archive.add_file("etc/mke2fs.conf", (tools / "etc/mke2fs.conf").read_bytes())
    names = linux.order(facts["early_modules"])
    folder = tools.parent / "early"
    linux.install(names, folder)
    for module in sorted(folder.iterdir()):
        archive.add_file(f"modules/{module.name}", module.read_bytes())
    plain = path.with_suffix(".gz")
    archive.write(plain)
    debian.run(["sh", "-c", 'gzip -dc "$1" | zstd -q -19 -T1 > "$2"', "sh", str(plain), str(path)], "packing the first file system")
    plain.unlink()
