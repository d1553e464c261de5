#!/usr/bin/env python3
"""Jitsi Meet's own page in headless Chromium, driven by lines of JSON: one command in, one answer out.

A program of its own, so that it can be started inside of a network namespace. Needs Debian's chromium, chromium-driver and
python3-selenium; without them it answers {"missing": ...}.
"""

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
import time

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--ignore-certificate-errors",
    "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", "--mute-audio",
    "--window-size=1920,1080",
]

# Some bridges, as DTLS servers, refuse what this Chromium offers; with the roles swapped they do not. And from the
# beginning of the page on: when the first picture of somebody else came.
BEFORE_PAGE = """
(() => { const set = RTCPeerConnection.prototype.setRemoteDescription; window.benchPeers = [];
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    if (!benchPeers.includes(this)) benchPeers.push(this);
    if (description && description.type === 'offer')
      description = { type: 'offer', sdp: description.sdp.split('a=setup:actpass').join('a=setup:active') };
    return set.call(this, description); };
  const seen = new Set();
  window.benchRemoteVideos = () => [...document.querySelectorAll('video')].filter(video =>
    video.srcObject && video.srcObject.getVideoTracks().some(track =>
      benchPeers.some(peer => peer.getReceivers().some(receiver => receiver.track === track))));
  const look = setInterval(() => { for (const video of benchRemoteVideos()) {
    if (seen.has(video)) continue;
    seen.add(video);
    video.requestVideoFrameCallback(now => { clearInterval(look); window.benchFirstPicture ??= now; }); } }, 5);
})();
"""

IS_JOINED = """const room = window.APP && APP.conference && APP.conference._room;
return !!(room && room.isJoined && room.isJoined());"""

IS_READY = """return !!document.querySelector('[data-testid="prejoin.joinMeeting"]');"""

PRESS = """const button = document.querySelector('[data-testid="prejoin.joinMeeting"]');
if (!button) return null;
const begun = performance.now(); button.click(); return begun;"""

# How old the marked pictures and the clicks of a box are here, and when new pictures came. `arguments`: seconds, then the
# difference between the wall's clock and the machine's monotonic one in milliseconds.
WATCH = """
const [seconds, offset, done] = arguments, pictures = [], sounds = [], end = performance.now() + seconds * 1000;
const monotonic = time => performance.timeOrigin + time - offset;
const largest = () => benchRemoteVideos().sort((a, b) => b.clientWidth * b.clientHeight - a.clientWidth * a.clientHeight)[0];
const canvas = document.createElement('canvas'); canvas.width = 160; canvas.height = 4;
const pen = canvas.getContext('2d', { willReadFrequently: true });
const read = video => {
  pen.drawImage(video, 0, video.videoHeight / 2 - 2, video.videoWidth, 4, 0, 0, 160, 4);
  const bytes = pen.getImageData(0, 2, 160, 1).data, level = [];
  for (let cell = 0; cell < 20; cell++) level.push((bytes[(cell * 8 + 3) * 4 + 1] + bytes[(cell * 8 + 4) * 4 + 1]) / 2);
  if (level[0] - level[1] < 60 || level[0] - level[19] < 60) return null;
  const bits = level.map(value => value > (level[0] + level[1]) / 2 ? 1 : 0);
  let gray = 0, ones = 0;
  for (let index = 2; index < 18; index++) { gray = gray << 1 | bits[index]; ones += bits[index]; }
  if (bits[18] !== ones % 2) return null;
  let value = gray; for (const shift of [8, 4, 2, 1]) value ^= value >> shift;
  return value; };
let last = null, video = largest();
const frame = (now, metadata) => {
  if (performance.now() > end) return;
  const value = read(video);
  if (value !== null && value !== last) {
    last = value;
    const at = monotonic(metadata.expectedDisplayTime);
    pictures.push([at, ((Math.floor(at) - value) % 65536 + 65536) % 65536 + at % 1]); }
  video.requestVideoFrameCallback(frame); };
if (video) video.requestVideoFrameCallback(frame);
(async () => {
  const tracks = APP.conference._room.getParticipants().flatMap(p => p.getTracks()).filter(t => t.getType() === 'audio');
  const context = new AudioContext({ sampleRate: 48000, latencyHint: 'interactive' });
  const code = `registerProcessor('ear', class extends AudioWorkletProcessor { process(inputs) {
    const samples = inputs[0][0]; if (samples) for (let i = 0; i < samples.length; i++) if (Math.abs(samples[i]) > 0.09) {
      const at = currentFrame + i; if (at - (this.loud ?? -1e9) > 14400) this.port.postMessage(at); this.loud = at; }
    return true; } });`;
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  if (tracks[0]) {
    const ear = new AudioWorkletNode(context, 'ear'), source = context.createMediaStreamSource(tracks[0].getOriginalStream());
    ear.port.onmessage = message => {
      const stamp = context.getOutputTimestamp();
      const at = monotonic(stamp.performanceTime + (message.data / 48000 - stamp.contextTime) * 1000);
      sounds.push([at, at % 1000]); };
    source.connect(ear); ear.connect(context.destination); await context.resume(); }
  setTimeout(() => { context.close(); done({ pictures, sounds, size: video ? [video.videoWidth, video.videoHeight] : null }); },
    Math.max(0, end - performance.now()));
})().catch(error => done({ error: String(error) }));
"""

STATISTICS = """const done = arguments[0];
(async () => { const inbound = [];
  for (const peer of benchPeers) if (peer.connectionState !== 'closed') (await peer.getStats()).forEach(x => {
    if (x.type === 'inbound-rtp') inbound.push({ kind: x.kind, packets: x.packetsReceived, lost: x.packetsLost,
      concealed: x.concealedSamples, samples: x.totalSamplesReceived, delay: x.jitterBufferDelay,
      emitted: x.jitterBufferEmittedCount, decoded: x.framesDecoded, width: x.frameWidth, height: x.frameHeight,
      bytes: x.bytesReceived, frozen: x.totalFreezesDuration, freezes: x.freezeCount }); });
  done({ inbound }); })().catch(error => done({ error: String(error) }));"""


class Page:
    def __init__(self, options):
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        self.profile = tempfile.mkdtemp(prefix="bench-chromium-")
        chrome = Options()
        chrome.binary_location = shutil.which("chromium")
        for flag in [*FLAGS, f"--user-data-dir={self.profile}"]:
            chrome.add_argument(flag)
        if options.clip:
            chrome.add_argument(f"--use-file-for-fake-video-capture={options.clip}")
        # The page may ask for hosts that do not answer; its load event would wait for them.
        chrome.page_load_strategy = "none"
        self.driver = webdriver.Chrome(options=chrome, service=Service(shutil.which("chromedriver")))
        self.driver.set_script_timeout(600)
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": BEFORE_PAGE})
        self.options = options
        self.open(options.waits)
        if not options.waits:
            self.until(IS_JOINED, 60, "joining")

    def open(self, waits):
        self.driver.get(
            f"{self.options.server}/{self.options.room}#userInfo.displayName=%22{self.options.name}%22"
            f"&config.prejoinConfig.enabled={str(waits).lower()}&config.p2p.enabled=false"
            "&config.startWithAudioMuted=false")

    def until(self, script, limit, what):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            with contextlib.suppress(Exception):
                value = self.driver.execute_script(script)
                if value:
                    return value
            time.sleep(0.1)
        raise RuntimeError(f"{what}: not within {limit} s")

    def join(self, _):
        """Milliseconds from the press on Join, on a page that is ready, to the first picture of somebody else."""
        self.until(IS_READY, 60, "the page")
        # Its scripts settle, as a page does that was opened well before.
        time.sleep(3)
        begun = self.driver.execute_script(PRESS)
        if begun is None:
            raise RuntimeError("no button to join")
        return self.until("return window.benchFirstPicture", 30, "the first picture") - begun

    def cold(self, _):
        """Milliseconds from a blank page, everything in the cache, to the first picture of somebody else."""
        # A page that goes without a word stays in the meeting for a minute.
        self.driver.execute_script("if (window.APP && APP.conference._room) APP.conference._room.leave();")
        time.sleep(1)
        self.driver.get("about:blank")
        time.sleep(3)
        self.open(False)
        return self.until(
            "return location.href !== 'about:blank' && window.benchFirstPicture", 60, "the first picture")

    def watch(self, command):
        offset = (time.time() - time.monotonic()) * 1000
        return self.driver.execute_async_script(WATCH, command["seconds"], offset)

    def statistics(self, _):
        return self.driver.execute_async_script(STATISTICS)

    def close(self):
        with contextlib.suppress(Exception):
            self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)


def missing():
    for program in ("chromium", "chromedriver"):
        if not shutil.which(program):
            return f"{program} is not installed"
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "python3-selenium is not installed"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server")
    parser.add_argument("room")
    parser.add_argument("name")
    parser.add_argument("--clip")
    parser.add_argument("--waits", action="store_true")
    options = parser.parse_args()
    lack = missing()
    if lack:
        print(json.dumps({"missing": lack}), flush=True)
        return
    page = Page(options)
    try:
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            command = json.loads(line)
            try:
                answer = {"answer": {"join": page.join, "cold": page.cold, "watch": page.watch,
                                     "statistics": page.statistics}[command["command"]](command)}
            except Exception as error:  # noqa: BLE001: whatever it was, whoever asked shall know
                answer = {"error": str(error)}
            print(json.dumps(answer), flush=True)
    finally:
        page.close()


if __name__ == "__main__":
    main()
