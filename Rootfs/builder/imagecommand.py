"""Builds the image of a board: everything that is written to its card or disk, made of Debian's packages and the executable."""

import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

import cache
import debian
import disk
import firststage
import flash
import images
import kernel
import keys
import manifest
import root
import trouble
import verity

BOARDS = root.REPOSITORY / "Board"

_EPILOG = """
what it makes, in --out (default .build-image/BOARD):
  visiosalle-BOARD.img           the image; --compress makes visiosalle-BOARD.img.zst besides
  visiosalle-BOARD.img.blocks    its blocks that are not empty, with their digests
  visiosalle-BOARD.img.sha256
  visiosalle-BOARD.raucb         the same system as an update, signed
  visiosalle-BOARD.packages.tsv, visiosalle-BOARD.spdx.json    what is in it, with versions and licences

exit codes:
  0 done; 1 two builds differ; 64 usage; 66 a file is missing; 69 a program or package cannot be had; 70 a fault of the
  recipe; 73 cannot be written; 77 the device is not one to write to.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"image: {message}\n", file=sys.stderr)
        self.print_usage(sys.stderr)
        sys.exit(trouble.USAGE)


def _parser():
    known = sorted(path.parent.name for path in BOARDS.glob("*/image.toml"))
    parser = _Parser(prog="Scripts/image", description=__doc__, epilog=_EPILOG,
                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("board", choices=known, metavar="BOARD", help=", ".join(known))
    parser.add_argument("--config", type=pathlib.Path, metavar="FILE", help="visiosalle.toml for the installer's partition")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR", help="where the files go")
    parser.add_argument("--binary", type=pathlib.Path, metavar="FILE",
                        help="the executable; else that of Scripts/cross, built if it is missing")
    parser.add_argument("--keys", type=pathlib.Path, metavar="DIR",
                        help="keyring.pem, signer.cert.pem and signer.key.pem; else development keys, made when missing")
    parser.add_argument("--version", default=None, metavar="TEXT", help="the image's version; else that of the repository")
    parser.add_argument("--argument", action="append", metavar="TEXT", default=[],
                        help="another argument for the kernel, for instance systemd.journald.forward_to_console=1")
    parser.add_argument("--compress", action="store_true", help="makes the compressed image as well")
    parser.add_argument("--verify-reproducible", action="store_true", help="builds twice and compares every byte")
    parser.add_argument("--flash", metavar="DEVICE", help="writes the image to a card or disk, after building it")
    parser.add_argument("--refresh", action="store_true", help="asks Debian for newer packages")
    return parser


def main(arguments):
    """Runs the command; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _act(options)
    except trouble.Trouble as error:
        print(f"image: {error}", file=sys.stderr)
        return error.code


def _say(text):
    print(f"image: {text}", flush=True)


def facts_of(board):
    """The facts of a board's `image.toml`, with what holds for every board where it says nothing."""
    with open(BOARDS / board / "image.toml", "rb") as file:
        facts = tomllib.load(file)
    known = {
        "architecture", "arguments", "boot_megabytes", "root_megabytes", "early_modules", "modules", "load", "module_options",
        "started", "firmware_packages", "firmware",
    }
    unknown = set(facts) - known
    if unknown:
        raise trouble.Trouble(trouble.SOFTWARE, f"Board/{board}/image.toml: unknown keys {', '.join(sorted(unknown))}")
    return {
        "load": [], "module_options": [], "started": [], "firmware_packages": [], "firmware": [], **facts, "board": board,
    }


def _epoch():
    """The time of everything in the image: $SOURCE_DATE_EPOCH, else that of the repository's last commit."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told:
        return int(told)
    words = debian.run(["git", "-C", str(root.REPOSITORY), "log", "-1", "--format=%ct"], "reading the date of the last commit")
    return int(words.strip())


def _version(epoch):
    return time.strftime("%Y.%m.%d.%H%M", time.gmtime(epoch))


def _act(options):
    facts = facts_of(options.board)
    facts["arguments"] = " ".join([facts["arguments"], *options.argument])
    out = (options.out or root.REPOSITORY / ".build-image" / options.board).absolute()
    cache.make_folder(out)
    for path in filter(None, [options.config, options.binary]):
        if not path.is_file():
            raise trouble.Trouble(trouble.NO_INPUT, f"there is no file {path}")
    if options.flash:
        flash.check(options.flash)
    binary = options.binary or _cross(facts["architecture"])
    pair = keys.folder(options.keys, _say)
    epoch = _epoch()
    version = options.version or _version(epoch)
    begun = time.monotonic()
    recipe = _Recipe(facts, binary, pair, options.config, epoch, version, options.refresh)
    image = recipe.build(out)
    _say(f"{image} in {time.monotonic() - begun:.0f} s")
    if options.verify_reproducible:
        again = out / "again"
        _Recipe(facts, binary, pair, options.config, epoch, version, False).build(again)
        first, second = _digest(image), _digest(again / image.name)
        if first != second:
            print(f"image: {image} and {again / image.name} differ: {first}, {second}", file=sys.stderr)
            return 1
        shutil.rmtree(again)
        _say(f"two builds are equal: {first}")
    if options.compress:
        debian.run(["zstd", "-q", "-f", "-T0", "-12", str(image), "-o", f"{image}.zst"], "compressing the image")
        _say(f"{image}.zst: {_megabytes(pathlib.Path(f'{image}.zst'))}")
    if options.flash:
        flash.write(image, options.flash, _say)
    return 0


def _cross(architecture):
    binary = root.REPOSITORY / f".build-cross-{architecture}" / "visiosalle.stripped"
    if not binary.is_file():
        _say(f"Scripts/cross {architecture} builds the executable first (ten minutes and more)")
        if subprocess.run([str(root.REPOSITORY / "Scripts/cross"), architecture], check=False).returncode != 0:
            raise trouble.Trouble(trouble.UNAVAILABLE, "Scripts/cross failed; its message is above")
    return binary


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _megabytes(path):
    return f"{path.stat().st_size / 1e6:.1f} MB"


class _Recipe:
    def __init__(self, facts, binary, pair, config, epoch, version, is_fresh):
        self.facts = facts
        self.binary = binary
        self.keys = pair
        self.config = config
        self.epoch = epoch
        self.version = version
        self.is_fresh = is_fresh

    def build(self, out):
        """Builds everything into `out`; the path of the image."""
        facts, epoch = self.facts, self.epoch
        architecture = facts["architecture"]
        store = cache.make_folder(cache.folder() / architecture)
        cache.make_folder(out)
        suite = debian.Suite(store / f"apt-{images.SUITE}", images.SUITE, architecture)
        grub = f"grub-efi-{architecture}-unsigned"
        with cache.locked(store):
            if self.is_fresh:
                suite.update()
            linux = self._kernel(store)
            archives = suite.fetch(root.SYSTEM + images.LIBRARIES + root.TOOLS + [grub])
            firmware = self._firmware(store)
        with tempfile.TemporaryDirectory(prefix="visiosalle-image-", dir=out) as name:
            folder = pathlib.Path(name)
            tools = folder / "tools"
            tools.mkdir()
            for link in ("bin", "sbin", "lib", "lib64"):
                (tools / "usr" / link).mkdir(parents=True)
                (tools / link).symlink_to(f"usr/{link}")
            debian.unpack([*archives, *firmware], tools)
            packages = sorted((manifest.describe(path, tools) for path in [*archives, *firmware]), key=lambda facts: facts["Package"])
            tree = folder / "root"
            tree.mkdir()
            keyring = self.keys / "keyring.pem"
            root.build(tree, tools, archives, facts, linux, self.binary, keyring, self.version, epoch)
            rootfs, first, boot = folder / "rootfs.img", folder / "initrd", folder / "boot.img"
            firststage.build(first, tools, linux, facts)
            root.pack(tree, rootfs, epoch)
            size = rootfs.stat().st_size
            blocks, digest, salt = verity.append(rootfs)
            arguments = f"{facts['arguments']} visiosalle.verity={blocks},{digest},{salt} ro"
            disk.boot_image(boot, folder, linux.image, first, arguments, epoch)
            loader = tools / f"usr/lib/grub/{_GRUB[architecture][0]}/monolithic/{_GRUB[architecture][1]}"
            boot_files = {
                f"EFI/BOOT/{_GRUB[architecture][2]}": loader, "EFI/debian/grub.cfg": disk.BOOT / "grub.cfg",
                "EFI/debian/grubenv": disk.grub_environment(),
            }
            settings = {"LISEZMOI.txt": (disk.BOOT / "LISEZMOI.txt").read_text().replace("\n", "\r\n").encode()}
            if self.config:
                settings["visiosalle.toml"] = self.config
            image = out / f"visiosalle-{facts['board']}.img"
            partial = image.with_suffix(".partial")
            disk.write(partial, folder, facts, boot, rootfs, boot_files, settings, epoch)
            os.replace(partial, image)
            keys.bundle(out / f"visiosalle-{facts['board']}.raucb", folder, facts, rootfs, boot, self.keys, self.version)
            _say(f"root file system {size / 1e6:.1f} MB, first file system {_megabytes(first)}, "
                 f"kernel {_megabytes(linux.image)}, its partition's contents {_megabytes(boot)}")
        stem = f"visiosalle-{facts['board']}"
        (out / f"{stem}.packages.tsv").write_text(manifest.table(packages))
        (out / f"{stem}.spdx.json").write_text(manifest.spdx(stem, self.version, epoch, packages))
        (out / f"{image.name}.blocks").write_text(disk.block_map(image))
        (out / f"{image.name}.sha256").write_text(f"{_digest(image)}  {image.name}\n")
        return image

    def _firmware(self, store):
        """The archives with the firmware of the board's devices; most of it is not free, and the manifest says so."""
        wanted = self.facts["firmware_packages"]
        if not wanted:
            return []
        suite = debian.Suite(
            store / f"apt-{images.SUITE}-firmware", images.SUITE, self.facts["architecture"], "main non-free-firmware")
        return [path for path in suite.fetch(wanted) if path.name.split("_")[0] in wanted]

    def _kernel(self, store):
        architecture = self.facts["architecture"]

        def build(partial):
            _say(f"kernel: from Debian {kernel.SUITE} (140 MB to fetch the first time)")
            kernel.build(partial, debian.Suite(store / f"apt-{kernel.SUITE}", kernel.SUITE, architecture), architecture)

        return kernel.Kernel(cache.entry(store, "kernel", "", cache.fingerprint(kernel.SUITE), build))


# Of an architecture: GRUB's name for it, the file of the package, where firmware looks for it.
_GRUB = {"amd64": ("x86_64-efi", "grubx64.efi", "BOOTX64.EFI"), "arm64": ("arm64-efi", "grubaa64.efi", "BOOTAA64.EFI")}
