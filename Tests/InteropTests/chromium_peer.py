"""Calls between the box and Chromium: one line per check, and an exit code.

usage: chromium_peer.py INTEROP_PROGRAM STUN_HOST:PORT CHROMIUM

The page gets its commands from, and tells what happens to, a small web server in this process.
"""

import asyncio
import contextlib
import json
import pathlib
import shutil
import sys
import tempfile

from box import Box, Failure, Inbox
from call import (
    BOX_SIZE, BOX_TONE, CHANNEL, CHANNEL_PROTOCOL, SIZE, Checks, answer_of_box, check_report, check_retransmission,
    check_secured, description_for_box, host_candidate, is_cycle, reflexive_candidate,
)
from nat import NAT

PAGE = pathlib.Path(__file__).with_name("chromium.html").read_bytes()
OPTIONS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    # Both ends are on the loopback interface, and say so.
    "--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns",
    # Nobody looks at the page: its timers must run all the same.
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]


class Page(Inbox):
    """Chromium with the page of the test."""

    def __init__(self):
        super().__init__("Chromium")
        self._commands = asyncio.Queue()
        self._serving = set()

    async def start(self, chromium):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._profile = tempfile.mkdtemp(prefix="interop-chromium-")
        port = self._server.sockets[0].getsockname()[1]
        self._process = await asyncio.create_subprocess_exec(
            chromium, *OPTIONS, f"--user-data-dir={self._profile}", f"http://127.0.0.1:{port}/",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )

    def tell(self, kind, **members):
        self._commands.put_nowait({"type": kind, **members})

    async def stop(self):
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except asyncio.TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._server.close()
        for task in self._serving:
            task.cancel()
        shutil.rmtree(self._profile, ignore_errors=True)

    async def _serve(self, reader, writer):
        """One HTTP request and its answer."""
        task = asyncio.current_task()
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            lengths = [line.split(":")[1] for line in head.splitlines() if line.startswith("content-length:")]
            body = await reader.readexactly(int(lengths[0])) if lengths else b""
            kind, answer = "application/json", b"{}"
            target = head.split()[1]
            if target == "/command":
                answer = json.dumps(await self._commands.get()).encode()
            elif target == "/event":
                self.deliver(json.loads(body))
            else:
                kind, answer = "text/html", PAGE
            writer.write(
                f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(answer)}\r\n"
                "Cache-Control: no-store\r\nConnection: close\r\n\r\n".encode() + answer
            )
            await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def call(*options):
    box = await Box.start(sys.argv[1], *options)
    page = Page()
    await page.start(sys.argv[3])
    try:
        yield box, page
    finally:
        await page.stop()
        await box.stop()


async def offer_to_box(box, page, candidates=None, codec="VP8", size=SIZE, mode=None):
    page.tell("offer", codec=codec, size=size, mode=mode)
    offer = (await page.expect("offer", limit=20))["sdp"]
    local = await box.expect("local")
    remote = description_for_box(offer)
    if candidates is None:
        box.tell("remote", **remote)
        ours = [host_candidate(local)]
    else:
        # From behind a NAT the peer's own address leads nowhere.
        box.tell("remote", **{**remote, "candidates": []})
        ours = await candidates(box)
    page.tell("answer", sdp=answer_of_box(local, ours, "active", offer, remote, codec))


async def report_of(page):
    page.tell("report")
    return await page.expect("report")


async def check_media(checks, box, page, frames=75, loses=False, size=SIZE, codec="VP8"):
    await box.expect("frames", lambda message: message["count"] >= frames, 30)
    report = await report_of(page)
    while report["frames"] < frames or not report["roundTrip"]:
        await box.expect("frames", limit=5)
        report = await report_of(page)
    heard = report["frequency"]
    checks.note(abs(heard - BOX_TONE) < 5, f"Chromium hears {heard:.1f} Hz", f"expected {BOX_TONE} Hz, {report}")
    checks.note(
        (report["width"], report["height"]) == BOX_SIZE and report["codec"] == f"video/{codec}"
        and is_cycle(report["colours"], loses)
        and report["barPositions"] > 30 and report["strange"] <= report["frames"] // 10,
        f"Chromium sees {report['frames']} moving pictures of {codec}, {BOX_SIZE[0]}x{BOX_SIZE[1]}, in the right colours",
        f"{report}",
    )
    return await check_report(checks, box, loses, size, codec)


async def direct(checks):
    async with call("--dtls", "client", "--ice", "controlled") as (box, page):
        await offer_to_box(box, page)
        await check_secured(checks, box)
        await box.expect("channelOpen")
        channel = await page.expect("channel")
        names = (channel["label"], channel["protocol"])
        checks.note(names == (CHANNEL, CHANNEL_PROTOCOL), "the channel has its label and protocol", f"{names}")
        greeting = '{"colibriClass":"ClientHello","é":"你好"}'
        box.tell("say", text=greeting)
        text = (await page.expect("text"))["text"]
        checks.note(text == greeting, "the channel carries the box's text", text)
        answer = '{"colibriClass":"ServerHello","pad":"' + "ß" * 8000 + '"}'
        page.tell("say", text=answer)
        message = await box.expect("channelMessage")
        checks.note(message["text"] == answer, "the channel carries Chromium's text", message["text"][:60])
        report = await check_media(checks, box, page)
        checks.note(
            0 <= report["transportFractionLost"] < 0.1, "Chromium's transport-wide feedback tells of no loss",
            f"{report}",
        )
        before = report["keyframes"]
        box.tell("demandKeyframe")
        await box.expect("keyframe", lambda message: message["count"] > before, 5)
        checks.note(True, "the box's PLI brings a key frame of Chromium")
        box.tell("close")
        state = await page.expect("state", lambda message: message["state"] in ("closed", "failed", "disconnected"))
        checks.note(await box.exit_code() == 0, f"the box hangs up and Chromium sees it, {state['state']}")


async def behind_nat(checks, stun):
    nat = NAT(stun, loss=0.03, seed=2)
    await nat.start()
    try:
        options = ["--dtls", "client", "--ice", "controlled", "--stun", f"{nat.inside[0]}:{nat.inside[1]}"]
        async with call(*options) as (box, page):
            await offer_to_box(box, page, lambda box: reflexive_candidate(checks, box, nat))
            await check_secured(checks, box)
            await check_media(checks, box, page, loses=True)
            await check_retransmission(checks, box, nat)
    finally:
        nat.stop()


async def vp9(checks, mode, size):
    """VP9 in three temporal layers to Chromium, and as `mode` says from it."""
    async with call("--dtls", "client", "--ice", "controlled", "--codec", "vp9") as (box, page):
        await offer_to_box(box, page, codec="VP9", size=size, mode=mode)
        await check_secured(checks, box)
        report = await check_media(checks, box, page, size=size, codec="VP9")
        layers = int(mode[1])
        checks.note(report["layers"] == layers, f"a picture has as many spatial layers as it is to have, {layers}", f"{report}")
        before = report["keyframes"]
        box.tell("demandKeyframe")
        await box.expect("keyframe", lambda message: message["count"] > before, 5)
        checks.note(True, "the box's PLI brings a key frame of Chromium")
        box.tell("close")
        await box.exit_code()


async def vp9_with_losses(checks, stun):
    nat = NAT(stun, loss=0.03, seed=3)
    await nat.start()
    try:
        options = ["--dtls", "client", "--ice", "controlled", "--stun", f"{nat.inside[0]}:{nat.inside[1]}"]
        async with call(*options, "--codec", "vp9") as (box, page):
            await offer_to_box(box, page, lambda box: reflexive_candidate(checks, box, nat), codec="VP9")
            await check_secured(checks, box)
            await check_media(checks, box, page, loses=True, codec="VP9")
            await check_retransmission(checks, box, nat)
    finally:
        nat.stop()


async def main():
    host, port = sys.argv[2].rsplit(":", 1)
    checks = Checks("Chromium")
    await checks.run("direct", direct)
    await checks.run("NAT", behind_nat, (host, int(port)))
    await checks.run("VP9", vp9, "L1T1", SIZE)
    await checks.run("VP9 in layers", vp9, "L2T3_KEY", (640, 480))
    await checks.run("VP9 with losses", vp9_with_losses, (host, int(port)))
    return 1 if checks.failed else 0


sys.exit(asyncio.run(main()))
