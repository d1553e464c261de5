"""What needs a Jitsi Meet server: the product and Chromium with Jitsi's own page by turns in one room.

A third participant, whom both see and hear, is the product too: it costs little of the machine that all three share, and its
pictures and sounds tell when they were made.
"""

import contextlib
import time
import urllib.parse

from . import host, lines
from .chromium import Participant
from .measures import row, spread
from .product import Product, wait

FREEZE = 150


class Lab:
    """A server, a room, and the line of those who are measured."""

    def __init__(self, report):
        self.report = report
        self.server = report.server.rstrip("/")
        self.where = urllib.parse.urlsplit(self.server).netloc
        self.room = ""
        self.clip = report.clip()
        self.log = report.folder / "latencies"

    def product(self, *options, inside=None, microphone="tone:300", camera=True):
        arguments = ["--microphone", microphone, *options]
        arguments += ["--camera", f"file:{self.clip}"] if camera else ["--camera", "none"]
        if self.report.ca:
            arguments += ["--ca", str(self.report.ca)]
        return Product(self.report.program("visiosalle"), f"{self.server}/{self.room}", *arguments,
                       inside=self.report.inside if inside is None else inside)

    @contextlib.contextmanager
    def far(self, microphone="tone:300"):
        """The third participant, for a while, in a room where nobody was before."""
        self.room = f"bench{int(time.time())}"
        with self.product("--time-marks", "--name", "Camille", inside=self.report.far_inside, microphone=microphone) as far:
            far.press("join-1")
            wait(lambda: far.status()["state"] == "in-call", 30, "the third participant")
            time.sleep(5)
            yield far

    @contextlib.contextmanager
    def watcher(self):
        """A Chromium participant on a good line, for a while, in a room where nobody was before. Its own picture is a
        quarter of the others' size: it is the machine's guest, too."""
        self.room = f"bench{int(time.time())}"
        with Participant(self.server, self.room, "Camille", self.report.clip("640x360"), inside=self.report.far_inside) as page:
            yield page

    def chromium(self, **options):
        return Participant(self.server, self.room, "Idris", self.clip, inside=self.report.inside, **options)

    @contextlib.contextmanager
    def line(self, **values):
        """A worse line; without a command for it nothing is measured."""
        self.report.line("set", *(str(word) for pair in values.items() for word in pair))
        try:
            yield
        finally:
            self.report.line("clear")


def joins(lab):
    """M01: from the press to the first picture, box and page ready; then M02: both just started."""
    report = lab.report
    if report.line_command:
        report.line("prove")
    for round_trip in (0, 20) if report.line_command else (0,):
        with contextlib.ExitStack() as stack:
            stack.enter_context(lab.far())
            if round_trip:
                stack.enter_context(lab.line(delay=round_trip / 2))
            ours, theirs = [], []
            with lab.product() as product:
                for _ in range(report.pairs):
                    for _ in range(4):
                        wait(lambda: product.status()["standby"], 20, "standing by")
                        time.sleep(2)
                        ours.append(product.join(30))
                        time.sleep(2)
                        product.leave()
                    with lab.chromium(waits=True) as page:
                        theirs.append(page.join())
                    time.sleep(2)
            _joined(lab, "M01", f"press to first picture, box and page ready, {round_trip} ms round trip", ours, theirs,
                    "p95 ≤ 350 ms at 20 ms, ≤ 0.3 times")
            ours, theirs = [], []
            with lab.chromium() as page:
                for _ in range(report.pairs):
                    begun = time.monotonic()
                    with lab.product() as product:
                        started = (time.monotonic() - begun) * 1000
                        ours.append(started + product.join(30))
                    time.sleep(2)
                    theirs.append(page.join_cold())
            _joined(lab, "M02", f"start to first picture, {round_trip} ms round trip", ours, theirs,
                    "p95 ≤ 900 ms, ≤ 0.15 times")


def _joined(lab, number, what, ours, theirs, goal):
    ratio = host.percentile(ours, 95) / host.percentile(theirs, 95)
    row(lab.report, number, f"{what}, {lab.where}", f"{_spread(ours)}, {len(ours)} times",
        f"Chromium {_spread(theirs)}, {len(theirs)} times", f"{ratio:.2f} times", goal)


def _spread(values, unit="ms"):
    return f"median {host.median(values):.0f} {unit}, p95 {host.percentile(values, 95):.0f}"


def cost(lab):
    """M05 and M06: CPU and memory of a call with one other, 1280x720 both ways."""
    report = lab.report
    ours, theirs = [], []

    def measure(pids):
        before, begin = host.cpu_seconds(pids), time.monotonic()
        time.sleep(report.seconds)
        return (host.cpu_seconds(pids) - before) / (time.monotonic() - begin) * 100, host.pss_mebibytes(pids)

    with lab.far(), lab.product() as product:
        time.sleep(5)
        for _ in range(report.pairs):
            product.join(30)
            time.sleep(20)
            ours.append(measure([product.pid]))
            product.leave()
            time.sleep(3)
            with lab.chromium() as page:
                time.sleep(20)
                theirs.append(measure(page.pids()))
            time.sleep(3)
    for index, number, what, unit, goal in (
        (0, "M05", "CPU of a two-person call", "% of a core", "≤ 0.30 times"),
        (1, "M06", "memory of a two-person call", "MiB Pss", "≤ 0.15 times, ≤ 80 MiB"),
    ):
        mine, other = [value[index] for value in ours], [value[index] for value in theirs]
        row(report, number, f"{what}, {lab.where}", spread(mine, unit), "Chromium " + spread(other, unit),
            f"{host.median([a / b for a, b in zip(mine, other)]):.3f} times", goal, f"{report.pairs} pairs by turns")


def delays(lab):
    """M03 and M04: how old the far camera's pictures and the far microphone's clicks are, and how far they are apart."""
    ours, theirs = _By(), _By()
    with lab.far(microphone="clicks"), lab.product("--latency-log", str(lab.log), microphone="silence") as product:
        time.sleep(3)
        for _ in range(lab.report.pairs):
            product.join(30)
            time.sleep(15)
            ours.add(_watched(lab, lab.report.seconds))
            product.leave()
            time.sleep(2)
            with lab.chromium() as page:
                time.sleep(15)
                theirs.add(page.watch(lab.report.seconds))
            time.sleep(2)
    for number, what, mine, other, goal in (
        ("M03", "glass to glass, software part", ours.pictures, theirs.pictures, "p95 ≤ 60 ms"),
        ("M04", "mouth to ear", ours.sounds, theirs.sounds, "p95 ≤ 60 ms"),
        ("M03", "picture after sound", ours.skews, theirs.skews, "|p95| ≤ 45 ms"),
    ):
        if mine and other:
            row(lab.report, number, f"{what}, {lab.where}", f"{_spread(mine)}, {len(mine)} times",
                f"Chromium {_spread(other)}, {len(other)} times", f"{host.median(mine) / host.median(other):.2f} times", goal)
        else:
            row(lab.report, number, f"{what}, {lab.where}", f"{len(mine)} values", f"Chromium {len(other)}", goal=goal,
                note="not measured: no marks came")


class _By:
    def __init__(self):
        self.pictures, self.sounds, self.skews = [], [], []

    def add(self, watched):
        pictures, sounds = watched["pictures"], watched["sounds"]
        self.pictures += [age for _, age in pictures]
        self.sounds += [age for _, age in sounds]
        for when, age in sounds:
            near = min(pictures, key=lambda picture: abs(picture[0] - when), default=None)
            if near:
                self.skews.append(near[1] - age)


def _watched(lab, seconds):
    """What the product saw and heard meanwhile, as `Participant.watch` tells it of the page."""
    size = lab.log.stat().st_size
    time.sleep(seconds)
    watched = {"pictures": [], "sounds": []}
    with lab.log.open() as file:
        file.seek(size)
        for line in file:
            if line.endswith("\n"):
                what, when, age = line.split()
                watched[f"{what}s"].append((float(when), float(age)))
    return watched


def losses(lab):
    """M09 and M10: what a bad line to those who listen and look leaves of sound and picture, 50 ms round trip."""
    report = lab.report
    report.line("prove")
    for loss in (5, 10):
        ours, theirs = [], []
        with lab.far(), lab.product("--latency-log", str(lab.log)) as product:
            for _ in range(report.pairs):
                product.join(30)
                time.sleep(12)
                with lab.line(delay=25, loss=loss):
                    time.sleep(8)
                    before = _heard(product)
                    pictures = _watched(lab, report.seconds)["pictures"]
                    ours.append((*_suffered(before, _heard(product)), *_frozen(pictures, report.seconds)))
                product.leave()
                time.sleep(3)
                with lab.chromium() as page:
                    time.sleep(12)
                    with lab.line(delay=25, loss=loss):
                        time.sleep(8)
                        before = page.inbound("audio")
                        pictures = page.watch(report.seconds)["pictures"]
                        theirs.append((*_suffered(before, page.inbound("audio")), *_frozen(pictures, report.seconds)))
                time.sleep(3)
        for index, number, what, unit, goal in (
            (0, "M09", "speech concealed", "%", "≤ 0.5 times at 10 %"), (1, "M09", "jitter buffer", "ms", "no more"),
            (2, "M10", "frozen", "% of the time", "≤ 0.5 times at 5 %"), (3, "M10", "freezes", "a minute", ""),
            (4, "M10", "pictures shown", "a second", ""),
        ):
            mine, other = [value[index] for value in ours], [value[index] for value in theirs]
            least = host.median(other)
            row(report, number, f"{what}, {loss} % lost, {lab.where}", spread(mine, unit), "Chromium " + spread(other, unit),
                f"{host.median(mine) / least:.2f} times" if least else "", goal, f"{report.pairs} pairs by turns")


def _heard(product):
    sound = [flow for flow in product.flows() if flow["kind"] == "audio" and flow["direction"] == "receive"]
    flow = max(sound, key=lambda flow: flow["packets"])
    return {"concealed": flow["concealed_samples"], "samples": flow["decoded_samples"] + flow["concealed_samples"],
            "delay_ms": flow["delay_ms"]}


def _suffered(before, after):
    """Percent of the sound that was made up, and the milliseconds that it waited."""
    concealed = (after["concealed"] - before["concealed"]) / max(1, after["samples"] - before["samples"]) * 100
    if "delay_ms" in after:
        return concealed, after["delay_ms"]
    return concealed, (after["delay"] - before["delay"]) / max(1, after["emitted"] - before["emitted"]) * 1000


def _frozen(pictures, seconds):
    """Percent of the time in which a picture stood for longer than 150 ms, how often in a minute, pictures a second."""
    times = sorted(when for when, _ in pictures)
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    if times:
        gaps.append(max(0, seconds * 1000 - (times[-1] - times[0])))
    stood = [gap for gap in gaps if gap > FREEZE] if times else [seconds * 1000]
    return sum(stood) / (seconds * 10), len(stood) * 60 / seconds, len(times) / seconds


MEASURES = {"M01": joins, "M02": joins, "M03": delays, "M04": delays, "M05": cost, "M06": cost, "M09": losses, "M10": losses,
            "M13": lines.lines}
NEED_A_LINE = {losses, lines.lines}
