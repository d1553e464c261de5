"""Where fetched and built things stay between runs: a folder outside the repository, one entry per recipe."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import time

import trouble

_KEPT_SECONDS = 24 * 3600

VARIABLE = "VISIOSALLE_BOARD_CACHE"


def folder():
    """The cache's folder: what the environment says, else the place that the XDG specification gives."""
    told = os.environ.get(VARIABLE)
    if told:
        return pathlib.Path(told).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(base).absolute() / "visiosalle" / "board"


def make_folder(path):
    """Makes a folder with its parents; a clear refusal when that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise trouble.Trouble(
            trouble.CANNOT_CREATE, f"{path} cannot be made ({error.strerror}); {VARIABLE} names another place"
        ) from error
    return path


def fingerprint(*parts):
    """A short digest of everything that an entry is made of: another recipe makes another entry."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:12]


@contextlib.contextmanager
def locked(path):
    """Only one process builds in a folder; others wait, then find the work done."""
    make_folder(path)
    with open(path / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove(path):
    """Removes a file or a whole folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def entry(parent, stem, suffix, mark, build):
    """The entry `stem-mark+suffix` of `parent`, built if it is not there.

    `build(path)` makes it under another name, which becomes its own only when it is whole: an interrupted run
    leaves nothing that looks finished. Entries of other recipes are removed when nobody used them for a day.
    """
    whole = parent / f"{stem}-{mark}{suffix}"
    if not whole.exists():
        for old in parent.glob(f"{stem}-*"):
            if time.time() - old.stat().st_mtime > _KEPT_SECONDS:
                remove(old)
        partial = parent / f"{stem}-{mark}.partial"
        remove(partial)
        build(partial)
        os.replace(partial, whole)
    os.utime(whole)
    return whole
