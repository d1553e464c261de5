"""A board that starts from an image as it is written to a card: firmware, boot loader, slots. Nothing of it is changed from
outside; what it shows is on its screen and its console, what it is told comes by keys and by what is plugged in."""

import http.client
import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import board
import picture
import qmp
import trouble

# Of an architecture: QEMU, and where Debian's packages put the firmware and its variables.
_MACHINES = {
    "x86_64": (
        ["qemu-system-x86_64", "-M", "q35", "-cpu", "max", "-vga", "none"],
        ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd"],
        ["/usr/share/OVMF/OVMF_VARS_4M.fd", "/usr/share/OVMF/OVMF_VARS.fd"],
    ),
    "arm64": (
        ["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", "cortex-a72"],
        ["/usr/share/AAVMF/AAVMF_CODE.fd"], ["/usr/share/AAVMF/AAVMF_VARS.fd"],
    ),
}
PANEL_PORT = 8080
DISK_BYTES = 2 << 30


class ImageBoard:
    """QEMU with an image; `start` and `cut` as often as wanted, the disk keeps what the board wrote."""

    def __init__(self, architecture, image, firmware=None):
        self.architecture = architecture
        self.patience = board._patience(architecture)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="visiosalle-image-board-"))
        self.disk = self.folder / "disk"
        subprocess.run(["cp", "--sparse=always", str(image), str(self.disk)], check=True)
        with open(self.disk, "r+b") as disk:
            # A card is larger than the image: the data partition has to grow.
            disk.truncate(DISK_BYTES)
        self._firmware = firmware
        self._process = None
        self.console_text = ""
        self.qmp = None
        self.begun = 0.0
        self.panel_port = 0

    def start(self, stick=None):
        """Switches the board on, with a disk image as a stick in its socket where there is one."""
        command, codes, variables = _MACHINES[self.architecture]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.panel_port = probe.getsockname()[1]
        command = [
            *command, "-accel", "tcg,thread=multi,tb-size=512", "-smp", "2", "-m", "1024", "-nodefaults", "-display", "none",
            "-drive", f"file={self.disk},format=raw,if=virtio,cache=writeback",
            "-netdev", f"user,id=n0,hostfwd=tcp:127.0.0.1:{self.panel_port}-:{PANEL_PORT}",
            "-device", "virtio-net-pci,netdev=n0,romfile=",
            "-device", f"virtio-gpu-pci,xres={board.SCREEN[0]},yres={board.SCREEN[1]}",
            "-device", "virtio-rng-pci", "-device", "i6300esb", "-action", "watchdog=reset",
            "-device", "qemu-xhci", "-device", "usb-kbd",
            "-chardev", f"socket,id=console,path={self.folder}/console,server=on,wait=off", "-serial", "chardev:console",
            "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off",
        ]
        if self._firmware:
            command += ["-bios", str(self._firmware)]
        else:
            own = self.folder / "variables"
            if not own.exists():
                shutil.copy(_existing(variables), own)
            command += ["-drive", f"if=pflash,format=raw,readonly=on,file={_existing(codes)}",
                        "-drive", f"if=pflash,format=raw,file={own}"]
        if stick:
            command += ["-drive", f"file={stick},format=raw,if=none,id=stick,readonly=on",
                        "-device", "usb-storage,drive=stick,removable=on"]
        self.begun = time.monotonic()
        with open(self.folder / "qemu.log", "wb") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=board._die_with_parent)
        self.qmp = qmp.Qmp(self.folder / "qmp")
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self.folder / "console"))
        threading.Thread(target=self._read_console, args=(connection,), daemon=True).start()

    def _read_console(self, connection):
        while True:
            try:
                data = connection.recv(65536)
            except OSError:
                return
            if not data:
                return
            self.console_text += data.decode("utf-8", "replace")

    def cut(self):
        """Takes the power away."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self.qmp.close()
            (self.folder / "qmp").unlink(missing_ok=True)
            (self.folder / "console").unlink(missing_ok=True)

    def close(self):
        """Takes the power away, and removes the disk."""
        self.cut()
        shutil.rmtree(self.folder, ignore_errors=True)

    def running_for(self):
        """Seconds since the board was switched on."""
        return time.monotonic() - self.begun

    def screen(self):
        """The picture on the screen."""
        place = self.folder / "screen.ppm"
        self.qmp.command("screendump", timeout=90, filename=str(place))
        return picture.read_ppm(place.read_bytes())

    def key(self, code):
        """A press of a key of the keypad, by QEMU's name of it."""
        self.qmp.command("send-key", keys=[{"type": "qcode", "data": code}], **{"hold-time": 150})

    def panel(self, path):
        """What the panel answers, or nothing when it does not."""
        connection = http.client.HTTPConnection("127.0.0.1", self.panel_port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.read() if answer.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def status(self):
        """`/api/v1/status`, or nothing when the panel does not answer."""
        body = self.panel("/api/v1/status")
        try:
            return json.loads(body) if body else None
        except ValueError:
            return None

    def wait(self, condition, timeout, what):
        """Asks again and again until there is an answer; gives it."""
        end = time.monotonic() + timeout * self.patience
        while True:
            found = condition()
            if found:
                return found
            if self._process.poll() is not None:
                raise board.Failure(f"QEMU ended: {(self.folder / 'qemu.log').read_text(errors='replace')[-500:]}")
            if time.monotonic() > end:
                raise board.Failure(f"not within {timeout} s: {what}\n{self.console_text[-2500:]}")
            time.sleep(0.3)


def _existing(paths):
    for path in paths:
        if pathlib.Path(path).exists():
            return path
    raise trouble.Trouble(trouble.UNAVAILABLE, f"there is no firmware {paths[0]}; Scripts/setup --image installs it")
