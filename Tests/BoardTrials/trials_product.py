"""Trials of the product on the board: what it does with a TV, a camera, a speakerphone, buttons and lamps."""

import time

import sound
import usbip_camera
from product import LOOPBACK_SOUND, PARTNER_TONES, Product
from trials import CAMERA, SPEAKERPHONE, trial
from trials_devices import TELEVISION, card_of_speakerphone, connect_cec, node_of_camera

# The pictures of the practice partners: their grounds.
_PARTNERS = [(23, 121, 133), (199, 128, 2)]
_LOOPBACK = "/proc/asound/Loopback"
_TV = "/sys/class/drm/card0-Virtual-1/status"


def _sees(context, colours, timeout, what, least=0.001):
    """Waits until the screen shows colours, each on a share of it; the picture."""

    def look():
        shown = context.board.screen()
        return shown if all(shown.share(colour, 36) >= least for colour in colours) else None

    return context.wait(look, timeout, what)


def _lamps(context, timeout, is_wanted):
    """Whether the speakerphone's lamps become as wanted."""
    return context.usb.speakerphone.wait_lamps(timeout * context.board.patience, is_wanted)


# The bars of the emulated camera that a grey room has not.
_CAMERA_COLOURS = [(16, 235, 16), (235, 16, 16), (16, 16, 235)]


@trial("boot", "the idle screen is on the TV", seconds=90)
def boot(context):
    with Product(context) as product:
        product.wait_idle()
        shown = context.wait(
            lambda: (lambda picture: picture if picture.colours(2) > 8 else None)(context.board.screen()), 20,
            "something on the TV",
        )
        # The first idle screen is drawn after the state says so: on an emulated board that takes a while.
        told = product.screen()
        context.wait(lambda: context.board.screen().difference(told) < 0.01, 15, "the idle screen on the TV")
        shown = context.picture("tv")
        context.save("panel.png", told.png())
        context.expect(shown.colours(2) > 8, f"not blank: {shown.colours(2)} colours")
        differing = shown.difference(told)
        context.expect(differing < 0.01, f"TV and /screen.png agree ({differing:.2%} of the samples differ)")
        context.expect(context.board.lamp("LED_R") == 0, "the red lamp is dark")


@trial("press", "a push on BTN_JOIN1 joins, one on BTN_HANGUP leaves", seconds=200)
def press(context):
    with Product(context) as product:
        product.wait_idle()
        status = product.join()
        context.proved(f"in the call with {status['participants'] - 1} others after {status['last_join_ms']} ms")
        _sees(context, _PARTNERS, 30, "both partners' pictures on the TV")
        context.picture("call")
        context.proved("both partners are on the TV")
        context.board.press("BTN_HANGUP")
        product.wait_status(lambda status: status["state"] == "idle", 20, "state idle after hanging up")
        context.proved("idle again")


@trial("camera", "the USB camera's picture goes out and stands on the TV", seconds=200)
def camera(context):
    context.usb.plug(CAMERA)
    node_of_camera(context.board)
    with Product(context) as product:
        product.wait_idle()
        holders = context.board.run("busybox fuser /dev/video* 2>/dev/null").output.strip()
        context.expect(not holders, "idle holds no camera open")
        product.join()
        stream = product.sends("video")
        context.proved(f"video goes out: {stream['width']}x{stream['height']}, {stream['fps']} a second")
        _sees(context, _CAMERA_COLOURS, 20, "the camera's bars in the self view")
        context.picture("self-view")
        context.proved("its bars stand in the self view")
        for fault in (usbip_camera.Fault.SHORT, usbip_camera.Fault.CORRUPT, usbip_camera.Fault.LYING_SIZE):
            context.usb.camera.fault = fault
            time.sleep(2)
            context.expect(product.status()["state"] == "in-call", f"the call goes on while {fault.value}")
        context.usb.camera.fault = None
        product.sends("video", 20, "video goes out again after wrong frames")
        context.usb.camera.fault = usbip_camera.Fault.STALL
        time.sleep(4)
        context.usb.camera.fault = None
        product.sends("video", 20, "video goes out again after a stall")
        context.proved("wrong frames and a stall are survived")


@trial("sound", "the room's tone goes out, the partners' tones come out of the loudspeaker", seconds=200)
def sounds(context):
    phone = context.usb.speakerphone
    context.usb.plug(SPEAKERPHONE)
    card_of_speakerphone(context.board)
    with Product(context) as product:
        product.wait_idle()
        phone.tone = 700
        product.join()
        product.sends("audio")
        context.proved("audio goes out")
        phone.clear_played()
        samples = context.wait(lambda: phone.played() if len(phone.played()) > 48000 * 6 else None, 40, "6 s played")
        context.save("played.wav", sound.wav(samples))
        best = _best_tone(samples)
        context.expect(best > 0.5, f"a partner's tone comes out (share {best:.2f})")
        phone.tone = None


@trial("loopback", "with the loopback card: a tone played into it goes out, the partners' tones come out", seconds=200)
def loopback(context):
    board = context.board
    with Product(context, sound=LOOPBACK_SOUND) as product:
        product.wait_idle()
        opened = board.check(f"cat {_LOOPBACK}/pcm0p/sub0/hw_params {_LOOPBACK}/pcm0c/sub0/hw_params")
        context.expect(opened.split() == ["closed", "closed"], "idle holds no sound device open")
        product.join()
        # Both ends of the card have to agree about the format.
        board.wait(f"grep format {_LOOPBACK}/pcm0p/sub0/hw_params", 20, "the card is played on")
        words = board.check(f"cat {_LOOPBACK}/pcm0p/sub0/hw_params")
        settings = dict(line.split(": ", 1) for line in words.splitlines() if ": " in line)
        context.expect(settings["rate"].startswith("48000"), "it plays at 48 kHz")
        channels = int(settings["channels"])
        form = f"-f {settings['format']} -r 48000 -c {channels}"
        board.check(f"arecord -q -D hw:Loopback,1 {form} -d 8 /tmp/far.wav", 60)
        heard = board.read("/tmp/far.wav")
        context.save("far.wav", heard)
        best = _best_tone(sound.read_wav(heard)) if settings["format"] == "S16_LE" else 1
        context.expect(best > 0.5, f"a partner's tone comes out of the card (share {best:.2f})")
        tone = [sample for sample in sound.sine(700, 5) for _ in range(channels)]
        board.write("/tmp/near.wav", sound.wav(tone, channels))
        board.check("(aplay -q -D hw:Loopback,1 /tmp/near.wav > /tmp/aplay.log 2>&1 &)")
        stream = product.sends("audio")
        context.expect(stream["bitrate"] > 0, f"the tone goes out with {stream['bitrate']} bit/s")


def _best_tone(samples):
    """The largest share that a partner's tone has in any half second."""
    window = sound.RATE // 2
    pieces = [samples[start : start + window] for start in range(0, len(samples) - window, window)]
    return max((sound.tone_share(piece, tone) for piece in pieces for tone in PARTNER_TONES), default=0)


@trial("mute", "line, key, lamps and status agree about the microphone", seconds=200)
def mute(context):
    board, phone = context.board, context.usb.speakerphone
    context.usb.plug(SPEAKERPHONE)
    card_of_speakerphone(board)
    with Product(context) as product:
        product.wait_idle()
        product.join()
        context.expect(_lamps(context, 15, lambda it: it.is_off_hook), "the speakerphone is off the hook in the call")

        def agrees(is_muted, cause):
            product.wait_status(lambda status: status["microphone_muted"] == is_muted, 10, f"muted {is_muted}: {cause}")
            has_followed = _lamps(context, 5, lambda it: it.is_mute_lit == is_muted)
            context.expect(has_followed, f"{cause}: the key's lamp follows")
            context.wait(lambda: board.lamp("LED_MUTE") == is_muted, 5, f"{cause}: LED_MUTE {int(is_muted)}")
            if is_muted:
                context.wait(lambda: (board.lamp("LED_R"), board.lamp("LED_G"), board.lamp("LED_B")) == (1, 0, 0), 5,
                             f"{cause}: the status lamp red")
            context.proved(f"{cause}: status, lamps and key agree on {'muted' if is_muted else 'open'}")

        before = product.status()["microphone_muted"]
        board.press("BTN_MUTE")
        agrees(not before, "button")
        phone.press_mute()
        agrees(before, "key")
        phone.press_mute()
        agrees(not before, "key again")
        board.press("BTN_MUTE")
        agrees(before, "button again")
        phone.press_hook()
        product.wait_status(lambda status: status["state"] == "idle", 20, "the hook key hangs up")
        context.expect(_lamps(context, 15, lambda it: not it.is_off_hook), "hung up by the hook key, lamp dark")


@trial("camera-unplug", "the camera is pulled and plugged again in a call", seconds=200)
def camera_unplug(context):
    context.usb.plug(CAMERA)
    node = node_of_camera(context.board)
    with Product(context) as product:
        product.wait_idle()
        product.join()
        ssrc = product.sends("video")["ssrc"]
        context.usb.unplug(CAMERA)
        context.board.wait(f"! test -e {node}", 10, "the node is gone")
        time.sleep(2)
        context.expect(product.status()["state"] == "in-call", "the call goes on without the camera")
        context.picture("without")
        begun = time.monotonic()
        context.usb.plug(CAMERA)
        node_of_camera(context.board)
        stream = product.sends("video", 20, "video goes out again")
        context.proved(f"video goes out again {time.monotonic() - begun:.1f} s after plugging")
        context.expect(stream["ssrc"] == ssrc, "as the same stream")
        _sees(context, _CAMERA_COLOURS, 20, "the camera's bars in the self view")
        context.picture("back")


@trial("speakerphone-unplug", "the speakerphone is pulled and plugged again in a call", seconds=200)
def speakerphone_unplug(context):
    phone = context.usb.speakerphone
    context.usb.plug(SPEAKERPHONE)
    card_of_speakerphone(context.board)
    with Product(context) as product:
        product.wait_idle()
        product.join()
        phone.clear_played()
        context.wait(lambda: len(phone.played()) > 24000, 20, "sound comes out")
        context.usb.unplug(SPEAKERPHONE)
        context.board.wait("! grep -l 1d6b:0a11 /proc/asound/card*/usbid", 10, "the card is gone")
        time.sleep(2)
        context.expect(product.status()["state"] == "in-call", "the call goes on without it")
        phone.clear_played()
        begun = time.monotonic()
        context.usb.plug(SPEAKERPHONE)
        context.wait(lambda: len(phone.played()) > 2400, 20, "sound comes out again")
        context.proved(f"sound comes out again {time.monotonic() - begun:.1f} s after plugging")
        product.sends("audio", 15, "sound goes out again")
        context.expect(_lamps(context, 10, lambda it: it.is_off_hook), "and it is off the hook again")


@trial("tv-unplug", "the TV is pulled and plugged again in a call", seconds=200)
def tv_unplug(context):
    board = context.board
    with Product(context) as product:
        product.wait_idle()
        product.join()
        _sees(context, _PARTNERS[:1], 30, "a partner on the TV")
        board.check(f"echo off > {_TV}")
        time.sleep(4)
        context.expect(product.status()["state"] == "in-call", "the call goes on without the TV")
        board.check(f"echo detect > {_TV}")
        time.sleep(2)
        first = _sees(context, _PARTNERS[:1], 20, "a partner on the TV again")
        context.wait(lambda: board.screen().difference(first) > 0.001, 10, "the picture moves again")
        context.picture("back")
        context.proved("the picture is back, and moves")


@trial("cec", "joining wakes the TV and selects the box", seconds=200)
def cec(context):
    board = context.board
    connect_cec(board)
    board.check(f"(cec-follower -d {TELEVISION} -w -v > /tmp/tv.log 2>&1 &)")
    try:
        with Product(context, cec="full") as product:
            product.wait_idle()
            product.join()
            for message in ("IMAGE_VIEW_ON", "ACTIVE_SOURCE"):
                board.wait(f"grep -q {message} /tmp/tv.log", 20, f"{message} at the TV")
                context.proved(f"{message} seen by the TV")
            # The TV's remote control: Exit hangs up.
            board.check(f"cec-ctl -d {TELEVISION} --to 4 --user-control-pressed ui-cmd=0x0d > /tmp/cec.log 2>&1; "
                        f"cec-ctl -d {TELEVISION} --to 4 --user-control-released >> /tmp/cec.log 2>&1")
            product.wait_status(lambda status: status["state"] == "idle", 20, "Exit of the remote control hangs up")
            context.proved("Exit of the remote control hangs up")
    finally:
        context.save("tv.log", board.read("/tmp/tv.log"))
        board.run("busybox killall cec-follower")


@trial("watchdog", "the watchdog is fed while the product runs, and barks when it hangs", seconds=200)
def watchdog(context):
    board = context.board
    before = len(board.qmp.events("WATCHDOG"))
    with Product(context, options="--watchdog /dev/watchdog") as product:
        product.wait_idle()
        pid = product.pid()
        board.wait(f"ls -l /proc/{pid}/fd | grep -q watchdog", 10, "the product has the watchdog open")
        context.expect(not board.qmp.wait_event("WATCHDOG", 40, before), "fed: no bark within 40 s")
        board.check(f"kill -STOP {pid}")
        context.expect(board.qmp.wait_event("WATCHDOG", 70, before), "not fed while stopped: it barks")
        board.check(f"kill -CONT {pid}")


@trial("hot-plugs", "fifty times pulled and plugged, and nothing leaks", seconds=560)
def hot_plugs(context):
    usb, board = context.usb, context.board
    usb.plug(CAMERA)
    usb.plug(SPEAKERPHONE)
    node_of_camera(board)
    card_of_speakerphone(board)
    with Product(context) as product:
        product.wait_idle()
        product.join()
        product.sends("video")
        pid = product.pid()

        def burden():
            descriptors = int(board.check(f"ls /proc/{pid}/fd | wc -l"))
            threads = int(board.check(f"ls /proc/{pid}/task | wc -l"))
            memory = int(board.check(f"sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' /proc/{pid}/smaps_rollup"))
            return descriptors, threads, memory

        first = None
        for turn in range(50):
            context.in_time()
            for bus_id in (CAMERA, SPEAKERPHONE):
                usb.unplug(bus_id)
                time.sleep(0.3 + turn % 5 * 0.3)
                usb.plug(bus_id)
            if turn == 9:
                first = burden()
        product.sends("video", 30, "video goes out after fifty plugs")
        product.sends("audio", 30, "audio goes out after fifty plugs")
        time.sleep(3)
        last = burden()
        context.expect(last[0] <= first[0] + 4 and last[1] <= first[1] + 1,
                       f"descriptors {first[0]} to {last[0]}, threads {first[1]} to {last[1]}")
        context.expect(last[2] <= first[2] + 8192, f"memory {first[2]} to {last[2]} KiB")
        words = board.run("dmesg | grep -c -E 'BUG|Oops|WARNING'").output.strip()
        context.expect(words == "0", "no complaint of the kernel")


@trial("server", "a call on a real Jitsi Meet with somebody who sends picture and sound: --server", seconds=400,
       needs_server=True)
def server(context):
    usb, phone = context.usb, context.usb.speakerphone
    usb.plug(CAMERA)
    usb.plug(SPEAKERPHONE)
    node_of_camera(context.board)
    card_of_speakerphone(context.board)
    with Product(context, server=context.server) as product:
        product.wait_idle()
        phone.tone = 700
        status = product.join(90)
        context.proved(f"in the call with {status['participants'] - 1} others, a picture on the screen")
        stream = product.sends("video", 30)
        context.proved(f"video goes out: {stream['width']}x{stream['height']}, {stream['fps']} a second")
        product.sends("audio", 30)
        context.proved("audio goes out")
        phone.clear_played()
        samples = context.wait(lambda: phone.played() if len(phone.played()) > 48000 * 6 else None, 60, "6 s played")
        context.save("played.wav", sound.wav(samples))
        context.expect(max(map(abs, samples)) > 500, "somebody's sound comes out of the loudspeaker")
        first = context.picture("call")
        context.wait(lambda: context.board.screen().difference(first) > 0.001, 20, "the picture moves")
        context.proved("the picture on the TV moves")
        # Long enough for somebody in the meeting to look and listen.
        time.sleep(30)
        context.expect(product.status()["state"] == "in-call", "still in the call")
        muted = product.status()["microphone_muted"]
        product.press("BTN_MUTE", "mute")
        product.wait_status(lambda status: status["microphone_muted"] != muted, 10, "the mute button works")
        context.picture("mute")
        context.proved("the mute button works")
        time.sleep(8)
        product.press("BTN_HANGUP", "hang-up")
        product.wait_status(lambda status: status["state"] == "idle", 20, "state idle after hanging up")
        context.proved("idle again")
