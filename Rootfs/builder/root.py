"""The root file system of an image: Debian's packages unpacked, the executable, this folder's own files, nothing else."""

import os
import pathlib
import shutil
import subprocess

import accounts
import cache
import debian
import firststage
import images
import trouble

ROOTFS = pathlib.Path(__file__).resolve().parents[1]
REPOSITORY = ROOTFS.parent

# The service manager and what it starts. The libraries of the product are those of the virtual boards.
SYSTEM = [
    "base-files", "libc6", "systemd", "systemd-sysv", "udev", "dbus", "kmod", "systemd-resolved", "systemd-timesyncd",
    "rauc", "rauc-service", "util-linux", "netbase", "dash", "coreutils", "grep", "sed",
]
# Whose programs go into the first file system, or files into the boot partition; not into the root.
TOOLS = ["busybox-static", "dmsetup", "e2fsprogs", "fdisk", "grub-common"]

# Wanted by the packages above for what an image never does: configuring packages, logging in, shells, other libraries.
UNUSED_PACKAGES = {
    "busybox-static", "dmsetup", "e2fsprogs", "fdisk", "grub-common", "debconf", "gettext-base", "init-system-helpers",
    "libefiboot1t64", "libefivar1t64", "libfuse3-4", "libpam-modules", "libpam-modules-bin", "libpam-runtime", "mawk",
    "openssl", "readline-common", "libreadline8t64", "lock", "logsave", "fonts-dejavu-mono", "fonts-noto-mono",
    "libss2", "libext2fs2t64", "liblastlog2-2", "login.defs", "login", "passwd", "sensible-utils",
    "dbus-session-bus-common", "fontconfig", "grub-efi-amd64-unsigned", "grub-efi-arm64-unsigned", "libgnutls-openssl27t64", "perl-base", "dpkg", "tar", "cdebconf", "ucf", "libncursesw6",
}

# Of the packages that stay.
UNUSED = [
    *images.USELESS, "usr/share/bash-completion", "usr/share/zsh", "usr/share/common-licenses", "usr/share/base-files",
    "usr/share/dbus-1/interfaces", "usr/share/polkit-1", "usr/share/factory", "usr/share/debconf", "usr/share/debianutils",
    "usr/share/gcc", "usr/share/glib-2.0", "usr/share/pkgconfig", "usr/share/alsa/ucm2", "usr/share/X11/locale",
    "usr/lib/udev/hwdb.d", "usr/lib/systemd/catalog", "usr/lib/systemd/user", "usr/lib/systemd/user-generators",
    "usr/lib/systemd/user-environment-generators", "usr/lib/systemd/boot", "usr/lib/systemd/portable",
    "usr/lib/systemd/system-generators/systemd-getty-generator",
    "usr/lib/systemd/system-generators/systemd-gpt-auto-generator",
    "usr/lib/systemd/system-generators/systemd-debug-generator",
    "usr/lib/systemd/system-generators/systemd-system-update-generator",
    "usr/lib/systemd/system-generators/systemd-cryptsetup-generator",
    "usr/lib/systemd/system-generators/systemd-hibernate-resume-generator",
    "usr/lib/systemd/system-generators/systemd-rc-local-generator",
    "usr/lib/systemd/system-generators/systemd-sysv-generator",
    "usr/lib/systemd/system-generators/systemd-tpm2-generator",
    "usr/lib/systemd/system-generators/systemd-ssh-generator",
    "usr/lib/systemd/system-generators/systemd-run-generator",
    "usr/bin/login", "usr/sbin/agetty", "usr/sbin/sulogin", "usr/bin/su", "usr/bin/homectl", "usr/lib/systemd/systemd-homed",
    "etc/init.d", "etc/cron.daily", "etc/apt", "etc/dpkg", "etc/default", "etc/pam.d", "etc/skel", "etc/profile.d",
    "usr/lib/valgrind", "usr/lib/tmpfiles.d/etc.conf", "usr/lib/tmpfiles.d/legacy.conf", "usr/lib/tmpfiles.d/home.conf",
    "usr/lib/tmpfiles.d/provision.conf", "usr/lib/tmpfiles.d/credstore.conf", "usr/lib/tmpfiles.d/debian.conf",
    "usr/lib/tmpfiles.d/20-systemd-ssh-generator.conf",
    "usr/lib/tmpfiles.d/20-systemd-userdb.conf", "usr/lib/tmpfiles.d/20-systemd-osc-context.conf", "usr/lib/tmpfiles.d/systemd-pcrlock.conf", "usr/lib/pcrlock.d", "var/log", "var/lib/dpkg", "usr/share/sounds",
]
# What is left of /usr/bin and /usr/sbin: what a unit, a udev rule or a script of ours starts.
PROGRAMS = {
    "rauc", "grub-editenv", "sh", "dash", "systemctl", "systemd-tmpfiles", "systemd-sysusers", "systemd-sysctl", "udevadm",
    "systemd-udevd", "kmod", "modprobe", "mount", "umount", "dbus-daemon", "dbus-send", "cat", "cp", "touch", "mkdir", "stat",
    "head", "tail", "tr", "sha256sum", "readlink", "sleep", "sync", "echo", "rm", "true", "false", "nologin", "env", "chgrp",
    "chmod", "systemd-notify", "init", "reboot", "poweroff", "halt", "shutdown", "journalctl", "systemd-machine-id-setup",
}

# Files anywhere: conversions of character sets, and locales other than C.UTF-8.
UNUSED_PATTERNS = ["usr/lib/*-linux-gnu/gconv", "usr/lib/*-linux-gnu/perl-base", "usr/lib/*-linux-gnu/libsystemd/libsystemd-core*.debug"]

MASKED = [
    "getty.target", "getty@.service", "serial-getty@.service", "console-getty.service", "container-getty@.service",
    "debug-shell.service", "systemd-firstboot.service", "systemd-hwdb-update.service", "ldconfig.service",
    "systemd-update-done.service", "systemd-journal-catalog-update.service", "systemd-sysusers.service",
    "systemd-networkd-wait-online.service", "systemd-binfmt.service", "systemd-userdbd.socket",
    "systemd-machine-id-commit.service", "systemd-logind.service", "systemd-random-seed.service",
    "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service", "systemd-ask-password-console.path",
    "systemd-ask-password-wall.path", "systemd-pcrmachine.service", "dev-hugepages.mount", "dev-mqueue.mount",
    "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "systemd-journal-flush.service", "e2scrub_reap.service",
    "systemd-quotacheck.service", "systemd-remount-fs.service", "systemd-vconsole-setup.service", "fstrim.timer",
    "systemd-sysext.socket", "systemd-hostnamed.socket", "systemd-creds.socket", "systemd-mountfsd.socket", "systemd-nsresourced.socket",
    "systemd-user-sessions.service", "systemd-pcrphase.service", "systemd-pcrphase-sysinit.service", "systemd-battery-check.service",
    "systemd-network-generator.service", "systemd-networkd-persistent-storage.service", "systemd-tpm2-setup.service", "systemd-tpm2-setup-early.service", "user.slice", "proc-sys-fs-binfmt_misc.automount",
    "ctrl-alt-del.target",
]

# Started at boot: the unit, and whose wish it is.
STARTED = [
    ("systemd-networkd.service", "multi-user.target"), ("systemd-networkd.socket", "sockets.target"),
    ("systemd-resolved.service", "sysinit.target"), ("systemd-timesyncd.service", "sysinit.target"),
    ("dbus.socket", "sockets.target"), ("visiosalle.service", "multi-user.target"),
    ("visiosalle-validated.service", "multi-user.target"), ("visiosalle-trial-deadline.timer", "multi-user.target"),
    ("efi.automount", "multi-user.target"),
]


def build(tree, tools, archives, facts, linux, binary, keyring, version, epoch):
    """Fills the empty folder `tree`; `tools` has all packages unpacked."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / "usr" / name).mkdir(parents=True)
        (tree / name).symlink_to(f"usr/{name}")
    debian.unpack([path for path in archives if path.name.split("_")[0] not in UNUSED_PACKAGES], tree)
    # RAUC's words to the boot loader need this one program of its package.
    shutil.copy(tools / "usr/bin/grub-editenv", tree / "usr/bin/grub-editenv")
    for pattern in facts["firmware"]:
        for path in sorted((tools / "usr/lib/firmware").glob(pattern)):
            place = tree / "usr/lib/firmware" / path.relative_to(tools / "usr/lib/firmware")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place, follow_symlinks=False)
    for name in UNUSED:
        if (tree / name).exists() or (tree / name).is_symlink():
            cache.remove(tree / name)
    for pattern in UNUSED_PATTERNS:
        for path in tree.glob(pattern):
            cache.remove(path)
    for folder in ("usr/bin", "usr/sbin"):
        for path in (tree / folder).iterdir():
            if path.name not in PROGRAMS:
                path.unlink()
    _keep_fonts(tree)
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "data", "efi", "mnt", "var", "etc/visiosalle",
                 "etc/systemd/network", "etc/ssl/certs", "usr/share/visiosalle"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    _configure(tree, version, keyring, facts, epoch)
    shutil.copy(binary, tree / "usr/bin/visiosalle")
    (tree / "usr/bin/visiosalle").chmod(0o755)
    boards = tree / "usr/share/visiosalle/boards"
    for board in sorted((REPOSITORY / "Board").glob("*/board.toml")):
        (boards / board.parent.name).mkdir(parents=True)
        shutil.copy(board, boards / board.parent.name / "board.toml")
    for source in (ROOTFS / "etc", ROOTFS / "usr", REPOSITORY / "Board" / facts["board"] / "rootfs"):
        if source.is_dir():
            place = tree / source.name if source.name in ("etc", "usr") else tree
            shutil.copytree(source, place, dirs_exist_ok=True, symlinks=True)
    accounts.make(tree)
    _modules(tree, linux, facts)
    _units(tree, facts)
    _check_libraries(tree)


def _check_libraries(tree):
    """What was left out must not be needed by what is there: every program and library finds its libraries."""
    for path in sorted((*tree.glob("usr/bin/*"), *tree.glob("usr/sbin/*"), *tree.glob("usr/lib/systemd/systemd*"),
                        *tree.glob("usr/lib/*-linux-gnu/*.so*"), *tree.glob("usr/lib/*-linux-gnu/nss/*.so*"))):
        if path.is_symlink() or not path.is_file() or path.open("rb").read(4) != b"\x7fELF":
            continue
        try:
            firststage.libraries(tree, [path])
        except trouble.Trouble as error:
            raise trouble.Trouble(error.code, f"{path.relative_to(tree)}: {error}") from error


def _keep_fonts(tree):
    for path in (tree / images.FONTS).iterdir():
        if path.stem not in images.KEPT_FONTS:
            path.unlink()


def _configure(tree, version, keyring, facts, epoch):
    etc = tree / "etc"
    for name in ("machine-id", "hostname"):
        (etc / name).write_text("")
    (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    (etc / "fstab").write_text("")
    (etc / "ld.so.cache").unlink(missing_ok=True)
    release = (
        f'NAME="Visiosalle"\nID=visiosalle\nID_LIKE=debian\nVERSION_ID="{version}"\nIMAGE_ID=visiosalle-{facts["board"]}\n'
        f'IMAGE_VERSION="{version}"\nPRETTY_NAME="Visiosalle {version}"\n'
    )
    (etc / "os-release").unlink(missing_ok=True)
    (etc / "os-release").symlink_to("../usr/lib/os-release")
    (tree / "usr/lib/os-release").write_text(release)
    (etc / "resolv.conf").unlink(missing_ok=True)
    (etc / "resolv.conf").symlink_to("/run/systemd/resolve/resolv.conf")
    (etc / "localtime").unlink(missing_ok=True)
    (etc / "localtime").symlink_to("../usr/share/zoneinfo/Europe/Paris")
    certificates = sorted((tree / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    (etc / "ssl/certs/ca-certificates.crt").write_text("".join(path.read_text() for path in certificates))
    shutil.rmtree(tree / "usr/share/ca-certificates")
    # No clock ever starts before this (systemd(1), "clock-epoch").
    floor = tree / "usr/lib/clock-epoch"
    floor.touch()
    os.utime(floor, (epoch, epoch))
    (etc / "rauc").mkdir(exist_ok=True)
    shutil.copy(keyring, etc / "rauc/keyring.pem")
    (etc / "rauc/system.conf").write_text(f"""[system]
compatible=visiosalle-{facts['board']}
bootloader=grub
grubenv=/efi/EFI/debian/grubenv
data-directory=/data/rauc
mountprefix=/run/rauc
bundle-formats=plain
max-bundle-download-size=1073741824

[keyring]
path=/etc/rauc/keyring.pem

[slot.rootfs.0]
device=/dev/disk/by-partlabel/root-a
type=raw
bootname=A

[slot.boot.0]
device=/dev/disk/by-partlabel/boot-a
type=raw
parent=rootfs.0

[slot.rootfs.1]
device=/dev/disk/by-partlabel/root-b
type=raw
bootname=B

[slot.boot.1]
device=/dev/disk/by-partlabel/boot-b
type=raw
parent=rootfs.1
""")


def _modules(tree, linux, facts):
    """The modules of the board and what they need, as files that udev finds by their aliases."""
    folder = tree / "usr/lib/modules" / linux.version
    names = linux.order(facts["modules"])
    linux.install(names, folder / "kernel")
    (folder / "kernel/load.order").unlink()
    for name in ("modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(linux.tree / name, folder / name)
    (folder / "modules.order").write_text("".join(f"kernel/{name}.ko\n" for name in names))
    debian.run(["/sbin/depmod", "-b", str(tree), linux.version], "indexing the kernel's modules")
    load = tree / "etc/modules-load.d"
    load.mkdir(exist_ok=True)
    (load / "visiosalle.conf").write_text("".join(f"{name}\n" for name in facts["load"]))
    options = tree / "etc/modprobe.d"
    options.mkdir(exist_ok=True)
    (options / "visiosalle.conf").write_text("".join(f"options {line}\n" for line in facts["module_options"]))


def _units(tree, facts):
    system = tree / "etc/systemd/system"
    for path in (tree / "usr/lib/systemd/system").glob("*.wants/*getty*"):
        path.unlink()
    for path in tree.glob("etc/systemd/system/*.wants/*"):
        path.unlink()
    for name in MASKED:
        (system / name).unlink(missing_ok=True)
        (system / name).symlink_to("/dev/null")
    for unit, target in [*STARTED, *facts["started"]]:
        place = next((folder for folder in ("etc/systemd/system", "usr/lib/systemd/system")
                      if (tree / folder / unit).exists()), None)
        if place is None:
            raise trouble.Trouble(trouble.SOFTWARE, f"there is no unit {unit} in the image")
        wants = system / f"{target}.wants"
        wants.mkdir(exist_ok=True)
        (wants / unit).symlink_to(f"/{place}/{unit}")
    (system / "default.target").unlink(missing_ok=True)
    (system / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
    # Where Debian would ask for a password, a box starts anew: the boot loader knows the way back.
    for name in ("emergency.service", "rescue.service"):
        (system / name).unlink(missing_ok=True)
        (system / name).write_text(
            "[Unit]\nDescription=Restart instead of a shell\nDefaultDependencies=no\n\n"
            "[Service]\nType=oneshot\nExecStart=/usr/bin/systemctl --force reboot\n")


def pack(tree, image, epoch):
    """Writes the folder as squashfs; the same folder gives the same bytes."""
    subprocess.run(["chmod", "-R", "go-w", str(tree)], check=True)
    environment = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
    debian.run(
        ["mksquashfs", str(tree), str(image), "-noappend", "-all-root", "-comp", "zstd", "-Xcompression-level", os.environ.get("VISIOSALLE_IMAGE_LEVEL", "19"),
         "-b", "256K", "-no-xattrs", "-no-exports", "-quiet", "-no-progress", "-mkfs-time", str(epoch), "-all-time", str(epoch),
         "-p", "/tmp m 1777 0 0", "-p", "/root m 700 0 0"],
        "packing the root file system", env=environment,
    )
