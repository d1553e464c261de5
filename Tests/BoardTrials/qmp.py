"""QEMU's machine protocol: commands and their answers, and events as they come."""

import json
import queue
import socket
import threading
import time

import trouble


class Qmp:
    """A connection; a thread of its own sorts answers from events."""

    def __init__(self, path, timeout=20):
        self._socket = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + timeout
        while True:
            try:
                self._socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > end:
                    raise trouble.Trouble(trouble.TEMPORARY, "QEMU does not open its control socket") from None
                time.sleep(0.05)
        self._file = self._socket.makefile("rw")
        self._answers = queue.Queue()
        self._events = []
        self._changed = threading.Condition()
        self._file.readline()
        threading.Thread(target=self._read, daemon=True).start()
        self.command("qmp_capabilities")

    def _read(self):
        try:
            for line in self._file:
                message = json.loads(line)
                if "event" in message:
                    with self._changed:
                        self._events.append(message)
                        self._changed.notify_all()
                else:
                    self._answers.put(message)
        except (OSError, ValueError):
            pass
        self._answers.put(None)

    def command(self, name, timeout=20, **arguments):
        """Runs a command and returns what it gives."""
        try:
            self._file.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
            self._file.flush()
            answer = self._answers.get(timeout=timeout)
        except (OSError, queue.Empty):
            answer = None
        if answer is None:
            raise trouble.Trouble(trouble.TEMPORARY, f"QEMU does not answer {name}")
        if "error" in answer:
            raise trouble.Trouble(trouble.SOFTWARE, f"QEMU refuses {name}: {answer['error'].get('desc')}")
        return answer["return"]

    def events(self, name):
        """The events of a name that came so far."""
        with self._changed:
            return [event for event in self._events if event["event"] == name]

    def wait_event(self, name, timeout, after=0):
        """Waits until more than `after` events of a name have come; false when they do not."""
        end = time.monotonic() + timeout
        with self._changed:
            while sum(event["event"] == name for event in self._events) <= after:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def close(self):
        """Closes the connection."""
        self._socket.close()
