#!/usr/bin/env python3
"""A worse line between one network namespace and the others, where the kernel has no netem: delay, jitter, loss, rate.

Takes a port out of a bridge and carries its frames to the bridge itself. As root, in the namespace that holds the bridge:

    line.py serve PORT BRIDGE [NAMESPACE]   for ever; NAMESPACE holds the other end of PORT, there called eth0
    line.py set delay 10 jitter 0 loss 5 rate 600
                                            milliseconds each way, percent each way, kbit/s each way with 200 ms of queue;
                                            what is not named is none
    line.py clear                           nothing of it
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
import time

CONTROL = "\0visiosalle-line"
QUEUE = 0.2
FRAME = 2048
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


def serve(port, bridge, namespace=None):
    for command in (
        "ip link add vline type veth peer name vline-in", f"ip link set {port} nomaster",
        f"ip link set vline master {bridge} up", "ip link set vline-in up",
    ):
        subprocess.run(command.split(), check=True)
    for interface in (port, "vline", "vline-in"):
        turn_off_offloads(interface)
    if namespace:
        subprocess.run(["ip", "netns", "exec", namespace, sys.executable, os.path.abspath(__file__), "whole", "eth0"], check=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
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
    print("ready", flush=True)
    try:
        while True:
            now = time.monotonic()
            soonest = min((d.flying[0][0] for d in directions if d.flying), default=now + 60)
            readable, _, _ = select.select([*ends, control], [], [], max(0, soonest - now))
            if control in readable:
                line = collections.defaultdict(float, json.loads(control.recv(4096)))
            now = time.monotonic()
            for direction in directions:
                if direction.source in readable:
                    direction.take(line, now)
                direction.let_out(now)
    finally:
        subprocess.run(["ip", "link", "del", "vline"], check=False)
        subprocess.run(["ip", "link", "set", port, "master", bridge], check=False)


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
        else:
            sys.exit(__doc__)
    except (IndexError, TypeError, ValueError):
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
