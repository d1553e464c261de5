"""Ports of the loopback interface for the servers of a test run.

usage: ports.py free                      prints a port that is free for TCP and UDP
       ports.py wait tcp|stun PORT PID    returns when the server, which is the process PID, answers
"""

import os
import socket
import sys
import time

LIMIT = 20
# RFC 8489 section 5: Binding request, no attributes, magic cookie, transaction.
BINDING_REQUEST = bytes.fromhex("000100002112a442") + b"interop-test"
BINDING_SUCCESS = bytes.fromhex("01 01")


def free():
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]


def answers(kind, port):
    family = socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
    with socket.socket(type=family) as attempt:
        attempt.settimeout(0.1)
        try:
            attempt.connect(("127.0.0.1", port))
            if kind == "stun":
                attempt.send(BINDING_REQUEST)
                return attempt.recv(2048).startswith(BINDING_SUCCESS)
            return True
        except OSError:
            return False


def wait(kind, port, process):
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        os.kill(process, 0)
        if answers(kind, port):
            return True
        # A refusal comes at once: not more than twenty questions a second.
        time.sleep(0.05)
    return False


if sys.argv[1:] == ["free"]:
    print(free())
elif sys.argv[1] == "wait":
    try:
        is_up = wait(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    except ProcessLookupError:
        is_up = False
    sys.exit(0 if is_up else 1)
