"""Debian's kernel for the board: its image, and the modules that the board needs, in the order to load them."""

import lzma
import pathlib
import re
import shutil

import debian
import trouble

# Only from 7.x on does Debian's kernel carry gpio-sim, without which there are neither buttons nor lamps.
SUITE = "sid"

# What reaches the root file system.
EARLY = ["virtio_pci", "virtio_blk", "ext4"]

# The board's devices. Those that a softdep or an alias would bring on a machine with udev are named as well.
DEVICES = [
    "virtio_console", "virtio_net", "virtio_gpu", "virtio_rng", "vivid", "snd_aloop", "gpio_sim", "i6300esb",
    "vhci_hcd", "uvcvideo", "snd_usb_audio", "usbhid", "hid_generic", "evdev", "uinput", "uhid", "sch_netem", "ifb",
]

# Loaded with these parameters. vivid: one webcam input and one HDMI input with CEC on the first node, one HDMI output
# with CEC on the second. snd-aloop: its own card number, after which USB cards follow.
PARAMETERS = {
    "vivid": "n_devs=1 node_types=0x101 num_inputs=2 input_types=0x0c num_outputs=1 output_types=0x1",
    "snd_aloop": "index=0 id=Loopback pcm_substreams=2",
}


class Kernel:
    """An unpacked kernel: `vmlinuz`, and the tree of its modules."""

    def __init__(self, root):
        trees = list((root / "usr/lib/modules").glob("*"))
        if len(trees) != 1:
            raise trouble.Trouble(trouble.SOFTWARE, f"{root} holds {len(trees)} kernels, not one")
        self.tree = trees[0]
        self.version = self.tree.name
        self.image = self.tree / "vmlinuz"
        files = [*self.tree.rglob("*.ko"), *self.tree.rglob("*.ko.xz")]
        self._files = {_name(path): path for path in files}
        self._built_in = {_name(pathlib.Path(line)) for line in (self.tree / "modules.builtin").read_text().split()}
        self._read = {}

    def _module(self, name):
        """The uncompressed bytes of a module, and the names of those that it depends on."""
        if name not in self._read:
            path = self._files[name]
            data = path.read_bytes()
            if path.suffix == ".xz":
                data = lzma.decompress(data)
            found = re.search(rb"\0depends=([^\0]*)\0", data)
            depends = found.group(1).decode().replace("-", "_").split(",") if found else []
            self._read[name] = (data, [other for other in depends if other])
        return self._read[name]

    def order(self, wanted):
        """The modules to load for `wanted`, each after all that it depends on."""
        ordered = []

        def visit(name):
            if name in ordered or name in self._built_in:
                return
            if name not in self._files:
                raise trouble.Trouble(trouble.UNAVAILABLE, f"kernel {self.version} has no module {name}")
            for other in self._module(name)[1]:
                visit(other)
            ordered.append(name)

        for name in wanted:
            visit(name)
        return ordered

    def install(self, names, folder):
        """Writes modules uncompressed into a folder, with `load.order` for the loader: a file and its parameters."""
        folder.mkdir(parents=True)
        for name in names:
            (folder / f"{name}.ko").write_bytes(self._module(name)[0])
        lines = [f"{name}.ko {PARAMETERS.get(name, '')}".rstrip() for name in names]
        (folder / "load.order").write_text("".join(line + "\n" for line in lines))


def _name(path):
    return re.sub(r"\.ko(\.xz)?$", "", path.name).replace("-", "_")


def build(folder, suite, architecture):
    """Fetches the newest kernel of the suite and unpacks it into `folder`."""
    metapackage = f"linux-image-{architecture}"
    found = [name for name in suite.depends(metapackage) if re.match(r"linux-image-\d", name)]
    if not found:
        raise trouble.Trouble(trouble.UNAVAILABLE, f"{metapackage} in {suite.suite} names no kernel")
    version = found[0].removeprefix("linux-image-")
    wanted = [f"linux-{part}-{version}" for part in ("base", "binary", "modules")]
    archives = [path for path in suite.fetch(wanted) if path.name.split("_")[0] in wanted]
    folder.mkdir()
    debian.unpack(archives, folder)
    # What is not a module and not the image takes room for nothing.
    for rest in (folder / "usr/share", folder / "boot"):
        shutil.rmtree(rest, ignore_errors=True)
