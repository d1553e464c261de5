"""The appliance on its simulated board, driven by its panel's interface."""

import json
import subprocess
import time
import urllib.error
import urllib.request

from . import host


class Failure(Exception):
    pass


def wait(condition, limit, what):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise Failure(f"{what}: not within {limit} s")


class Program:
    """A program that tells an address on a line of its own."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if "http" not in line:
            self.stop()
            raise Failure(f"{' '.join(command)}: does not start")
        self.address = line[line.index("http"):].strip()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Practice(Program):
    """The practice conference in a process of its own, so that its CPU is not the product's."""

    def __init__(self, visiosalle):
        super().__init__([visiosalle, "practice", "--lang", "en"])


class Product(Program):
    def __init__(self, visiosalle, room, *options, inside=(), listen="127.0.0.1:0"):
        self.inside = list(inside)
        super().__init__([*self.inside, visiosalle, "simulate", "--lang", "en", "--log-level", "error", "--room", room,
                          "--listen", listen, *options])
        if self.inside:
            wait(lambda: host.descendants(self.process.pid), 5, "the product")

    @property
    def pid(self):
        """The program itself, not what it was started inside of."""
        return host.descendants(self.process.pid)[-1] if self.inside else self.process.pid

    def request(self, path, body=None):
        data = None if body is None else json.dumps(body)
        if self.inside:
            command = [*self.inside, "curl", "-s", "-m", "10"]
            if data is not None:
                command += ["-X", "POST", "-H", "Content-Type: application/json", "-d", data]
            answer = subprocess.run([*command, self.address + path.lstrip("/")], capture_output=True, check=True).stdout
        else:
            request = urllib.request.Request(
                self.address + path.lstrip("/"), None if data is None else data.encode(),
                {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=10) as reply:
                answer = reply.read()
        return json.loads(answer)

    def status(self):
        return self.request("/api/v1/status")

    def press(self, button, press="short"):
        self.request(f"/api/v1/buttons/{button}", {"press": press})

    def join(self, limit=20):
        """Joins and waits for the first picture; milliseconds from the press to it."""
        before = self.status().get("last_join_steps")
        self.press("join-1")

        def joined():
            status = self.status()
            steps = status.get("last_join_steps") or {}
            return status["state"] == "in-call" and "first-picture" in steps and steps != before and status

        return wait(joined, limit, "joining")["last_join_ms"]

    def leave(self):
        self.press("hang-up")
        wait(lambda: not self.status()["busy"], 10, "leaving")

    def flows(self, settle=0):
        """What is sent and received, as the product tells it."""
        time.sleep(settle)
        return self.status()["media"]
