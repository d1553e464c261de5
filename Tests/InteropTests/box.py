"""One end of a call: `interop media` as a child process that speaks JSON lines."""

import asyncio
import json


class Failure(Exception):
    """A check that did not hold, in words."""


class Inbox:
    """Messages of a peer, to be awaited by kind."""

    def __init__(self, name):
        self._name = name
        self._backlog = []
        self._waiters = []
        self._error = None

    async def expect(self, kind, matches=lambda message: True, limit=10):
        """The first message of that kind, past or future, that `matches` takes."""
        for index, message in enumerate(self._backlog):
            if message["type"] == kind and matches(message):
                return self._backlog.pop(index)
        if self._error is not None:
            raise Failure(f"no {kind} from {self._name}: {self._error}")
        waiter = (kind, matches, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            return await asyncio.wait_for(waiter[2], limit)
        except asyncio.TimeoutError:
            raise Failure(f"no {kind} from {self._name} in {limit} s, but {self._backlog}") from None
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def deliver(self, message):
        for waiter in self._waiters:
            kind, matches, future = waiter
            if message["type"] == kind and matches(message) and not future.done():
                self._waiters.remove(waiter)
                future.set_result(message)
                return
        self._backlog.append(message)
        if message["type"] == "failed":
            self.end(message.get("detail"))

    def end(self, error):
        """Nothing follows, because of `error`."""
        if self._error is None:
            self._error = error
        for kind, _, future in self._waiters:
            if not future.done():
                future.set_exception(Failure(f"no {kind} from {self._name}: {self._error}; {self._backlog}"))


class Box(Inbox):
    def __init__(self, process):
        super().__init__("the box")
        self._process = process
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, program, *arguments):
        process = await asyncio.create_subprocess_exec(
            program, "media", *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        return cls(process)

    def tell(self, kind, **members):
        self._process.stdin.write(json.dumps({"type": kind, **members}).encode() + b"\n")

    async def exit_code(self, limit=10):
        try:
            return await asyncio.wait_for(self._process.wait(), limit)
        except asyncio.TimeoutError:
            raise Failure("the box does not end") from None

    async def stop(self):
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reader

    async def _read(self):
        while line := await self._process.stdout.readline():
            try:
                message = json.loads(line)
            except ValueError:
                message = {"type": "noise", "text": line.decode(errors="replace")}
            self.deliver(message)
        self.end("it has ended")
