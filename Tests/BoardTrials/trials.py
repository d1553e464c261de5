"""The frame of the trials: what one is, what it is given, how a row of them is run."""

import contextlib
import dataclasses
import pathlib
import time
import traceback

import board
import network
import trouble
import usbip_camera
import usbip_protocol
import usbip_speakerphone

CAMERA, SPEAKERPHONE = "1-1", "1-2"


@dataclasses.dataclass
class Trial:
    """A function that proves something on a running board within a time."""

    name: str
    about: str
    seconds: int
    needs_product: bool
    needs_server: bool
    function: object


TRIALS = {}


def trial(name, about, seconds=60, needs_product=True, needs_server=False):
    """Enters a function among the trials."""

    def enter(function):
        TRIALS[name] = Trial(name, about, seconds, needs_product, needs_server, function)
        return function

    return enter


class Usb:
    """The emulated camera and speakerphone, and the plugs between them and the board."""

    def __init__(self, running):
        self._board = running
        self.camera = usbip_camera.Camera()
        self.speakerphone = usbip_speakerphone.Speakerphone()
        self._server = usbip_protocol.Server(
            running.network.listen(), {CAMERA: self.camera, SPEAKERPHONE: self.speakerphone}
        )

    def plug(self, bus_id):
        """Plugs a device in; the kernel then finds it by itself."""
        # While the kernel takes leave of what was unplugged, usbip cannot read its list of ports.
        self._board.wait(
            f"usbip --tcp-port {self._server.port} attach -r {network.HOST_FROM_BOARD} -b {bus_id}", 20,
            f"{bus_id} is plugged in",
        )

    def unplug(self, bus_id):
        """Pulls a plug."""
        self._server.unplug(bus_id)

    def close(self):
        """Pulls every plug."""
        self._server.close()


class Context:
    """What a trial has in hand."""

    def __init__(self, running, usb, name, pictures, seconds, server=None):
        self.board = running
        self.usb = usb
        self.name = name
        self.server = server
        self._pictures = pictures
        self._end = time.monotonic() + seconds * running.patience
        self.proofs = 0

    def proved(self, text):
        """Tells one thing that now is known to hold."""
        self.proofs += 1
        print(f"   {self.name}: {text}", flush=True)

    def expect(self, condition, text):
        """Proves `text`, or fails with it."""
        self.in_time()
        if not condition:
            raise board.Failure(f"not so: {text}")
        self.proved(text)

    def in_time(self):
        """Fails when the trial's time is over."""
        if time.monotonic() > self._end:
            raise board.Failure("the trial's time is over")

    def wait(self, condition, timeout, what):
        """Asks `condition` again and again until it gives something true; gives that."""
        end = time.monotonic() + timeout * self.board.patience
        while True:
            self.in_time()
            found = condition()
            if found:
                return found
            if time.monotonic() > end:
                raise board.Failure(f"not within {timeout} s: {what}")
            time.sleep(0.1)

    def save(self, suffix, data):
        """Keeps a file of the trial; its path."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        path = self._pictures / f"{self.name}-{suffix}"
        path.write_bytes(data)
        return path

    def picture(self, suffix):
        """The picture on the screen, which is also kept."""
        shown = self.board.screen()
        self.save(f"{suffix}.png", shown.png())
        return shown


def run(chosen, make_board, pictures, server=None):
    """Runs trials one after another on one board, with a new one after a failure; the number of those that failed.

    `server` is the address of a meeting on a real Jitsi Meet, for the trials that want one.
    """
    failed = []
    with contextlib.ExitStack() as stack:
        running = usb = None
        for one in chosen:
            begun = time.monotonic()
            print(f"== {one.name}: {one.about}", flush=True)
            context = None
            try:
                if running is None:
                    running = _boot(stack, make_board)
                    print(f"   board ready in {running.booted_in:.1f} s", flush=True)
                    usb = Usb(running)
                    stack.callback(usb.close)
                context = Context(running, usb, one.name, pictures, one.seconds, server)
                one.function(context)
                if context.proofs == 0:
                    raise board.Failure("it proved nothing")
                print(f"-- {one.name}: ok, {context.proofs} proofs, {time.monotonic() - begun:.1f} s", flush=True)
            except (board.Failure, trouble.Trouble, OSError, ValueError) as error:
                failed.append(one.name)
                where = traceback.extract_tb(error.__traceback__)
                own = [step for step in where if pathlib.Path(step.filename).name.startswith("trials_")]
                place = f" ({pathlib.Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""
                print(f"-- {one.name}: FAILED{place}: {error}", flush=True)
                if context is not None:
                    _keep_evidence(context)
                stack.close()
                running = None
    print(f"{len(chosen) - len(failed)} passed, {len(failed)} failed{': ' + ', '.join(failed) if failed else ''}")
    return len(failed)


def _boot(stack, make_board):
    """A running board. Under emulation one kernel in some panics in its first second, before anything of ours runs."""
    try:
        return stack.enter_context(make_board())
    except trouble.Trouble as error:
        if error.code != trouble.TEMPORARY:
            raise
        print(f"   {error}\n   once more", flush=True)
        return stack.enter_context(make_board())


def _keep_evidence(context):
    """What helps to understand a failure: the console, the kernel's log, what programs said, the screen."""
    with contextlib.suppress(board.Failure, trouble.Trouble, OSError, ValueError):
        context.save("console.log", context.board.console().encode())
        context.save("kernel.log", context.board.check("dmesg").encode())
        context.save("programs.log", context.board.run("tail -n 300 /tmp/*.log").output.encode())
        path = context.save("failed.png", context.board.screen().png())
        print(f"   evidence beside {path}", flush=True)
