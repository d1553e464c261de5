"""Trials of an image as it is written to a card: Scripts/virtual-board ARCH --image FILE --trial image-boot"""

import dataclasses
import pathlib
import re
import subprocess
import tempfile
import time
import traceback

import board
import debian
import image_board
import picture
import trouble

_PARTNERS = [(23, 121, 133), (199, 128, 2)]


@dataclasses.dataclass
class ImageTrial:
    """A function that proves something with a board that starts from an image."""

    name: str
    about: str
    function: object


TRIALS = {}


def image_trial(name, about):
    """Enters a function among the trials."""

    def enter(function):
        TRIALS[name] = ImageTrial(name, about, function)
        return function

    return enter


class Context:
    """What a trial has in hand."""

    def __init__(self, name, architecture, image, pictures, updates, firmware):
        self.name = name
        self.architecture = architecture
        self.image = image
        self.pictures = pictures
        self.updates = updates
        self.board = image_board.ImageBoard(architecture, image, firmware)
        self.proofs = 0

    def proved(self, text):
        """Tells one thing that now is known to hold."""
        self.proofs += 1
        print(f"   {self.name}: {text}", flush=True)

    def expect(self, condition, text):
        """Proves `text`, or fails with it."""
        if not condition:
            raise board.Failure(f"not so: {text}")
        self.proved(text)

    def save(self, suffix, data):
        """Keeps a file of the trial; its path."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        path = self.pictures / f"{self.name}-{suffix}"
        path.write_bytes(data)
        return path


def run(chosen, architecture, image, pictures, updates, firmware=None):
    """Runs trials, each with a board and a disk of its own; the number of those that failed."""
    failed = 0
    for one in chosen:
        print(f"== {one.name}: {one.about}", flush=True)
        begun = time.monotonic()
        context = Context(one.name, architecture, image, pictures, updates, firmware)
        try:
            one.function(context)
            if context.proofs == 0:
                raise board.Failure("it proved nothing")
            print(f"-- {one.name}: ok, {context.proofs} proofs, {time.monotonic() - begun:.1f} s", flush=True)
        except (board.Failure, trouble.Trouble, OSError, ValueError) as error:
            failed += 1
            place = traceback.extract_tb(error.__traceback__)[-1]
            print(f"-- {one.name}: FAILED ({pathlib.Path(place.filename).name}:{place.lineno}): {error}", flush=True)
        finally:
            context.save("console.log", context.board.console_text.encode())
            try:
                context.save("last.png", context.board.screen().png())
            except (trouble.Trouble, OSError, ValueError, AttributeError):
                pass
            context.board.close()
    return failed


def _idle(context, timeout=240):
    """Waits for the idle screen; the seconds since the kernel began, and the picture."""
    machine = context.board
    machine.wait(lambda: (machine.status() or {}).get("state") == "idle", timeout, "state idle")
    return machine.wait(lambda: (lambda seen: seen if seen.colours(2) > 8 else None)(machine.screen()), 20, "something on the TV")


def _slots(context):
    """The slots that the kernel's command lines on the console named so far."""
    return re.findall(r"rauc\.slot=([AB])", context.board.console_text)


def _agreeing(machine):
    """The picture and how much it differs from the panel's, once they are of the same moment."""
    body = machine.panel("/screen.png")
    if not body:
        return None
    shown = machine.screen()
    differing = shown.difference(picture.read_png(body))
    return (shown, differing) if differing < 0.01 else None


@image_trial("image-boot", "the image boots to the idle screen, a key joins the practice conference")
def boot(context):
    machine = context.board
    machine.start()
    _idle(context)
    took = machine.running_for()
    shown, differing = machine.wait(lambda: _agreeing(machine), 60, "TV and /screen.png agree")
    context.save("tv.png", shown.png())
    context.expect(differing < 0.01, f"TV and /screen.png agree ({differing:.2%} of the samples differ)")
    context.expect(shown.colours(2) > 8, f"not blank: {shown.colours(2)} colours")
    context.proved(f"idle screen {took:.1f} s after switching on, firmware and boot loader included")
    machine.key("1")
    status = machine.wait(
        lambda: (lambda status: status if status and status["state"] == "in-call" else None)(machine.status()), 90, "state in-call")
    context.proved(f"key 1 joins: {status['participants'] - 1} others after {status['last_join_ms']} ms")
    context.save("joined.png", machine.screen().png())
    machine.wait(lambda: all(machine.screen().share(colour, 36) >= 0.001 for colour in _PARTNERS), 60, "the partners' pictures")
    context.save("call.png", machine.screen().png())
    context.proved("both partners are on the TV")
    machine.cut()
    machine.console_text = ""
    machine.start()
    _idle(context)
    context.proved(f"after a power cut in the call: idle after {machine.running_for():.1f} s, with the data partition as it was")
    context.expect("made anew" not in machine.console_text, "the data partition was not made anew")


def _stick(context, bundle):
    """A stick with an update on it: a FAT file system on the whole medium."""
    path = context.board.folder / "stick"
    with open(path, "wb") as output:
        output.truncate(bundle.stat().st_size + (16 << 20))
    debian.run(["/usr/sbin/mkfs.vfat", "-n", "STICK", str(path)], "making the stick")
    debian.run(["mcopy", "-i", str(path), str(bundle), "::update.raucb"], "filling the stick")
    return path


def _slot_of_status(context):
    """The slot that runs, as the console's last words of the first program tell."""
    found = re.findall(r"visiosalle: slot ([ab]) ", context.board.console_text)
    return found[-1] if found else None


@image_trial("image-update", "an update on a stick goes to the other slot, starts, and is validated")
def update(context):
    machine = context.board
    machine.start(_stick(context, context.updates["good"]))
    machine.wait(lambda: _slot_of_status(context) == "a", 200, "slot a starts")
    context.proved("slot a runs")
    machine.wait(lambda: "stick: installed" in machine.console_text, 600, "the update is installed")
    context.proved(f"installed from the stick, {machine.running_for():.0f} s after switching on")
    machine.wait(lambda: _slot_of_status(context) == "b", 300, "slot b starts")
    _idle(context, 300)
    context.proved("slot b shows the idle screen")
    machine.wait(lambda: "slot b is good" in machine.console_text, 200, "slot b is validated")
    context.proved("slot b is validated")
    context.expect(machine.console_text.count("made anew") == 1, "the data partition is that of slot a")


@image_trial("image-update-crash", "an update whose appliance never starts goes back to the old slot by itself")
def crash(context):
    machine = context.board
    machine.start(_stick(context, context.updates["crash"]))
    machine.wait(lambda: "stick: installed" in machine.console_text, 800, "the update is installed")
    machine.wait(lambda: _slot_of_status(context) == "b", 300, "slot b starts")
    context.proved("the new slot is tried")
    machine.wait(lambda: _slot_of_status(context) == "a", 1500, "slot a starts again")
    tries = len(re.findall(r"visiosalle: slot b ", machine.console_text))
    context.expect(tries == 3, f"slot b was tried three times ({tries})")
    _idle(context, 300)
    context.proved("slot a shows the idle screen again")


def _refused(context, kind, words):
    machine = context.board
    machine.start(_stick(context, context.updates[kind]))
    machine.wait(lambda: "stick: refused" in machine.console_text, 500, "the update is refused")
    said = re.findall(r"stick: refused.*", machine.console_text)[-1].strip()
    context.expect(re.search(words, said) is not None, f"the reason: {said[:160]}")
    context.expect("slot b " not in machine.console_text, "slot b was not started")


@image_trial("image-update-wrong-key", "an update with another signature is refused")
def wrong_key(context):
    _refused(context, "wrong-key", "signature|verif|certificate")


@image_trial("image-update-wrong-board", "an update for another board is refused")
def wrong_board(context):
    _refused(context, "wrong-board", "ompatible")
