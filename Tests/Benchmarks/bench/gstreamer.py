"""The same work as a call's by GStreamer: camera to VP8 to RTP, RTP to VP8 to a picture, a voice there and back.

Without SRTP, whose share is below a thousandth of a core: the elements of GStreamer 1.22 lose their key when the pipeline
is written as text.
"""

import shlex
import shutil
import subprocess
import threading
import time

from . import host

PACKAGES = ["gstreamer1.0-tools", "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good", "gstreamer1.0-plugins-bad"]


def is_there():
    if not shutil.which("gst-launch-1.0"):
        return False
    return all(
        subprocess.run(["gst-inspect-1.0", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
        for name in ("vp8enc", "opusenc", "srtpenc", "rtpvp8pay"))


def install():
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *PACKAGES], check=True,
        stdout=subprocess.DEVNULL)


def film(flow, path, seconds):
    """Writes what a participant sends: the receiving chain begins with it, so its encoding does not count."""
    rate = max(1, round(flow["fps"]))
    command = (
        f"gst-launch-1.0 -q videotestsrc pattern=ball num-buffers={rate * seconds} ! video/x-raw,width={flow['width']},"
        f"height={flow['height']},framerate={rate}/1 ! vp8enc deadline=1 cpu-used=-6 keyframe-max-dist=9000 "
        f"target-bitrate={max(50_000, int(flow['bitrate']))} ! webmmux ! filesink location={path}")
    subprocess.run(command.split(), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def chains(flows, screen, films):
    sent = next(flow for flow in flows if flow["direction"] == "send" and flow["kind"] == "video")
    width, height = screen
    columns = max(1, len(films))
    yield (
        f"fdsrc fd=0 ! y4mdec ! videoscale ! video/x-raw,width={sent['width']},height={sent['height']} ! "
        "vp8enc deadline=1 cpu-used=-6 threads=2 end-usage=cbr static-threshold=1 keyframe-max-dist=9000 "
        f"target-bitrate={max(50_000, int(sent['bitrate']))} ! rtpvp8pay ! fakesink sync=true")
    yield (
        "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=1 ! opusenc bitrate=32000 inband-fec=true ! "
        "rtpopuspay ! rtpopusdepay ! opusdec ! fakesink sync=true")
    tiles = " ".join(
        f"sink_{index}::xpos={index * width // columns} sink_{index}::width={width // columns} "
        f"sink_{index}::height={height // columns}" for index in range(len(films)))
    if films:
        yield f"compositor name=screen {tiles} ! video/x-raw,format=BGRx,width={width},height={height} ! fakesink sync=true"
    for index, path in enumerate(films):
        yield (
            f"filesrc location={path} ! matroskademux ! rtpvp8pay ! rtpvp8depay ! vp8dec ! queue ! screen.sink_{index}")


def _feed(clip, pipe):
    """The clip again and again, as fast as it is taken."""
    with open(clip, "rb") as file:
        head = file.readline()
        frames = file.read()
    try:
        pipe.write(head)
        while True:
            pipe.write(frames)
    except (BrokenPipeError, ValueError):
        pass


def cost(flows, screen, clip, films, seconds):
    """Percent of one core, over `seconds` after it has settled, and memory in MiB."""
    command = shlex.split("gst-launch-1.0 -q " + " ".join(chains(flows, screen, films)))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    threading.Thread(target=_feed, args=(clip, process.stdin), daemon=True).start()
    try:
        time.sleep(3)
        before, start = host.cpu_seconds([process.pid]), time.monotonic()
        time.sleep(seconds)
        if process.poll() is not None:
            raise RuntimeError(f"GStreamer ended: {process.stderr.read().decode().strip()[:400]}")
        used = (host.cpu_seconds([process.pid]) - before) / (time.monotonic() - start) * 100
        return used, host.pss_mebibytes([process.pid])
    finally:
        process.kill()
        process.wait()
