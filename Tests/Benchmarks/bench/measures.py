"""What is measured without a server: each function adds rows to the report."""

import re
import subprocess
import time

from . import gstreamer, host, kernels
from .product import Practice, Product

SCREEN = (1920, 1080)


def row(report, number, what, product, peer="", ratio="", goal="", note=""):
    report.rows.append((number, what, product, peer, ratio, goal, note))
    print(f"  {number} {what}: {product}{f' beside {peer}' if peer else ''}{f', {ratio}' if ratio else ''}", flush=True)


def spread(values, unit, digits=1):
    """Median and the range of all."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f} {unit}"
    return f"{host.median(values):.{digits}f} {unit} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def composition(report):
    """M12: Scene, Painter and libyuv at 1920x1080."""
    runs = {}
    for _ in range(report.pairs):
        output = subprocess.run([report.program("screenbench")], capture_output=True, text=True, check=True).stdout
        for name, cost in re.findall(r"^(.*): ([0-9.]+) ms of CPU a frame", output, re.MULTILINE):
            runs.setdefault(name, []).append(float(cost))
        draws = re.search(r"unchanged: (\d+) draws", output)
        runs.setdefault("draws", []).append(float(draws.group(1)))
    goals = {"one": "≤ 4 ms", "four": "≤ 5 ms"}
    for name, costs in runs.items():
        if name != "draws":
            row(report, "M12", f"composing, {name}", spread(costs, "ms a frame", 2), goal=goals.get(name.split()[0], ""))
    row(report, "M12", "an unchanged idle screen", f"{max(runs['draws']):.0f} draws in 60 frames", goal="0")


def packets(report):
    """M08: the product's packet path and libsrtp alone, by turns in one process."""
    runs = [kernels.lines([report.program("mediabench"), "packets"]) for _ in range(report.pairs)]
    for profile, name in (("aeadAES128GCM", "AES-GCM"), ("aes128CMHMACSHA1_80", "AES-CM with SHA-1")):
        def values(key):
            return [run[key][0] for run in runs]

        row(report, "M08", f"a video packet out and in, {name}", spread(values(f"packet path {profile}"), "µs", 2),
            "libsrtp alone " + spread(values(f"libsrtp alone {profile}"), "µs", 2),
            f"{host.median(values(f'packet path {profile} to libsrtp alone')):.2f} times", "≤ 2 times (GCM)",
            f"{host.median(values(f'packet path {profile} packets')):,.0f} packets a second and core")
        ours, theirs = (values(f"{side} {profile} allocations") for side in ("packet path", "libsrtp alone"))
        row(report, "M08", f"allocations, {name}", spread(ours, "a packet", 2),
            "libsrtp alone " + spread(theirs, "a packet", 2), goal="libsrtp's own only")
    # Whole sessions, then what the threads of pictures and sound do; it fails by itself when its limits are passed.
    run = subprocess.run([report.program("packetbench")], capture_output=True, text=True)
    for name, number, unit, cost, own, most in re.findall(
            r"^(.*): (\d+) (packets|pictures|compositions|steps of 10 ms), (\d+) ns each,"
            r" (\d+) allocations of our own \(at most (\d+)\)", run.stdout, re.MULTILINE):
        row(report, "M08", f"{name}, {number} {unit}", f"{int(cost) / 1000:.1f} µs each",
            goal=f"≤ {most} allocations of our own", note=f"{own}")
    if run.returncode != 0:
        row(report, "M08", "memory in the call", "over a limit" if run.stdout else "did not run", goal="within it")


def _watch(product, seconds):
    """What flows in the mean of `seconds`: rates from the counters, bitrates from a sample each second."""
    first, begin = product.flows(), time.monotonic()
    bitrates = {}
    while time.monotonic() - begin < seconds:
        time.sleep(1)
        for flow in product.flows():
            bitrates.setdefault((flow["direction"], flow["ssrc"]), []).append(flow["bitrate"])
    last, passed = product.flows(), time.monotonic() - begin
    counts = {(flow["direction"], flow["ssrc"]): _pictures(flow) for flow in first}
    for flow in last:
        key = (flow["direction"], flow["ssrc"])
        flow["bitrate"] = sum(bitrates.get(key, [flow["bitrate"]])) / len(bitrates.get(key, [0]))
        flow["fps"] = (_pictures(flow) - counts.get(key, 0)) / passed
    return last, passed


def _pictures(flow):
    return flow.get("frames_encoded" if flow["direction"] == "send" else "frames_decoded", 0)


def call_cost(report):
    """M05 and M06: a call with the practice conference; the kernels alone, and GStreamer when it was asked for."""
    clip = report.clip()
    used, alone, by_gstreamer, memory, threads, parts = [], [], [], [], {}, {}
    flows, films = [], []
    with Practice(report.program("visiosalle")) as practice:
        options = ["--camera", f"file:{clip}", "--microphone", "tone:300"]
        with Product(report.program("visiosalle"), practice.address, *options) as product:
            time.sleep(3)
            before, begin = host.cpu_seconds([product.pid]), time.monotonic()
            time.sleep(report.seconds)
            idle = (host.cpu_seconds([product.pid]) - before) / (time.monotonic() - begin) * 100
            idle_memory = host.pss_mebibytes([product.pid])
            for turn in range(report.pairs):
                product.join()
                # Until the sizes of the pictures stand.
                time.sleep(8)
                before, names = host.cpu_seconds([product.pid]), host.cpu_by_thread(product.pid)
                flows, passed = _watch(product, report.seconds)
                used.append((host.cpu_seconds([product.pid]) - before) / passed * 100)
                for name, spent in host.cpu_by_thread(product.pid).items():
                    threads.setdefault(name, []).append((spent - names.get(name, 0)) / passed * 100)
                memory.append(host.pss_mebibytes([product.pid]))
                product.leave()
                for name, share in kernels.of_call(report.program("mediabench"), flows, SCREEN).items():
                    parts.setdefault(name, []).append(share)
                alone.append(sum(values[-1] for values in parts.values()))
                if report.gstreamer:
                    if turn == 0:
                        seen = [flow for flow in flows if flow["direction"] == "receive" and flow.get("width")]
                        films = [report.folder / f"{index}.webm" for index in range(len(seen))]
                        for flow, path in zip(seen, films):
                            gstreamer.film(flow, path, report.seconds + 20)
                    by_gstreamer.append(gstreamer.cost(flows, SCREEN, clip, films, report.seconds))
    pictures = [f for f in flows if f["kind"] == "video" and f.get("width")]
    shape = ", ".join(
        f"{'sends' if f['direction'] == 'send' else 'receives'} {f['width']}x{f['height']} at {f['fps']:.0f}/s"
        for f in pictures)
    row(report, "M05", f"CPU of a practice call ({shape}; screen 1920x1080)", spread(used, "% of a core"),
        "sum of kernels " + spread(alone, "%"),
        f"{host.median([a / b for a, b in zip(used, alone)]):.2f} times", "≤ 1.15 times")
    row(report, "M05", "of that, by kernel alone", ", ".join(
        f"{name} {host.median(values):.1f} %" for name, values in parts.items()))
    busy = sorted(((host.median(values), name) for name, values in threads.items()), reverse=True)
    row(report, "M05", "by thread of the product", ", ".join(
        f"{name} {share:.1f} %" for share, name in busy if share >= 0.5),
        note="threads of libvpx that ended meanwhile are missing")
    if by_gstreamer:
        costs = [cost for cost, _ in by_gstreamer]
        row(report, "M05", "the same flows by GStreamer", spread(used, "%"), "GStreamer " + spread(costs, "%"),
            f"{host.median([a / b for a, b in zip(used, costs)]):.2f} times", "≤ 0.7 times")
        row(report, "M06", "memory beside GStreamer's", spread(memory, "MiB Pss"),
            "GStreamer " + spread([size for _, size in by_gstreamer], "MiB"))
    row(report, "M05", "CPU when idle", f"{idle:.2f} % of a core", goal="≤ 0.2 %")
    row(report, "M06", "memory when idle", f"{idle_memory:.1f} MiB Pss", goal="≤ 16 MiB")
    row(report, "M06", "memory in the call", spread(memory, "MiB Pss"), goal="≤ 80 MiB")


def joins(report):
    """M01 without a network, and what joining often leaves behind."""
    with Practice(report.program("visiosalle")) as practice:
        with Product(report.program("visiosalle"), practice.address) as product:
            times, sizes = [], []
            for number in range(report.joins + 5):
                took = product.join()
                product.leave()
                if number >= 5:
                    times.append(took)
                    sizes.append(host.pss_mebibytes([product.pid], "Pss_Anon") * 1024)
            middle = len(sizes) // 2
            growth = host.median(sizes[middle:]) - host.median(sizes[:middle])
    row(report, "M01", f"press to first picture, practice conference, {report.joins} joins",
        f"median {host.median(times):.0f} ms, p95 {host.percentile(times, 95):.0f} ms",
        note="no round trip; the practice conference stands in for the server")
    row(report, "M06", f"memory after joins {middle + 1}–{len(sizes)} less that after 1–{middle}", f"{growth:.0f} KiB of its own",
        goal="≤ 256 KiB over 50 joins")


def bandwidth(report):
    """M11 in virtual time."""
    runs = [kernels.lines([report.program("mediabench"), "bandwidth", str(seed)]) for seed in range(1, report.seeds + 1)]
    goals = {"open": "≤ 1 s", "drop of": "≤ 3 s", "1 Mbit/s: used": "≥ 92 %", "1 Mbit/s: queue": "≤ 50 ms"}
    for name, (_, unit) in runs[0].items():
        goal = next((goals[start] for start in goals if name.startswith(start)), "")
        row(report, "M11", name, spread([run[name][0] for run in runs], unit, 2), goal=goal,
            note=f"{report.seeds} seeds, 50 ms round trip")


def lossy(report):
    """M09 and M10 in virtual time."""
    bench = report.program("mediabench")
    for loss in (0, 5, 10, 20):
        runs = [kernels.lines([bench, "speech", str(loss), "30", str(seed)]) for seed in range(1, report.seeds + 1)]
        _table(report, "M09", f"speech, {loss} % loss, jitter 30 ms", runs)
    for loss in (1, 5, 10):
        runs = [kernels.lines([bench, "video", str(loss), "50", str(seed)]) for seed in range(1, report.seeds + 1)]
        _table(report, "M10", f"video, {loss} % loss, 50 ms round trip", runs)


def _table(report, number, what, runs):
    text = ", ".join(f"{name} {host.median([run[name][0] for run in runs]):.1f} {unit}"
                     for name, (_, unit) in runs[0].items())
    row(report, number, what, text, note=f"medians of {report.seeds} seeds")


MEASURES = {
    "M12": composition, "M08": packets, "M11": bandwidth, "M09": lossy, "M10": lossy, "M05": call_cost, "M06": call_cost,
    "M01": joins,
}
