"""Trials of the board itself: each of its devices works, asked with Debian's own tools."""

import threading
import time

import sound
import usbip_camera
import usbip_pictures
from trials import CAMERA, SPEAKERPHONE, trial

# The adapter at the TV's end of vivid's HDMI cable.
TELEVISION = "/dev/television"

# The card of the emulated speakerphone.
_CARD = "grep -l 1d6b:0a11 /proc/asound/card*/usbid"


def card_of_speakerphone(board, timeout=15):
    """The number of the speakerphone's card, once it is there."""
    return int(board.wait(_CARD, timeout, "the speakerphone is no sound card").split("/")[3].removeprefix("card"))


def node_of_camera(board, timeout=15):
    """The node of the emulated camera that gives pictures, once it is there."""
    command = "grep -l '^Room camera' /sys/class/video4linux/video*/name | while read -r name; do " \
        "grep -qx 0 ${name%name}index && basename ${name%/name}; done | grep video"
    return "/dev/" + board.wait(command, timeout, "the camera has no node").split()[0]


@trial("self-display", "a picture set by KMS is what the screen shows", needs_product=False)
def display(context):
    board = context.board
    board.check(
        "(sleep 20 | modetest -M virtio_gpu -s $(modetest -M virtio_gpu -c 2>/dev/null "
        "| awk '$3 == \"connected\" {print $1; exit}'):1280x720 > /tmp/modetest.log 2>&1 &)"
    )
    shown = context.wait(
        lambda: (lambda picture: picture if picture.colours() > 8 else None)(board.screen()), 20, "a test pattern"
    )
    context.picture("pattern")
    # The SMPTE pattern of modetest: grey, yellow, cyan, green, magenta, red, blue from the left.
    row = [shown.at((2 * place + 1) * shown.width // 14, shown.height // 4) for place in range(7)]
    context.expect(
        all(abs(a - b) <= 8 for a, b in zip(row[3] + row[6], (0, 192, 0, 0, 0, 192))),
        f"{shown.width}x{shown.height}, green and blue where they belong",
    )
    board.run("busybox killall modetest sleep")
    board.check("echo off > /sys/class/drm/card0-Virtual-1/status")
    context.expect(board.check("cat /sys/class/drm/card0-Virtual-1/status").strip() == "disconnected", "TV unplugged")
    board.check("echo detect > /sys/class/drm/card0-Virtual-1/status")
    context.expect(board.check("cat /sys/class/drm/card0-Virtual-1/status").strip() == "connected", "TV plugged again")


@trial("self-webcam", "vivid gives frames, vanishes and comes back", needs_product=False)
def webcam(context):
    board = context.board
    board.check("v4l2-ctl -d /dev/video0 -i 0")
    board.check("v4l2-ctl -d /dev/video0 -v width=320,height=180,pixelformat=YUYV -p 15")
    board.check("v4l2-ctl -d /dev/video0 --stream-mmap --stream-count=5 --stream-to=/tmp/frames > /tmp/v4l2.log 2>&1")
    frames = board.read("/tmp/frames")
    context.expect(len(frames) == 5 * 320 * 180 * 2 and len(set(frames[:20000])) > 8, "five frames of YUYV, not blank")
    board.check("echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind")
    context.expect(board.run("test -e /dev/video0").code == 1, "node gone after unbinding")
    board.check("echo vivid.0 > /sys/bus/platform/drivers/vivid/bind")
    board.wait("test -e /dev/video0", 5, "the node comes back")
    context.proved("node back")


@trial("self-sound", "a tone goes through the loopback card", needs_product=False)
def loopback(context):
    board = context.board
    board.write("/tmp/tone.wav", sound.wav(sound.sine(440, 1.5)))
    board.check("(aplay -q -D hw:Loopback,0 /tmp/tone.wav > /tmp/aplay.log 2>&1 &)")
    board.check("arecord -q -D hw:Loopback,1 -f S16_LE -r 48000 -c 1 -d 1 /tmp/heard.wav")
    heard = sound.read_wav(board.read("/tmp/heard.wav"))
    share = sound.tone_share(heard[12000:], 440)
    context.expect(share > 0.95, f"440 Hz heard (share {share:.2f})")
    context.expect(sound.tone_share(heard[12000:], 1000) < 0.05, "and 1000 Hz is not")


@trial("self-lines", "a pushed button is seen inside, a lit lamp outside", needs_product=False)
def lines(context):
    board = context.board
    board.check("(gpiomon -p 5ms BTN_JOIN1 > /tmp/edges 2>&1 &)")
    time.sleep(0.5)
    board.press("BTN_JOIN1")
    board.wait("test $(wc -l < /tmp/edges) = 2", 5, "two edges of BTN_JOIN1")
    edges = board.check("cat /tmp/edges").split("\n")
    context.expect("rising" in edges[0] and "falling" in edges[1], "BTN_JOIN1 rises when pushed and falls when let go")
    board.check("(gpioset LED_MUTE=1 > /dev/null 2>&1 &)")
    context.wait(lambda: board.lamp("LED_MUTE"), 5, "LED_MUTE high")
    context.expect(sum(board.lamps().values()) == 1, "LED_MUTE is lit, no other lamp")
    board.run("busybox killall gpiomon gpioset")


@trial("self-cec", "messages of the box reach the TV", needs_product=False)
def cec(context):
    board = context.board
    connect_cec(board)
    board.check(f"(cec-follower -d {TELEVISION} -w -v > /tmp/tv.log 2>&1 &)")
    board.check("cec-ctl -d /dev/cec1 --playback -o Box > /tmp/cec.log 2>&1")
    context.expect("1.0.0.0" in board.check("cec-ctl -d /dev/cec1 | grep Physical"), "the box is at 1.0.0.0")
    board.wait(
        "cec-ctl -d /dev/cec1 --to 0 --image-view-on > /tmp/cec.log 2>&1 && grep -q IMAGE_VIEW_ON /tmp/tv.log", 10,
        "Image View On at the TV",
    )
    board.check("cec-ctl -d /dev/cec1 --active-source phys-addr=1.0.0.0")
    board.wait("grep -q ACTIVE_SOURCE /tmp/tv.log", 5, "Active Source at the TV")
    context.proved("Image View On and Active Source arrived")
    board.run("busybox killall cec-follower")


def connect_cec(board):
    """A cable between the box's HDMI output and the TV, and a TV at its end."""
    board.check("v4l2-ctl -d /dev/video0 -i 1; v4l2-ctl -d /dev/video0 -c hdmi_000_0_is_connected_to=2")
    # The TV's end is not the box's to find.
    board.check(f"test ! -e /dev/cec0 || mv /dev/cec0 {TELEVISION}")
    board.check(f"cec-ctl -d {TELEVISION} --tv -o TV > /tmp/cec.log 2>&1")


@trial("self-camera", "the USB camera gives its pictures, is pulled and plugged again", needs_product=False, seconds=90)
def usb_camera(context):
    board, usb = context.board, context.usb
    usb.plug(CAMERA)
    node = node_of_camera(board)
    capture = f"v4l2-ctl -d {node} --stream-mmap=3 --stream-count=4 --stream-to=/tmp/frames > /tmp/v4l2.log 2>&1"
    board.check(f"v4l2-ctl -d {node} -v width=320,height=180,pixelformat=YUYV && {capture}")
    frames, size = board.read("/tmp/frames"), 320 * 180 * 2
    counts = [usbip_pictures.read_count(frames[size * n + size - 640 : size * n + size : 2]) for n in range(4)]
    context.expect(len(frames) == 4 * size and all(usb.camera.has_sent(frames[size * n : size * n + size]) == counts[n]
                                                   for n in range(4)), f"YUYV frames {counts} byte by byte")
    board.check(f"v4l2-ctl -d {node} -v width=640,height=360,pixelformat=MJPG && {capture}")
    first = board.read("/tmp/frames").split(b"\xff\xd9")[0] + b"\xff\xd9"
    context.expect(usb.camera.has_sent(first) is not None, f"MJPEG frame {usb.camera.has_sent(first)} byte by byte")
    board.check(f"v4l2-ctl -d {node} -c power_line_frequency=1 && v4l2-ctl -d {node} -c zoom_absolute=200")
    values = usb.camera.settings.values
    context.expect(
        values[usbip_camera.POWER_LINE] == (1,) and values[usbip_camera.ZOOM] == (200,),
        "controls arrive: 50 Hz, zoom 200",
    )
    usb.camera.fault = usbip_camera.Fault.SHORT
    answer = board.run(f"timeout 4 v4l2-ctl -d {node} --stream-mmap=3 --stream-count=2 --stream-to=/tmp/short")
    short = board.check("stat -c %s /tmp/short").strip()
    usb.camera.fault = None
    context.proved(f"short frames: tool ended with {answer.code}, {short} bytes")
    usb.unplug(CAMERA)
    board.wait(f"! test -e {node}", 10, "the camera's node vanishes")
    usb.plug(CAMERA)
    node_of_camera(board)
    context.proved("pulled and plugged again")
    usb.unplug(CAMERA)
    board.wait(f"! test -e {node}", 10, "the camera's node vanishes")


@trial("self-speakerphone", "the USB speakerphone plays, records, has keys and lamps", needs_product=False, seconds=90)
def usb_speakerphone(context):
    board, usb = context.board, context.usb
    phone = usb.speakerphone
    usb.plug(SPEAKERPHONE)
    card = card_of_speakerphone(board)
    phone.tone = 700
    phone.clear_played()
    board.write("/tmp/tone.wav", sound.wav(sound.sine(440, 1.5)))
    board.check(f"(aplay -q -D hw:{card},0 /tmp/tone.wav > /tmp/aplay.log 2>&1 &)")
    # Short periods: if none ends within half a second, which may be on a slow machine, Linux takes it for an error.
    record = f"arecord -q -D hw:{card},0 --period-size=480 --buffer-size=24000 -f S16_LE -r 48000 -c 1 -d 1"
    board.check(f"{record} /tmp/heard.wav", 40)
    heard = sound.read_wav(board.read("/tmp/heard.wav"))
    context.expect(sound.tone_share(heard[12000:], 700) > 0.95, "its microphone's 700 Hz are recorded")
    played = context.wait(lambda: phone.played() if len(phone.played()) > 48000 else None, 5, "a second played")
    context.save("played.wav", sound.wav(played))
    context.expect(sound.tone_share(played[12000:40000], 440) > 0.95, "its loudspeaker gets 440 Hz")
    phone.tone = None
    node = "/dev/" + board.wait("ls /sys/class/hidraw | grep .", 5, "its keys have a node").split()[0]
    board.check(f"printf '\\002\\003' > {node}")
    context.expect(phone.wait_lamps(3, lambda it: it.is_off_hook and it.is_mute_lit), "lamps off-hook and mute lit")
    board.check(f"(timeout 10 cat {node} > /tmp/keys 2>/dev/null &)")
    time.sleep(0.5)
    phone.press_mute()
    phone.press_volume(True)
    phone.press_hook()
    board.wait("test $(stat -c %s /tmp/keys) = 10", 5, "the reports of the keys")
    context.expect(
        board.read("/tmp/keys") == bytes([2, 3, 2, 1, 1, 1, 1, 0, 2, 0]),
        "keys mute and volume up pressed and let go, then the hook",
    )
    usb.unplug(SPEAKERPHONE)
    board.wait(f"! {_CARD}", 10, "the card vanishes")
    context.proved("pulled: card and node gone")


@trial("self-hot-plugs", "camera and speakerphone come and go twenty times", needs_product=False, seconds=150)
def hot_plugs(context):
    board, usb = context.board, context.usb
    before = threading.active_count()
    for turn in range(20):
        usb.plug(CAMERA)
        usb.plug(SPEAKERPHONE)
        node = node_of_camera(board)
        card_of_speakerphone(board)
        if turn % 4 == 0:
            # Pulled while it streams.
            board.check(f"(timeout 5 v4l2-ctl -d {node} --stream-mmap=3 --stream-to=/dev/null > /tmp/v4l2.log 2>&1 &)")
            time.sleep(0.3)
        usb.unplug(CAMERA)
        usb.unplug(SPEAKERPHONE)
        board.wait(f"! test -e {node} && ! {_CARD}", 10, "both vanish")
    complaints = board.run("dmesg | grep -E 'BUG|Oops|WARNING|cannot find a urb'").output.strip()
    context.expect(not complaints, f"no complaint of the kernel {complaints}".strip())
    context.wait(lambda: threading.active_count() <= before, 5, "the threads of the fixture end")
    context.proved("twenty times there and gone again")


@trial("self-watchdog", "a watchdog that nobody feeds barks", needs_product=False)
def watchdog(context):
    board = context.board
    before = len(board.qmp.events("WATCHDOG"))
    board.check("busybox watchdog -F -T 4 -t 60 /dev/watchdog0 > /dev/null 2>&1 & echo $! > /tmp/watchdog.pid")
    context.expect(board.qmp.wait_event("WATCHDOG", 20, before), "WATCHDOG event 4 s after the last feeding")
    board.check("kill $(cat /tmp/watchdog.pid)")
    context.proved("disarmed")
