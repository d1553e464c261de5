"""A participant of a call by Jitsi Meet's own page in headless Chromium: the peer of the product."""

import json
import pathlib
import subprocess
import sys

from . import host


class Missing(Exception):
    pass


class Participant:
    """A page in a room, joined or (`waits`) ready to join; `inside` is put before its command, for instance to enter a
    network namespace."""

    def __init__(self, server, room, name, clip=None, waits=False, inside=()):
        command = [*inside, sys.executable, str(pathlib.Path(__file__).with_name("page.py")), server, room, name]
        command += ["--clip", str(clip)] if clip else []
        command += ["--waits"] if waits else []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        first = json.loads(self.process.stdout.readline() or '{"error": "it did not start"}')
        if "missing" in first:
            raise Missing(first["missing"])
        if "ready" not in first:
            raise RuntimeError(f"Chromium: {first.get('error')}")

    def _ask(self, command, **values):
        self.process.stdin.write(json.dumps({"command": command, **values}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "it has gone"}')
        if "answer" not in answer:
            raise RuntimeError(f"Chromium: {command}: {answer.get('error')}")
        return answer["answer"]

    def join(self):
        """Milliseconds from the press on Join to the first picture."""
        return self._ask("join")

    def join_cold(self):
        """Milliseconds from a blank page to the first picture."""
        return self._ask("cold")

    def watch(self, seconds):
        """What came meanwhile: `pictures` and `sounds`, each [when, how old] in milliseconds, and the pictures' `size`."""
        answer = self._ask("watch", seconds=seconds)
        if "error" in answer:
            raise RuntimeError(f"Chromium: {answer['error']}")
        return answer

    def inbound(self, kind):
        """The counters of all that is received of a kind, summed (W3C webrtc-stats, RTCInboundRtpStreamStats)."""
        total = {}
        for stream in self._ask("statistics")["inbound"]:
            if stream.pop("kind") == kind:
                for name, value in stream.items():
                    total[name] = total.get(name, 0) + (value or 0)
        return total

    def pids(self):
        """The browser's processes, without the driver."""
        return [pid for pid in host.descendants(self.process.pid) if "chrom" in _name(pid) and "driver" not in _name(pid)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _name(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read()
    except OSError:
        return ""
