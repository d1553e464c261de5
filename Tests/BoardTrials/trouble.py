"""What goes wrong outside a trial, with the exit code that says of which kind it is (sysexits.h)."""

USAGE = 64
NO_INPUT = 66
UNAVAILABLE = 69
SOFTWARE = 70
CANNOT_CREATE = 73
TEMPORARY = 75


class Trouble(Exception):
    """A message for whoever started the command, and the exit code to end with."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
