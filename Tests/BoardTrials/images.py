"""What a board starts from: Debian's kernel, a root file system of unpacked packages, a small first file system."""

import dataclasses
import pathlib
import tempfile

import cache
import debian
import filesystem
import kernel

SUITE = "trixie"
GUEST = pathlib.Path(__file__).parent / "guest"

# Names of the architecture: ours, Debian's.
ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}

# The programs of the trials.
PROGRAMS = [
    "base-files", "netbase", "busybox-static", "dash", "bash", "coreutils", "kmod", "libdrm-tests", "v4l-utils",
    "alsa-utils", "gpiod", "cec-utils", "iproute2", "curl", "usbip", "strace", "procps",
]

# What the product needs while it runs. Pango and Cairo bring FreeType.
LIBRARIES = [
    "libc6", "libstdc++6", "libopus0", "libvpx9", "libsrtp2-1", "libusrsctp2", "libyuv0", "libturbojpeg0",
    "libcairo2", "libpango-1.0-0", "libpangocairo-1.0-0", "libpangoft2-1.0-0", "fontconfig", "fonts-noto-core",
    "fonts-dejavu-core", "libgpiod3", "libasound2t64", "libv4l-0t64", "libdrm2", "libspeexdsp1", "libwebrtc-audio-processing-1-3",
    "libwebrtc-audio-processing-1-3", "libssl3t64", "libqrcodegen1", "libudev1", "ca-certificates", "tzdata",
]

# Unpacked, but of no use on the board.
USELESS = [
    "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian", "usr/share/bug",
    "usr/share/perl", "usr/share/perl5", "var/cache", "var/lib/apt", "usr/sbin/usbipd",
]

# Fontconfig reads every font at its first start, and under emulation all of Noto takes minutes: this is what remains.
FONTS = "usr/share/fonts/truetype/noto"
KEPT_FONTS = ["NotoSans-Regular", "NotoSans-Bold", "NotoSans-Medium", "NotoSans-SemiBold", "NotoSans-Italic"]

# Free room in the root file system, for what a trial writes.
SPARE_BYTES = 192 << 20


@dataclasses.dataclass
class Images:
    """Paths of what QEMU starts."""

    architecture: str
    kernel: pathlib.Path
    first: pathlib.Path
    root: pathlib.Path


def prepare(architecture, say, is_fresh=False):
    """The board's images, made as far as they are missing. `is_fresh` asks Debian again for all of them."""
    debian_name = ARCHITECTURES[architecture]
    folder = cache.make_folder(cache.folder() / debian_name)
    packages = debian.Suite(folder / f"apt-{SUITE}", SUITE, debian_name)

    def build_kernel(partial):
        say(f"kernel for {architecture}: from Debian {kernel.SUITE} (140 MB to fetch the first time)")
        kernel.build(partial, debian.Suite(folder / f"apt-{kernel.SUITE}", kernel.SUITE, debian_name), debian_name)

    def build_root(partial):
        say(f"root file system for {architecture}: packages of Debian {SUITE} (140 MB to fetch the first time)")
        archives = packages.fetch(PROGRAMS + LIBRARIES)
        with tempfile.TemporaryDirectory(dir=folder, prefix="tree-") as name:
            tree = pathlib.Path(name)
            _unpack_root(tree, archives)
            linux.install(modules, tree / "usr/lib/modules" / linux.version)
            filesystem.make_ext4(partial, tree, SPARE_BYTES)

    def build_first(partial):
        archives = [path for path in packages.fetch(["busybox-static"]) if path.name.startswith("busybox-static_")]
        with tempfile.TemporaryDirectory(dir=folder, prefix="tree-") as name:
            tree = pathlib.Path(name)
            debian.unpack(archives, tree)
            linux.install(early, tree / "modules")
            _write_first(partial, tree)

    with cache.locked(folder):
        for leftover in folder.glob("tree-*"):
            cache.remove(leftover)
        if is_fresh:
            for old in (*folder.glob("kernel-*"), *folder.glob("root-*"), *folder.glob("apt-*/lists")):
                cache.remove(old)
        linux = kernel.Kernel(cache.entry(folder, "kernel", "", cache.fingerprint(kernel.SUITE), build_kernel))
        early = linux.order(kernel.EARLY)
        modules = [module for module in linux.order(kernel.DEVICES) if module not in early]
        recipe = cache.fingerprint(
            SUITE, linux.version, PROGRAMS, LIBRARIES, USELESS, KEPT_FONTS, modules, kernel.PARAMETERS, SPARE_BYTES
        )
        root = cache.entry(folder, "root", ".ext4", recipe, build_root)
        scripts = [path.read_bytes() for path in sorted(GUEST.iterdir())]
        mark = cache.fingerprint(linux.version, early, *scripts)
        first = cache.entry(folder, "first", ".cpio.gz", mark, build_first)
    return Images(architecture, linux.image, first, root)


def _unpack_root(tree, archives):
    # Debian's folders are one since trixie; unpacking follows these links.
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    debian.unpack(archives, tree)
    for name in USELESS:
        cache.remove(tree / name)
    for font in (tree / FONTS).iterdir():
        if font.stem not in KEPT_FONTS:
            font.unlink()
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "mnt", "payload", "var/cache", "var/lib"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    etc = tree / "etc"
    certificates = sorted((tree / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    (etc / "ssl/certs").mkdir(parents=True, exist_ok=True)
    (etc / "ssl/certs/ca-certificates.crt").write_text("".join(path.read_text() for path in certificates))
    (etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (etc / "group").write_text("root:x:0:\naudio:x:29:\nvideo:x:44:\n")
    (etc / "hostname").write_text("kiosk\n")
    (etc / "hosts").write_text("127.0.0.1 localhost kiosk\n::1 localhost\n")
    (etc / "machine-id").write_text("00000000000000000000000000000001\n")
    # usbip names what it attaches; without the list of names it would warn.
    (tree / "usr/share/misc").mkdir(parents=True, exist_ok=True)
    (tree / "usr/share/misc/usb.ids").touch()


def _write_first(path, tree):
    archive = filesystem.Archive()
    for name in ("bin", "board", "dev", "modules", "mnt", "proc", "root", "sys"):
        archive.add_folder(name)
    archive.add_file("bin/busybox", (tree / "usr/bin/busybox").read_bytes(), 0o755)
    archive.add_file("init", (GUEST / "first").read_bytes(), 0o755)
    for script in sorted(GUEST.iterdir()):
        if script.name != "first":
            archive.add_file(f"board/{script.name}", script.read_bytes(), 0o755)
    for module in sorted((tree / "modules").iterdir()):
        archive.add_file(f"modules/{module.name}", module.read_bytes())
    archive.write(path)
