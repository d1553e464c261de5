"""What needs a Jitsi Meet server: the product and Chromium with Jitsi's own page by turns in one room."""

import time
import urllib.parse

from . import host
from .chromium import Participant
from .measures import row, spread
from .product import Product


def run(report):
    """M01, M05 and M06 beside Chromium, with a third participant in the room whom both see."""
    room = f"bench{int(time.time())}"
    clip = report.clip()
    server = report.server.rstrip("/")
    options = ["--camera", f"file:{clip}", "--microphone", "tone:300"]
    if report.ca:
        options += ["--ca", str(report.ca)]
    ours, theirs = {}, {}

    def note(side, **values):
        for name, value in values.items():
            side.setdefault(name, []).append(value)

    def measure(pids):
        before, begin = host.cpu_seconds(pids), time.monotonic()
        time.sleep(report.seconds)
        return (host.cpu_seconds(pids) - before) / (time.monotonic() - begin) * 100, host.pss_mebibytes(pids)

    with Participant(server, room, "Camille", clip, inside=report.peer_inside):
        with Product(report.program("visiosalle"), f"{server}/{room}", *options, inside=report.product_inside,
                     listen="127.0.0.1:8080" if report.product_inside else "127.0.0.1:0") as product:
            time.sleep(5)
            for _ in range(report.pairs):
                took = product.join(30)
                time.sleep(15)
                cpu, memory = measure([product.pid])
                note(ours, join=took, cpu=cpu, memory=memory)
                product.leave()
                time.sleep(3)
                with Participant(server, room, "Idris", clip, waits=True, inside=report.peer_inside) as peer:
                    took = peer.join()
                    time.sleep(15)
                    cpu, memory = measure(peer.pids())
                    note(theirs, join=took, cpu=cpu, memory=memory)
                time.sleep(3)
    where = urllib.parse.urlsplit(server).netloc
    for number, name, what, unit, goal in (
        ("M01", "join", "press to first picture, page or box ready", "ms", "≤ 0.3 times, p95 ≤ 350 ms"),
        ("M05", "cpu", "CPU of a two-person call", "% of a core", "≤ 0.30 times"),
        ("M06", "memory", "memory of a two-person call", "MiB Pss", "≤ 0.15 times, ≤ 80 MiB"),
    ):
        ratio = host.median([a / b for a, b in zip(ours[name], theirs[name])])
        row(report, number, f"{what}, {where}", spread(ours[name], unit), "Chromium " + spread(theirs[name], unit),
            f"{ratio:.3f} times", goal, f"{report.pairs} pairs by turns")
