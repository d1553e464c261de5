"""Jitsi Meet's own page in headless Chromium: the far participant of a call, and the peer of the product.

Needs Debian's chromium, chromium-driver and python3-selenium.
"""

import contextlib
import shutil
import tempfile
import time

from . import host

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--ignore-certificate-errors",
    "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", "--mute-audio",
    "--window-size=1920,1080",
]

# Some bridges, as DTLS servers, refuse what this Chromium offers; with the roles swapped they do not.
BEFORE_PAGE = """
(() => { const set = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    if (description && description.type === 'offer')
      description = { type: 'offer', sdp: description.sdp.split('a=setup:actpass').join('a=setup:active') };
    return set.call(this, description); }; })();
"""

IS_JOINED = """const room = window.APP && APP.conference && APP.conference._room;
return !!(room && room.isJoined && room.isJoined());"""

IS_READY = """return !!document.querySelector('[data-testid="prejoin.joinMeeting"]');"""

# From the press on the page's button to the first picture of somebody else on the page.
FIRST_PICTURE = """
const done = arguments[arguments.length - 1], begun = performance.now();
const button = document.querySelector('[data-testid="prejoin.joinMeeting"]');
if (!button) return done({ error: 'no button to join' });
const seen = new Set(), look = setInterval(() => {
  for (const video of document.querySelectorAll('video')) {
    if (seen.has(video) || !video.srcObject || video.closest('#localVideoContainer, #prejoin, [class*=prejoin]')) continue;
    if (video.id === 'localVideo_container' || video.id.startsWith('localVideo')) continue;
    seen.add(video);
    video.requestVideoFrameCallback(() => { clearInterval(look); done({ ms: performance.now() - begun }); });
  } }, 5);
setTimeout(() => { clearInterval(look); done({ error: 'no picture within 30 s' }); }, 30000);
button.click();
"""


class Missing(Exception):
    pass


class Participant:
    """A page in a room; `inside` is put before the driver's command, for instance to enter a network namespace."""

    def __init__(self, server, room, name, clip=None, waits=False, inside=()):
        try:
            from selenium import webdriver
            from selenium.webdriver.chrome.options import Options
            from selenium.webdriver.chrome.service import Service
        except ImportError as error:
            raise Missing("python3-selenium is not installed") from error
        for program in ("chromium", "chromedriver"):
            if not shutil.which(program):
                raise Missing(f"{program} is not installed")
        self.profile = tempfile.mkdtemp(prefix="bench-chromium-")
        options = Options()
        options.binary_location = shutil.which("chromium")
        for flag in [*FLAGS, f"--user-data-dir={self.profile}"]:
            options.add_argument(flag)
        if clip:
            options.add_argument(f"--use-file-for-fake-video-capture={clip}")
        options.page_load_strategy = "none"
        if inside:
            service = Service(executable_path=inside[0], service_args=[*inside[1:], shutil.which("chromedriver")])
        else:
            service = Service(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_script_timeout(60)
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": BEFORE_PAGE})
        self.pid = service.process.pid
        self.driver.get(
            f"{server}/{room}#userInfo.displayName=%22{name}%22&config.prejoinConfig.enabled={str(waits).lower()}"
            "&config.p2p.enabled=false&config.startWithAudioMuted=false")
        if not waits:
            self._until(IS_JOINED, 60, "joining")

    def _until(self, script, limit, what):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            with contextlib.suppress(Exception):
                if self.driver.execute_script(script):
                    return
            time.sleep(0.1)
        raise RuntimeError(f"Chromium: {what}: not within {limit} s")

    def join(self):
        """Milliseconds from the press on Join to the first picture."""
        self._until(IS_READY, 60, "the page")
        # Its scripts settle, as a page does that was opened well before.
        time.sleep(3)
        answer = self.driver.execute_async_script(FIRST_PICTURE)
        if "error" in answer:
            raise RuntimeError(f"Chromium: {answer['error']}")
        return answer["ms"]

    def pids(self):
        """The browser's processes, without the driver."""
        return [pid for pid in host.descendants(self.pid) if "chrom" in _name(pid) and "driver" not in _name(pid)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Exception):
            self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)


def _name(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read()
    except OSError:
        return ""
