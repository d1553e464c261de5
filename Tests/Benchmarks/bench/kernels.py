"""The codecs, libsrtp and libyuv alone, at the sizes and rates of a call that is going on."""

import subprocess


def lines(command):
    """Name → (value, unit), as the benchmarks print them."""
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = {}
    for line in output.splitlines():
        name, value, unit = line.split("\t")
        rows[name] = (float(value), unit)
    return rows


def of_call(mediabench, flows, screen):
    """Percent of one core by kernel, for the flows that a product tells of."""
    sent = [flow for flow in flows if flow["direction"] == "send" and flow["kind"] == "video" and flow.get("width")]
    seen = [flow for flow in flows if flow["direction"] == "receive" and flow["kind"] == "video" and flow.get("width")]
    voices = [flow for flow in flows if flow["kind"] == "audio"]

    def film(flow):
        return f"{flow['width']}x{flow['height']}:{max(50_000, int(flow['bitrate']))}"

    width, height = screen
    columns = 1 if len(seen) < 2 else 2
    tile = f"{width // columns}x{height // columns}"
    options = []
    for flow in sent:
        options += ["--encode", film(flow)]
    for flow in seen:
        options += ["--decode", film(flow), "--draw", f"{flow['width']}x{flow['height']}-{tile}"]
    rows = lines([mediabench, "kernels", *options])
    cost = {"VP8 encoding": 0, "VP8 decoding": 0, "pixels": 0}
    for flow in sent:
        cost["VP8 encoding"] += rows[f"encode {film(flow)}"][0] * flow["fps"] / 10
    for flow in seen:
        cost["VP8 decoding"] += rows[f"decode {film(flow)}"][0] * flow["fps"] / 10
        cost["pixels"] += rows[f"draw {flow['width']}x{flow['height']}-{tile}"][0] * flow["fps"] / 10
    speaking = [flow for flow in voices if flow["direction"] == "receive"]
    cost["Opus"] = (rows["opus encode"][0] + rows["opus decode"][0] * len(speaking)) * 50 / 10_000
    packets = sum(flow["bitrate"] for flow in flows) / 8 / 1_000 + 50 * len(voices)
    # Half of the way out and in.
    srtp = next(value for name, (value, _) in rows.items() if name.startswith("srtp"))
    cost["SRTP"] = srtp / 2 * packets / 10_000
    return cost
