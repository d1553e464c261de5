"""Narrow and trembling lines: what a Chromium participant on a good line sees and hears of whoever is behind them, the product
and another Chromium by turns in the same place, with the same clip; and what they see of it.

The lines come one after the other, with a few good seconds between: what one leaves behind is the next one's beginning.
"""

import time

from . import host
from .measures import row, spread
from .product import Failure, wait

# 25 ms of round trip on each. Milliseconds and percent each way, kbit/s each way with 200 ms of queue.
LINES = (
    ("10 % loss", {"loss": 10}),
    ("1000 kbit/s", {"rate": 1000}),
    ("250 kbit/s", {"rate": 250}),
    ("jitter 40 ms", {"jitter": 40}),
    ("jitter 30 ms, 5 % loss", {"jitter": 30, "loss": 5}),
)
DELAY = 12.5
GOOD = 5
SETTLING = 8
# What is measured: name, unit, whether more is better, what it is called in a table.
FIGURES = (
    ("rate", "kbit/s"), ("pictures", "a second"), ("frozen", "% of the time"), ("concealed", "% of the speech"),
    ("height", "lines"), ("seen", "pictures of others a second"),
)


def lines(lab):
    """M13: a participant behind narrow and trembling lines, 25 ms round trip."""
    report = lab.report
    report.line("prove")
    ours, theirs = {}, {}
    for _ in range(report.pairs):
        with lab.watcher() as watcher:
            with lab.product() as product:
                _join(product)
                _run(lab, watcher, lambda: _seen_by_product(product), ours)
                product.leave()
            time.sleep(3)
            with lab.chromium() as page:
                _run(lab, watcher, lambda: page.inbound("video").get("decoded", 0), theirs)
    for name, _ in LINES:
        for figure, unit in FIGURES:
            mine, other = ([turn[figure] for turn in turns[name]] for turns in (ours, theirs))
            least = host.median(other)
            row(report, "M13", f"{name}: {figure.replace('_', ' ')}", spread(mine, unit), "Chromium " + spread(other, unit),
                f"{host.median(mine) / least:.2f} times" if least else "", "", f"{report.pairs} pairs by turns")


def _join(product):
    """A first call on a bridge that has just started may need a second try."""
    for tries in range(3):
        try:
            return product.join(20)
        except Failure:
            if tries == 2:
                raise
            product.leave()
            time.sleep(2)


def _run(lab, watcher, seen, turns):
    """The lines one after the other; `seen` tells how many pictures of others were decoded so far."""
    with lab.line(delay=DELAY):
        # The estimates of both sides find the good line first.
        wait(lambda: watcher.inbound("video").get("decoded", 0) > 30, 40, "the watcher's first picture")
        time.sleep(15)
        for name, values in LINES:
            lab.report.line("set", *(str(word) for pair in {"delay": DELAY, **values}.items() for word in pair))
            time.sleep(SETTLING)
            begin, audio, video, own = time.monotonic(), watcher.inbound("audio"), watcher.inbound("video"), seen()
            time.sleep(lab.report.seconds)
            took, heard, looked, now = time.monotonic() - begin, watcher.inbound("audio"), watcher.inbound("video"), seen()
            lab.report.line("set", "delay", str(DELAY))
            turns.setdefault(name, []).append({
                "rate": (looked["bytes"] - video["bytes"] + heard["bytes"] - audio["bytes"]) * 8 / 1000 / took,
                "pictures": (looked["decoded"] - video["decoded"]) / took,
                "frozen": _frozen(video, looked, took),
                "concealed": (heard["concealed"] - audio["concealed"]) / max(1, heard["samples"] - audio["samples"]) * 100,
                "height": looked["height"],
                "seen": (now - own) / took,
            })
            print(f"    {name}: " + ", ".join(f"{key} {value:.1f}" for key, value in turns[name][-1].items()), flush=True)
            time.sleep(GOOD)


def _frozen(before, after, took):
    """By libwebrtc's own rule, which counts a freeze when it is over: all of the time where no picture came at all."""
    if after["decoded"] == before["decoded"]:
        return 100
    return min(100, (after["frozen"] - before["frozen"]) / took * 100)


def _seen_by_product(product):
    return sum(flow["frames_decoded"] for flow in product.flows() if flow["kind"] == "video" and flow["direction"] == "receive")
