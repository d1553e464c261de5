#!/usr/bin/env python3
"""A worse line between one network namespace and the others, where the kernel has no netem: delay, jitter, loss, rate.

Takes a port out of a bridge and carries its frames to the bridge itself. As root, in the namespace that holds the bridge:

    line.py serve PORT BRIDGE NAMESPACE     for ever; NAMESPACE holds the other end of PORT, there called eth0
    line.py set delay 10 jitter 0 loss 5 rate 600
                                            milliseconds each way, percent each way, kbit/s each way with 200 ms of queue;
                                            what is not named is none
    line.py clear                           nothing of it
    line.py prove                           counts UDP datagrams both ways on a line that loses all, that is late, that is
                                            narrow; fails unless each obeys, and leaves a clear line

`serve` proves the line before it says that it is ready: a kernel that answers ARP on the port, or a bridge with the port's
own address, takes frames past the line, and what is measured then is no line at all.
"""

import array
import collections
import fcntl
import heapq
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

CONTROL = "\0visiosalle-line"
QUEUE = 0.2
FRAME = 2048
# Of the proof: datagrams each way, their size, the port that they go to.
DATAGRAMS, DATAGRAM, PROOF_PORT = 100, 500, 40_000
# linux/sockios.h, linux/ethtool.h: SIOCETHTOOL and the switches for what a card computes itself.
SIOCETHTOOL = 0x8946
SWITCHES = {"transmit checksums": 0x17, "scatter and gather": 0x19, "TCP segmentation": 0x1F, "segmentation": 0x24}


def turn_off_offloads(interface):
    """A frame that is carried on by a program must be whole: checksum written, no longer than the line allows."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        for switch in reversed(SWITCHES.values()):
            value = array.array("B", struct.pack("II", switch, 0))
            request = struct.pack("16sP", interface.encode(), value.buffer_info()[0])
            try:
                fcntl.ioctl(handle, SIOCETHTOOL, request)
            except OSError:
                continue


class Direction:
    """Frames on their way from one interface to the other."""

    def __init__(self, source, target):
        self.source, self.target = source, target
        self.flying = []
        self.free = 0.0
        self.number = 0

    def take(self, line, now):
        for _ in range(64):
            try:
                frame, address = self.source.recvfrom(FRAME)
            except BlockingIOError:
                return
            if address[2] == socket.PACKET_OUTGOING:
                continue
            if random.random() * 100 < line["loss"]:
                continue
            leaves = now
            if line["rate"]:
                begins = max(now, self.free)
                if begins - now > QUEUE:
                    continue
                leaves = self.free = begins + len(frame) * 8 / (line["rate"] * 1000)
            self.number += 1
            arrives = leaves + (line["delay"] + random.random() * line["jitter"]) / 1000
            heapq.heappush(self.flying, (arrives, self.number, frame))

    def let_out(self, now):
        while self.flying and self.flying[0][0] <= now:
            try:
                self.target.send(heapq.heappop(self.flying)[2])
            except OSError:
                continue


def inside(namespace, *words):
    """The command that runs this program with `words` in the namespace."""
    return ["ip", "netns", "exec", namespace, sys.executable, os.path.abspath(__file__), *words]


def run(command):
    subprocess.run(command.split(), check=True)


def address(interface):
    with open(f"/sys/class/net/{interface}/address") as file:
        return file.read()


def take_out(port, bridge, namespace):
    """Puts the line between the port and the bridge, and sees to it that the kernel takes no frame past it."""
    for command in (
        "ip link add vline type veth peer name vline-in", f"ip link set {port} nomaster",
        f"ip link set vline master {bridge} up", "ip link set vline-in up",
        # The kernel answers for every address of its own on every interface: those who ask through the port would be told
        # the port's, and their frames be taken in there.
        f"ip link set {port} arp off", "ip link set vline-in arp off", f"ip link set {port} up",
    ):
        run(command)
    if address(port) == address(bridge):
        raise RuntimeError(f"{bridge} has the address of {port}: give it one of its own first (ip link set {bridge} address)")
    for interface in (port, "vline", "vline-in"):
        turn_off_offloads(interface)
    subprocess.run(inside(namespace, "whole", "eth0"), check=True)
    for place in ("", f"-n {namespace} "):
        run(f"ip {place}neigh flush all")


def serve(port, bridge, namespace):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    take_out(port, bridge, namespace)
    # Whatever else goes on: a line that waits for a processor loses frames that it should not.
    os.nice(-15)
    ends = []
    for interface in (port, "vline-in"):
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        end.bind((interface, 0))
        # SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC: frames are addressed to the namespace, not to this port.
        end.setsockopt(263, 1, struct.pack("iHH8s", socket.if_nametoindex(interface), 1, 0, b""))
        # SO_RCVBUFFORCE: room for what a page loads in one go.
        end.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)
        end.setblocking(False)
        ends.append(end)
    directions = [Direction(*ends), Direction(*reversed(ends))]
    control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    control.bind(CONTROL)
    line = collections.defaultdict(float)
    threading.Thread(target=begin, daemon=True).start()
    try:
        while True:
            now = time.monotonic()
            soonest = min((d.flying[0][0] for d in directions if d.flying), default=now + 60)
            readable, _, _ = select.select([*ends, control], [], [], max(0, soonest - now))
            if control in readable:
                words, sender = control.recvfrom(4096)
                if words == b"where":
                    control.sendto(json.dumps([bridge, namespace]).encode(), sender)
                else:
                    line = collections.defaultdict(float, json.loads(words))
            now = time.monotonic()
            for direction in directions:
                if direction.source in readable:
                    direction.take(line, now)
                direction.let_out(now)
    finally:
        subprocess.run(["ip", "link", "del", "vline"], check=False)
        subprocess.run(["ip", "link", "set", port, "arp", "on", "master", bridge], check=False)


def begin():
    """The line is there: it is proved, then said to be ready; one that does not obey ends the program."""
    try:
        prove()
    except (RuntimeError, OSError, subprocess.SubprocessError, ValueError) as error:
        print(f"line.py: {error}", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        print("ready", flush=True)


def where():
    """The bridge and the namespace of the line that is being served."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as handle:
        handle.bind(f"\0visiosalle-line-{os.getpid()}")
        handle.settimeout(5)
        handle.connect(CONTROL)
        handle.send(b"where")
        return json.loads(handle.recv(4096))


def own_address(interface):
    """The interface's IPv4 address (SIOCGIFADDR)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        return socket.inet_ntoa(fcntl.ioctl(handle, 0x8915, struct.pack("256s", interface.encode()))[20:24])


def send_datagrams(handle, target):
    """Numbered by when they leave, 2 ms apart: all processes of a machine have one monotonic clock."""
    for _ in range(DATAGRAMS):
        handle.sendto(struct.pack("d", time.monotonic()).ljust(DATAGRAM), target)
        time.sleep(0.002)


def count_datagrams(handle):
    """How many came within a second and a half, and the least of their ages in seconds."""
    count, youngest, end = 0, None, time.monotonic() + 1.5
    while (left := end - time.monotonic()) > 0:
        handle.settimeout(left)
        try:
            words = handle.recv(FRAME)
        except TimeoutError:
            break
        age = time.monotonic() - struct.unpack_from("d", words)[0]
        count, youngest = count + 1, age if youngest is None else min(youngest, age)
    return count, youngest


def answer():
    """The proof's end in the namespace: sends to, or counts what comes from, whom it is told of on its standard input."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        handle.bind((own_address("eth0"), PROOF_PORT))
        print(json.dumps(handle.getsockname()[0]), flush=True)
        for words in sys.stdin:
            what, target = json.loads(words)
            if what == "send":
                send_datagrams(handle, (target, PROOF_PORT))
                print("null", flush=True)
            else:
                print(json.dumps("counting"), flush=True)
                print(json.dumps(count_datagrams(handle)), flush=True)


def prove():
    """Counts datagrams both ways behind three lines; raises unless each does what it is told."""
    bridge, namespace = where()
    here = own_address(bridge)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle, subprocess.Popen(
        inside(namespace, "answer"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        handle.bind((here, PROOF_PORT))
        there = json.loads(other.stdout.readline())

        def tell_other(what):
            other.stdin.write(json.dumps([what, here]) + "\n")
            other.stdin.flush()

        def down():
            tell_other("count")
            other.stdout.readline()
            send_datagrams(handle, (there, PROOF_PORT))
            return json.loads(other.stdout.readline())

        def up():
            tell_other("send")
            counted = count_datagrams(handle)
            other.stdout.readline()
            return counted

        try:
            for values, least, most, age in (
                # Addresses are learnt on a line that lets everything pass.
                ({}, DATAGRAMS, DATAGRAMS, 0), ({"loss": 100}, 0, 0, 0), ({"delay": 40}, DATAGRAMS, DATAGRAMS, 0.04),
                # One each 22 ms: nine while they are being sent, nine more out of the queue.
                ({"rate": 200}, 5, 30, 0),
            ):
                tell(values)
                for way, counted in (("up", up()), ("down", down())):
                    count, youngest = counted
                    if not least <= count <= most or youngest is not None and youngest < age:
                        raise RuntimeError(
                            f"the line does not obey, way {way}: of {DATAGRAMS} datagrams behind {values or 'no fault'} {count} "
                            f"came, the fastest in {youngest or 0:.3f} s")
        finally:
            tell({})
            other.stdin.close()


def tell(values):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as handle:
        handle.connect(CONTROL)
        handle.send(json.dumps(values).encode())


def main():
    words = sys.argv[1:]
    try:
        if words[0] == "serve":
            serve(*words[1:])
        elif words[0] == "whole":
            turn_off_offloads(words[1])
        elif words[0] == "set":
            tell({name: float(value) for name, value in zip(words[1::2], words[2::2], strict=True)})
        elif words == ["clear"]:
            tell({})
        elif words == ["prove"]:
            prove()
        elif words == ["answer"]:
            answer()
        else:
            sys.exit(__doc__)
    except (IndexError, TypeError, ValueError):
        sys.exit(__doc__)
    except RuntimeError as error:
        sys.exit(f"line.py: {error}")


if __name__ == "__main__":
    main()
