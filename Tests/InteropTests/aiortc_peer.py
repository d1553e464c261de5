"""Calls between the box and aiortc: one line per check, and an exit code.

usage: aiortc_peer.py INTEROP_PROGRAM STUN_HOST:PORT
"""

import asyncio
import contextlib
import sys

import aioice.ice
import aiortc
import aiortc.codecs.vpx

from box import Box, Failure
from call import (
    BOX_SIZE, BOX_TONE, CHANNEL, CHANNEL_PROTOCOL, SIZE, TONE, Checks, answer_of_box, check_report, check_retransmission,
    check_secured, description_for_box, description_of_box, host_candidate, is_cycle, reflexive_candidate,
)
from nat import NAT
from test_signal import Ear, Eye, Picture, Tone

# aioice leaves the loopback interface out, where this whole test takes place.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


class CountingDecoder(aiortc.codecs.vpx.Vp8Decoder):
    """aiortc's VP8 decoder, with a count of key frames (RFC 6386 section 9.1: bit 0 is clear)."""

    keyframes = 0

    def decode(self, encoded_frame):
        if encoded_frame.data and not encoded_frame.data[0] & 1:
            CountingDecoder.keyframes += 1
        return super().decode(encoded_frame)


aiortc.codecs.Vp8Decoder = CountingDecoder


class Peer:
    """aiortc's end of a call."""

    def __init__(self):
        CountingDecoder.keyframes = 0
        self.connection = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        self.ear = Ear()
        self.eye = Eye()
        self.texts = asyncio.Queue()
        self.channel = asyncio.get_running_loop().create_future()
        self.closed = asyncio.Event()
        self._tasks = []
        self.connection.on("track", self._on_track)
        self.connection.on("datachannel", self._on_channel)
        self.connection.on("connectionstatechange", self._on_state)

    def _on_track(self, track):
        counter = self.ear if track.kind == "audio" else self.eye
        self._tasks.append(asyncio.create_task(counter.consume(track)))

    def _on_channel(self, channel):
        channel.on("message", self.texts.put_nowait)
        self.channel.set_result(channel)

    def _on_state(self):
        if self.connection.connectionState == "closed":
            self.closed.set()

    def add_tracks(self):
        self.connection.addTrack(Tone(TONE))
        self.connection.addTrack(Picture(*SIZE))

    def prefer_vp8(self):
        capabilities = aiortc.RTCRtpReceiver.getCapabilities("video")
        wanted = [codec for codec in capabilities.codecs if codec.mimeType in ("video/VP8", "video/rtx")]
        for transceiver in self.connection.getTransceivers():
            if transceiver.kind == "video":
                transceiver.setCodecPreferences(wanted)

    def receiver(self, kind):
        return next(t.receiver for t in self.connection.getTransceivers() if t.kind == kind)

    async def stop(self):
        await self.connection.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def call(*options):
    """A box and a peer that do not know each other yet."""
    box = await Box.start(sys.argv[1], *options)
    peer = Peer()
    try:
        yield box, peer
    finally:
        await peer.stop()
        await box.stop()


async def offer_to_box(box, peer, setup, candidates=None, channel=None, spoil_fingerprint=False):
    """aiortc offers as a bridge does, the box answers. `candidates` gives the box's, which are the host's by default."""
    peer.add_tracks()
    if channel is None:
        # The section for the channel must be there, though it is the box that opens one.
        channel = peer.connection.createDataChannel("unused", negotiated=True, id=1000)
    peer.prefer_vp8()
    await peer.connection.setLocalDescription(await peer.connection.createOffer())
    local = await box.expect("local")
    offer = peer.connection.localDescription.sdp
    remote = description_for_box(offer, spoil_fingerprint)
    if candidates is None:
        box.tell("remote", **remote)
        ours = [host_candidate(local)]
    else:
        # From behind a NAT the peer's own address leads nowhere.
        box.tell("remote", **{**remote, "candidates": []})
        ours = await candidates(box)
    answer = answer_of_box(local, ours, setup, offer, remote)
    await peer.connection.setRemoteDescription(aiortc.RTCSessionDescription(answer, "answer"))


async def offer_from_box(box, peer):
    """The box offers, as it does when two participants talk without a bridge."""
    local = await box.expect("local")
    offer = description_of_box(local, [host_candidate(local)], "active")
    await peer.connection.setRemoteDescription(aiortc.RTCSessionDescription(offer, "offer"))
    peer.add_tracks()
    peer.prefer_vp8()
    await peer.connection.setLocalDescription(await peer.connection.createAnswer())
    box.tell("remote", **description_for_box(peer.connection.localDescription.sdp))


async def check_media(checks, box, peer, frames=75, loses=False):
    await box.expect("frames", lambda message: message["count"] >= frames, 30)
    await asyncio.wait_for(peer.eye.wait_for(frames), 30)
    await asyncio.wait_for(peer.ear.wait_for(50), 10)
    heard = peer.ear.frequency
    checks.note(abs(heard - BOX_TONE) < 5, f"aiortc hears {heard:.1f} Hz", f"expected {BOX_TONE} Hz")
    eye = peer.eye
    checks.note(
        eye.size == BOX_SIZE and is_cycle(eye.colours, loses) and len(eye.bar_positions) > 30
        and eye.strange <= (eye.count // 10 if loses else 0),
        f"aiortc sees {eye.count} moving pictures of {BOX_SIZE[0]}x{BOX_SIZE[1]} in the right colours",
        f"{eye.size}, colours {eye.colours}, bar {len(eye.bar_positions)}, strange {eye.strange}",
    )
    await check_report(checks, box, loses)


async def check_keyframes(checks, box, peer):
    box.tell("report")
    before = (await box.expect("report"))["keyframes"]
    box.tell("demandKeyframe")
    await box.expect("keyframe", lambda message: message["count"] > before, 5)
    checks.note(True, "the box's PLI brings a key frame of aiortc")

    seen, frames = CountingDecoder.keyframes, peer.eye.count
    await peer.receiver("video")._send_rtcp_pli((await box_ssrc(peer)))
    await box.expect("keyframeRequested", limit=5)
    await asyncio.wait_for(peer.eye.wait_for(frames + 25), 10)
    checks.note(
        CountingDecoder.keyframes > seen, "aiortc's PLI brings a key frame of the box",
        f"{seen} before, {CountingDecoder.keyframes} after",
    )


async def box_ssrc(peer):
    """The box's video SSRC, as aiortc came to know it."""
    sources = peer.receiver("video").getSynchronizationSources()
    if not sources:
        raise Failure("aiortc knows no video source")
    return sources[0].source


async def exchange_texts(checks, box, peer, channel):
    checks.note(
        (channel.label, channel.protocol) == (CHANNEL, CHANNEL_PROTOCOL), "the channel has its label and protocol",
        f"{channel.label}, {channel.protocol}",
    )
    greeting = '{"colibriClass":"ClientHello","é":"你好"}'
    box.tell("say", text=greeting)
    text = await asyncio.wait_for(peer.texts.get(), 5)
    checks.note(text == greeting, "the channel carries the box's text", text)
    # Larger than a packet: SCTP has to cut it up.
    answer = '{"colibriClass":"ServerHello","pad":"' + "ß" * 8000 + '"}'
    channel.send(answer)
    message = await box.expect("channelMessage")
    checks.note(message["text"] == answer, "the channel carries aiortc's text", message["text"][:60])


async def as_dtls_client(checks):
    """The box answers actively, as it does with a bridge, and opens the channel. The box hangs up."""
    async with call("--dtls", "client", "--ice", "controlled") as (box, peer):
        await offer_to_box(box, peer, "active")
        await check_secured(checks, box, "aeadAES128GCM")
        await box.expect("channelOpen")
        channel = await asyncio.wait_for(peer.channel, 5)
        await exchange_texts(checks, box, peer, channel)
        await check_media(checks, box, peer)
        await check_keyframes(checks, box, peer)
        box.tell("close")
        await asyncio.wait_for(peer.closed.wait(), 5)
        checks.note(await box.exit_code() == 0, "the box hangs up and aiortc sees it")


async def as_dtls_server(checks):
    """The box answers passively; aiortc opens the channel and hangs up."""
    async with call("--dtls", "server", "--ice", "controlled") as (box, peer):
        channel = peer.connection.createDataChannel(CHANNEL, protocol=CHANNEL_PROTOCOL)
        channel.on("message", peer.texts.put_nowait)
        await offer_to_box(box, peer, "passive", channel=channel)
        await check_secured(checks, box, "aeadAES128GCM")
        await box.expect("channelOpen")
        await exchange_texts(checks, box, peer, channel)
        await check_media(checks, box, peer)
        await peer.stop()
        await box.expect("closedByPeer", limit=5)
        checks.note(True, "aiortc hangs up and the box sees it")


async def as_offerer(checks):
    """The box offers, is the controlling side of ICE, and knows the older SRTP profile alone."""
    profile = "aes128CMHMACSHA1_80"
    async with call("--dtls", "client", "--ice", "controlling", "--profile", profile) as (box, peer):
        await offer_from_box(box, peer)
        await check_secured(checks, box, profile)
        await box.expect("channelOpen")
        await exchange_texts(checks, box, peer, await asyncio.wait_for(peer.channel, 5))
        await check_media(checks, box, peer)


async def behind_nat(checks, stun):
    """coturn tells the box its address outside of a NAT, which is all that aiortc gets; the path loses packets."""
    nat = NAT(stun, loss=0.03, seed=1)
    await nat.start()

    async def reflexive(box):
        return await reflexive_candidate(checks, box, nat)

    try:
        options = ["--dtls", "client", "--ice", "controlled", "--stun", f"{nat.inside[0]}:{nat.inside[1]}"]
        async with call(*options) as (box, peer):
            await offer_to_box(box, peer, "active", reflexive)
            await check_secured(checks, box, "aeadAES128GCM")
            await check_media(checks, box, peer, loses=True)
            await check_retransmission(checks, box, nat)
    finally:
        nat.stop()


async def with_wrong_fingerprint(checks):
    async with call("--dtls", "client", "--ice", "controlled") as (box, peer):
        await offer_to_box(box, peer, "active", spoil_fingerprint=True)
        failed = await box.expect("failed")
        checks.note(failed["detail"] == "fingerprintMismatch", "a wrong fingerprint ends the session", failed["detail"])
        checks.note(await box.exit_code() == 1, "and nothing goes on")
    async with call("--dtls", "server", "--ice", "controlled") as (box, peer):
        await offer_to_box(box, peer, "passive", spoil_fingerprint=True)
        failed = await box.expect("failed")
        checks.note(
            failed["detail"] == "fingerprintMismatch", "a wrong fingerprint ends the session of a DTLS server",
            failed["detail"],
        )


async def main():
    host, port = sys.argv[2].rsplit(":", 1)
    checks = Checks("aiortc")
    await checks.run("DTLS client", as_dtls_client)
    await checks.run("DTLS server", as_dtls_server)
    await checks.run("ICE controlling", as_offerer)
    await checks.run("NAT", behind_nat, (host, int(port)))
    await checks.run("fingerprint", with_wrong_fingerprint)
    return 1 if checks.failed else 0


sys.exit(asyncio.run(main()))
