"""The hash tree of dm-verity (Documentation/admin-guide/device-mapper/verity.rst), version 1, without a superblock."""

import hashlib

BLOCK = 4096
_DIGEST = 32


def _hashes(data, salt):
    for place in range(0, len(data), BLOCK):
        yield hashlib.sha256(salt + data[place : place + BLOCK]).digest()


def append(path):
    """Appends the tree to a file system image; `(data blocks, root hash, salt)`, the latter two in hexadecimal.

    The salt is the digest of the contents: the same contents give the same tree.
    """
    data = bytearray(path.read_bytes())
    data += bytes(-len(data) % BLOCK)
    blocks = len(data) // BLOCK
    salt = hashlib.sha256(data).digest()
    levels = []
    level = bytes(data)
    while True:
        digests = b"".join(_hashes(level, salt))
        level = digests + bytes(-len(digests) % BLOCK)
        levels.append(level)
        if len(level) == BLOCK:
            break
    root = hashlib.sha256(salt + level).hexdigest()
    # The kernel reads the tree from its top on.
    path.write_bytes(bytes(data) + b"".join(reversed(levels)))
    return blocks, root, salt.hex()
