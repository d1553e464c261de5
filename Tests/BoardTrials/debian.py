"""Debian packages of any suite and architecture, resolved and fetched by apt beside the system's own, by any user."""

import os
import re
import subprocess

import cache
import trouble

MIRROR = os.environ.get("VISIOSALLE_BOARD_MIRROR", "http://deb.debian.org/debian")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def run(command, what, **options):
    """Runs a program to its end; its words are told only when it fails."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", check=False, **options,
        )
    except FileNotFoundError as error:
        raise trouble.Trouble(
            trouble.UNAVAILABLE, f"{command[0]} is not installed; Scripts/setup installs what is needed"
        ) from error
    if done.returncode != 0:
        words = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise trouble.Trouble(
            trouble.UNAVAILABLE, f"{what} failed ({command[0]}: exit code {done.returncode}):\n{words}"
        )
    return done.stdout


class Suite:
    """One suite for one architecture, with lists and archives in a folder of its own."""

    def __init__(self, folder, suite, architecture, components="main"):
        self.folder = folder
        self.suite = suite
        self.architecture = architecture
        self.components = components

    def _options(self):
        folder = self.folder
        settings = {
            "Dir::Etc::sourcelist": folder / "sources.list",
            "Dir::Etc::sourceparts": folder / "empty",
            "Dir::Etc::preferencesparts": folder / "empty",
            "Dir::State::Lists": folder / "lists",
            "Dir::State::status": folder / "status",
            "Dir::State::extended_states": folder / "extended_states",
            "Dir::Cache": folder,
            "Dir::Cache::archives": folder / "archives",
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            # A mirror that lags behind will do: the signature is checked, and nothing here is ever in production.
            "Acquire::Check-Valid-Until": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        return [f"-o{name}={value}" for name, value in settings.items()]

    def _apt(self, program, *arguments):
        return run([program, *self._options(), *arguments], f"apt for {self.suite} {self.architecture}")

    def _prepare(self):
        for name in ("empty", "lists/partial", "archives/partial"):
            cache.make_folder(self.folder / name)
        (self.folder / "status").touch()
        signed = f"[signed-by={KEYRING}] " if os.path.exists(KEYRING) else ""
        line = f"deb {signed}{MIRROR} {self.suite} {self.components}\n"
        sources = self.folder / "sources.list"
        is_known = sources.exists() and sources.read_text() == line
        if not is_known or not any((self.folder / "lists").glob("*_Packages*")):
            sources.write_text(line)
            self.update()

    def update(self):
        """Reads the suite's lists anew."""
        self._apt("apt-get", "-q", "update")

    def depends(self, package):
        """The names of the packages that `package` depends on directly."""
        self._prepare()
        words = self._apt("apt-cache", "depends", "--important", package)
        return re.findall(r"^ *\|?Depends: ([^<\s]+)$", words, re.MULTILINE)

    def fetch(self, packages):
        """The archives of `packages` and of all that they depend on; fetched unless they are there."""
        self._prepare()
        install = ("install", "--yes", "--no-install-recommends")
        try:
            return self._fetch(install, packages)
        except trouble.Trouble:
            # The suite moves on: archives that its list of yesterday names may be gone from the mirror.
            self.update()
            return self._fetch(install, packages)

    def _fetch(self, install, packages):
        # Asked with an empty store, apt names every archive, also those that are there already.
        names = self._apt(
            "apt-get", f"-oDir::Cache::archives={self.folder / 'empty'}", *install, "--print-uris", *packages
        )
        self._apt("apt-get", "-q", *install, "--download-only", *packages)
        found = re.findall(r"^'[^']+' (\S+\.deb) \d+", names, re.MULTILINE)
        archives = [self.folder / "archives" / name for name in found]
        missing = [archive.name for archive in archives if not archive.exists()]
        if missing:
            raise trouble.Trouble(trouble.UNAVAILABLE, f"apt did not fetch {', '.join(missing)}")
        return archives


def unpack(archives, root):
    """Unpacks archives into `root`, without running anything of theirs."""
    for archive in archives:
        run(["dpkg-deb", "--extract", str(archive), str(root)], f"unpacking {archive.name}")
