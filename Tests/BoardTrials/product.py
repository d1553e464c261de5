"""The product on a board: its configuration, its start and end, what its panel tells."""

import contextlib
import http.client
import json
import os

import board
import network
import picture
import trouble

_LOG = "/tmp/visiosalle.log"
_CONFIGURATION = "/tmp/visiosalle.toml"
# For the panel, which this machine is not on: it may only look without.
_TOKEN_FILE = "/tmp/panel-token"
_TOKEN = "trials-of-the-board-0123456789abcdef"
_PRACTICE_PORT = 9099
# Where --ca puts the authority of a test server's certificate.
_AUTHORITY = "/payload/ca.crt"

# The tones of the practice partners, in hertz.
PARTNER_TONES = (440, 523.25)

USB_SOUND = "usb:1d6b:0a11"
LOOPBACK_SOUND = "name:Loopback"


class Product:
    """A running `visiosalle run`, with `visiosalle practice` beside it; both are stopped on leaving its `with`."""

    def __init__(self, context, sound=USB_SOUND, cec="off", options="", server=None):
        """`server`: the address of a meeting elsewhere; without it a practice conference runs on the board."""
        self.context = context
        self.board = context.board
        self._sound = sound
        self._cec = cec
        self._options = options
        self._server = server

    def __enter__(self):
        run = self.board.check
        run(f"rm -f {_LOG} /tmp/state")
        room = self._server
        if room is None:
            run(f"(/payload/visiosalle practice --port {_PRACTICE_PORT} > /tmp/practice.log 2>&1 &)")
            address = f"http://127.0.0.1:{_PRACTICE_PORT}"
            self.board.wait(f"curl -sf {address}/config.js > /dev/null", 30, "the practice conference is served")
            room = f"{address}/Entrainement"
        authorities = json.dumps([_AUTHORITY] if self.board.run(f"test -e {_AUTHORITY}").code == 0 else [])
        configuration = f"""schema_version = 1
[device]
name = "Trial"
language = "fr"
[[rooms]]
label = "Practice"
url = "{room}"
[trust]
ca_files = {authorities}
[board]
name = "virtual-{self.board.images.architecture}"
[display]
size = "1280x720"
[camera]
devices = ["usb:1d6b:0a10"]
[audio]
microphones = ["{self._sound}"]
speakers = ["{self._sound}"]
# No sound of the loudspeaker reaches these microphones, and cancelling it would cost the slow board a fifth of a processor.
echo = "off"
[cec]
policy = "{self._cec}"
[panel]
listen = "0.0.0.0:{network.PANEL_PORT_ON_BOARD}"
token_file = "{_TOKEN_FILE}"
"""
        self.board.write(_TOKEN_FILE, _TOKEN.encode())
        self.board.check(f"chmod 600 {_TOKEN_FILE}")
        self.board.write(_CONFIGURATION, configuration.encode())
        program = (
            f"/payload/visiosalle run --config {_CONFIGURATION} --boards /payload/boards --state /tmp/state --lang en "
            f"{self._options}"
        )
        run(f"(sh -c 'echo $$ > /tmp/visiosalle.pid; exec {program}' > {_LOG} 2>&1; echo ended $? >> {_LOG}) "
            "< /dev/null > /dev/null 2>&1 &")
        return self

    def __exit__(self, kind, *_):
        with contextlib.suppress(board.Failure, trouble.Trouble):
            if kind is not None:
                self.context.picture("failing")
            self.board.run(
                "busybox killall visiosalle; for n in $(seq 60); do busybox pidof visiosalle > /dev/null || break; "
                "sleep 0.1; done; busybox killall -9 visiosalle 2> /dev/null"
            )

    def pid(self):
        """The product's process on the board."""
        return int(self.board.check("cat /tmp/visiosalle.pid"))

    def request(self, method, path, body=None, timeout=20):
        """Asks the panel; status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.board.network.panel_port, timeout=timeout)
        connection.sock = self.board.network.connect(self.board.network.panel_port, timeout)
        try:
            headers = {"Authorization": f"Bearer {_TOKEN}"}
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise OSError(f"the panel does not answer: {error!r}") from error
        finally:
            connection.close()

    def _json(self, path):
        status, body = self.request("GET", path)
        if status != 200:
            raise board.Failure(f"{path} answers {status}")
        return json.loads(body)

    def status(self):
        """`/api/v1/status`."""
        return self._json("/api/v1/status")

    def leds(self):
        """`/api/v1/leds`."""
        return self._json("/api/v1/leds")

    def screen(self):
        """`/screen.png`."""
        status, body = self.request("GET", "/screen.png")
        if status != 200:
            raise board.Failure(f"/screen.png answers {status}")
        return picture.read_png(body)

    def wait_status(self, condition, timeout, what):
        """Waits until the status fulfils a condition; the status."""

        def fulfilled():
            try:
                status = self.status()
            except OSError:
                self._still_runs()
                return None
            return status if condition(status) else None

        return self.context.wait(fulfilled, timeout, what)

    def _still_runs(self):
        words = self.board.run(f"tail -n 5 {_LOG}").output
        if "ended " in words:
            raise board.Failure(f"the product ended:\n{words.strip()}")

    def wait_idle(self, timeout=40):
        """Waits for the start to be over."""
        return self.wait_status(lambda status: status["state"] == "idle", timeout, "state idle")

    def press(self, line, button):
        """Pushes a button by its line."""
        if os.environ.get("VISIOSALLE_BOARD_PRESS") == "panel":
            # A build of this machine may bring a libgpiod that cannot speak with the board's kernel.
            self.request("POST", f"/api/v1/buttons/{button}", {"press": "short"})
        else:
            self.board.press(line)

    def join(self, timeout=45):
        """Joins by the first join button; waits for the partners' pictures."""
        self.press("BTN_JOIN1", "join-1")
        self.wait_status(lambda status: status["state"] == "in-call", timeout, "state in-call")
        return self.wait_status(
            lambda status: any(stream.get("frames_shown", 0) > 0 for stream in received(status, "video")), timeout,
            "a partner's picture on the screen",
        )

    def sends(self, kind, timeout=15, what=None):
        """Waits until the stream of a kind goes out: its packets grow. The stream's entry."""
        first = self.status()
        start = {stream["ssrc"]: stream["packets"] for stream in sent(first, kind)}

        def grown(status):
            return any(stream["packets"] > start.get(stream["ssrc"], 0) + 5 for stream in sent(status, kind))

        return sent(self.wait_status(grown, timeout, what or f"{kind} goes out"), kind)[0]


def received(status, kind):
    """The streams of a kind that come in."""
    return [stream for stream in status["media"] if stream["direction"] == "receive" and stream["kind"] == kind]


def sent(status, kind):
    """The streams of a kind that go out."""
    return [stream for stream in status["media"] if stream["direction"] == "send" and stream["kind"] == kind]
