"""The keys that sign updates, and the bundles that they sign. Development keys are made here, and never leave the computer."""

import pathlib
import shutil

import debian
import root
import trouble

_DEVELOPMENT = root.REPOSITORY / ".build-image" / "development-keys"
_FILES = ("keyring.pem", "signer.cert.pem", "signer.key.pem")


def folder(given, say):
    """The folder of the keys: `given`, else that of the development keys, made when they are missing."""
    if given is None:
        if not all((_DEVELOPMENT / name).is_file() for name in _FILES):
            say("making development keys; boxes of a town want keys of its own: --keys, docs/operating/image.md")
            make(_DEVELOPMENT)
        return _DEVELOPMENT
    for name in _FILES:
        if not (given / name).is_file():
            raise trouble.Trouble(trouble.NO_INPUT, f"there is no {name} in {given}; docs/operating/image.md says how to make it")
    return given.absolute()


def make(place):
    """An authority and a signer below it; the authority's key is thrown away with the signer made."""
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = {"what": "making keys"}
    extensions = place / "extensions"
    extensions.write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    debian.run(["openssl", "req", "-x509", *curve, "-keyout", f"{place}/authority.key.pem", "-out", f"{place}/keyring.pem",
                "-days", "7300", "-subj", "/O=Visiosalle/CN=Development updates",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign"], **words)
    debian.run(["openssl", "req", "-new", *curve, "-keyout", f"{place}/signer.key.pem", "-out", f"{place}/signer.csr",
                "-subj", "/O=Visiosalle/CN=Development signer"], **words)
    debian.run(["openssl", "x509", "-req", "-in", f"{place}/signer.csr", "-CA", f"{place}/keyring.pem", "-CAkey",
                f"{place}/authority.key.pem", "-set_serial", "1", "-days", "7300", "-extfile", str(extensions),
                "-out", f"{place}/signer.cert.pem"], **words)
    for name in ("authority.key.pem", "signer.csr", "extensions"):
        (place / name).unlink()
    (place / "signer.key.pem").chmod(0o600)


def bundle(path, work, facts, rootfs, boot, pair, version):
    """A RAUC bundle with the two images of a slot.

    In the plain format, whose signature is over all of it: Debian 13's RAUC 1.13 does not understand what dm-verity of
    kernel 7.2 says of itself ("Unexpected dm-verity status 'V -'"), and refuses every bundle in the verity format.
    """
    contents = work / "bundle"
    contents.mkdir()
    for source, name in ((rootfs, "rootfs.img"), (boot, "boot.img")):
        shutil.copy(source, contents / name)
    (contents / "manifest.raucm").write_text(
        f"[update]\ncompatible=visiosalle-{facts['board']}\nversion={version}\n\n[bundle]\nformat=plain\n\n"
        "[image.rootfs]\nfilename=rootfs.img\n\n[image.boot]\nfilename=boot.img\n")
    pathlib.Path(path).unlink(missing_ok=True)
    debian.run(["rauc", "bundle", "--cert", str(pair / "signer.cert.pem"), "--key", str(pair / "signer.key.pem"),
                "--keyring", str(pair / "keyring.pem"), str(contents), str(path)], "making the update")
