"""The front of `Scripts/virtual-board`."""

import sys

import command

sys.exit(command.main(sys.argv[1:]))
