"""A router with address translation between the box and the world, on the loopback interface.

The box sends to `inside`, which stands for `server`; it leaves from `outside`, whatever it is sent to. What the world
sends to `outside` reaches the box from a port of its own for each sender, so that answers find their way back. Media
packets can get lost.
"""

import asyncio
import random


class _Port(asyncio.DatagramProtocol):
    def __init__(self, received):
        self._received = received

    def datagram_received(self, data, address):
        self._received(data, address)


class NAT:
    def __init__(self, server, loss, seed):
        self._server = server
        self._loss = loss
        self._random = random.Random(seed)
        self._box = None
        self._opening = set()
        self._ports = {}
        self._transports = []
        self.lost = 0

    async def start(self):
        self._outside, self.outside = await self._bind(self._from_world)
        self._ports[self._server], self.inside = await self._bind(self._towards(self._server))

    def stop(self):
        for task in self._opening:
            task.cancel()
        for transport in self._transports:
            transport.close()

    async def _bind(self, received):
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Port(received), local_addr=("127.0.0.1", 0)
        )
        self._transports.append(transport)
        return transport, transport.get_extra_info("sockname")

    def _towards(self, remote):
        def received(data, address):
            self._box = address
            self._forward(self._outside, data, remote)

        return received

    def _from_world(self, data, address):
        if self._box is None:
            return
        if address in self._ports:
            self._forward(self._ports[address], data, self._box)
            return
        task = asyncio.create_task(self._open(data, address))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, data, address):
        port, _ = await self._bind(self._towards(address))
        self._ports.setdefault(address, port)
        self._forward(self._ports[address], data, self._box)

    def _forward(self, transport, data, address):
        # SRTP alone: 128 to 191 in the first byte (RFC 7983), and no RTCP type in the second (RFC 5761).
        is_media = len(data) > 1 and 128 <= data[0] <= 191 and not 192 <= data[1] <= 223
        if is_media and self._random.random() < self._loss:
            self.lost += 1
            return
        transport.sendto(data, address)
