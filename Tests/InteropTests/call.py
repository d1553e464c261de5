"""What the calls with every peer have in common: descriptions, and checks of what the box reports."""

import asyncio

from aiortc.sdp import SessionDescription

from box import Failure

CHANNEL = "JVB data channel"
CHANNEL_PROTOCOL = "http://jitsi.org/protocols/colibri"
SIZE = (320, 240)
BOX_SIZE = (640, 360)
TONE = 1000
BOX_TONE = 440
MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_WIDE_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


class Checks:
    def __init__(self, peer):
        self._peer = peer
        self._name = ""
        self.failed = 0

    async def run(self, name, script, *arguments):
        """A scenario; what it checks shows as lines of its own."""
        self._name = name
        try:
            await asyncio.wait_for(script(self, *arguments), 60)
        except (Failure, asyncio.TimeoutError) as failure:
            self.note(False, "the call", str(failure) or "it takes too long")

    def note(self, is_good, what, detail=""):
        if not is_good:
            self.failed += 1
        words = f"{'ok  ' if is_good else 'FAIL'} {self._peer} {self._name}: {what}"
        print(words if is_good else f"{words}: {detail}", flush=True)


def description_for_box(sdp, spoil_fingerprint=False):
    """The peer's session description in the box's words."""
    session = SessionDescription.parse(sdp)
    audio, video = (next(m for m in session.media if m.kind == kind) for kind in ("audio", "video"))
    sha256 = next(f for f in audio.dtls.fingerprints if f.algorithm == "sha-256")
    fingerprint = sha256.value
    if spoil_fingerprint:
        fingerprint = ("00" if fingerprint[:2] != "00" else "11") + fingerprint[2:]
    types = {codec.mimeType.lower(): codec.payloadType for codec in reversed(audio.rtp.codecs + video.rtp.codecs)}
    retransmissions = {
        codec.parameters.get("apt"): codec.payloadType for codec in video.rtp.codecs if codec.name.lower() == "rtx"
    }
    vp9 = next(
        (
            codec.payloadType for codec in video.rtp.codecs
            if codec.name.lower() == "vp9" and str(codec.parameters.get("profile-id", 0)) == "0"
        ), None,
    )
    extensions = {e.uri: e.id for e in audio.rtp.headerExtensions + video.rtp.headerExtensions}
    flow = next(group.items for group in video.ssrc_group if group.semantic == "FID")
    return {
        "ufrag": audio.ice.usernameFragment,
        "password": audio.ice.password,
        "hash": sha256.algorithm,
        "fingerprint": fingerprint,
        "candidates": [
            {
                "foundation": c.foundation, "priority": c.priority, "ip": c.ip, "port": c.port, "kind": c.type
            }
            for c in audio.ice_candidates
        ],
        "audioSSRC": audio.ssrc[0].ssrc,
        "videoSSRC": flow[0],
        "videoRTXSSRC": flow[1],
        "opus": types["audio/opus"],
        "vp8": types["video/vp8"],
        "rtx": retransmissions[types["video/vp8"]],
        "vp9": vp9,
        "vp9RTX": retransmissions.get(vp9),
        "audioLevel": extensions.get(AUDIO_LEVEL),
        "absSendTime": extensions.get(ABS_SEND_TIME),
        "transportWideCC": extensions.get(TRANSPORT_WIDE_CC),
        "mid": extensions.get(MID),
    }


def description_of_box(
    local, candidates, setup, opus=96, vp8=97, rtx=98, mids=("0", "1", "2"), audio_extensions=(), video_extensions=(),
    codec="VP8",
):
    """The box's end as a session description; an extension is a pair of number and name. `vp8` and `rtx` are the numbers
    of `codec`, whichever it is."""
    transport = [
        "c=IN IP4 127.0.0.1",
        f"a=ice-ufrag:{local['ufrag']}",
        f"a=ice-pwd:{local['password']}",
        f"a=fingerprint:{local['hash']} {local['fingerprint']}",
        f"a=setup:{setup}",
        *[
            f"a=candidate:{c['foundation']} 1 udp {c['priority']} {c['ip']} {c['port']} typ {c['kind']}"
            for c in candidates
        ],
        "a=end-of-candidates",
    ]
    audio, video, retransmission = local["audioSSRC"], local["videoSSRC"], local["videoRTXSSRC"]
    lines = [
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0",
        f"a=group:BUNDLE {' '.join(mids)}", "a=msid-semantic:WMS *",
        f"m=audio 9 UDP/TLS/RTP/SAVPF {opus}", *transport,
        "a=sendrecv", f"a=mid:{mids[0]}", "a=rtcp-mux", f"a=rtpmap:{opus} opus/48000/2",
        *[f"a=extmap:{number} {name}" for number, name in audio_extensions], f"a=ssrc:{audio} cname:salle",
        f"m=video 9 UDP/TLS/RTP/SAVPF {vp8} {rtx}", *transport,
        "a=sendrecv", f"a=mid:{mids[1]}", "a=rtcp-mux",
        f"a=rtpmap:{vp8} {codec}/90000", f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={vp8}",
        f"a=rtcp-fb:{vp8} nack", f"a=rtcp-fb:{vp8} nack pli", f"a=rtcp-fb:{vp8} goog-remb",
        *([f"a=rtcp-fb:{vp8} transport-cc"] if any(name == TRANSPORT_WIDE_CC for _, name in video_extensions) else []),
        *[f"a=extmap:{number} {name}" for number, name in video_extensions],
        f"a=ssrc-group:FID {video} {retransmission}",
        f"a=ssrc:{video} cname:salle", f"a=ssrc:{retransmission} cname:salle",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", *transport,
        f"a=mid:{mids[2]}", "a=sctp-port:5000", "a=max-message-size:65536",
    ]
    return "\r\n".join(lines) + "\r\n"


def host_candidate(local):
    return {
        "foundation": "1", "priority": 126 << 24 | 65535 << 8 | 255, "ip": "127.0.0.1", "port": local["port"],
        "kind": "host",
    }


def answer_of_box(local, candidates, setup, offer, remote, codec="VP8"):
    """The box's answer to `offer`, of which `remote` is what the box was told, for pictures of `codec`."""

    def negotiated(*names):
        return [(remote[key], name) for key, name in names if remote[key] is not None]

    common = [("transportWideCC", TRANSPORT_WIDE_CC)]
    return description_of_box(
        local, candidates, setup, remote["opus"], remote["vp8" if codec == "VP8" else "vp9"],
        remote["rtx" if codec == "VP8" else "vp9RTX"],
        [m.rtp.muxId for m in SessionDescription.parse(offer).media],
        negotiated(("audioLevel", AUDIO_LEVEL), *common), negotiated(("absSendTime", ABS_SEND_TIME), *common),
        codec,
    )


def is_cycle(colours, loses):
    """Whether all four colours came, and each after its predecessor unless frames were lost."""
    pairs = list(zip(colours, colours[1:]))
    return len(set(colours)) == 4 and (loses or all((before + 1) % 4 == after for before, after in pairs))


async def check_secured(checks, box, *profiles):
    selected = await box.expect("selected")
    checks.note(True, f"ICE connects, {selected['path']}")
    secured = await box.expect("secured")
    profile = secured["profile"]
    checks.note(not profiles or profile in profiles, f"DTLS-SRTP, {profile}", f"expected {profiles}")


async def reflexive_candidate(checks, box, nat):
    """The box's address outside of the NAT, as the STUN server told it."""
    candidate = await box.expect("candidate", lambda message: message["kind"] == "srflx")
    await box.expect("gathered")
    place = (candidate["ip"], candidate["port"])
    checks.note(place == nat.outside, "coturn gives the server-reflexive candidate", f"{place}, {nat.outside}")
    return [candidate]


async def check_report(checks, box, loses=False, size=SIZE, codec="VP8"):
    """What the box heard and saw of the peer."""
    box.tell("report")
    report = await box.expect("report")
    frequency = report["frequency"]
    checks.note(abs(frequency - TONE) < 10, f"the box hears {frequency:.1f} Hz", f"expected {TONE} Hz, {report}")
    checks.note(
        (report["width"], report["height"]) == size and report["codecs"] == [codec.lower()]
        and is_cycle(report["colours"], loses)
        and report["barPositions"] > 30 and report["strange"] == 0,
        f"the box sees {report['frames']} moving pictures of {codec}, {size[0]}x{size[1]}, in the right colours",
        f"{report}",
    )
    checks.note(
        report["malformed"] == 0 and report["unsupported"] == 0 and report["unknown"] == 0,
        "the box understands every packet", f"{report}",
    )
    return report


async def check_retransmission(checks, box, nat):
    """Both ends ask for what is lost and get it; how soon that shows is a matter of chance."""
    for _ in range(10):
        box.tell("report")
        report = await box.expect("report")
        if report["recovered"] > 0 and report["retransmissions"] > 0:
            break
        await box.expect("frames", lambda message: message["count"] > report["frames"])
    detail = f"{nat.lost} lost, {report}"
    checks.note(report["recovered"] > 0, "the peer repeats what the box misses", detail)
    checks.note(report["retransmissions"] > 0, "the box repeats what the peer misses", detail)
