"""`python3 -B Rootfs/builder`: see imagecommand.py. What fetches and unpacks Debian's packages is shared with the virtual boards."""

import pathlib
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "BoardTrials"))

import imagecommand  # noqa: E402

sys.exit(imagecommand.main(sys.argv[1:]))
