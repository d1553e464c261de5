import Basis
import NIOCore
import NIOPosix
import NetworkIO
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UDPSocketTests {
    private struct Datagram: Equatable, Sendable {
        var bytes: [UInt8]
        var remote: TransportAddress
    }

    private func bind(
        _ context: NetworkContext, _ address: IPAddress
    ) async throws -> (UDPSocket, AsyncStream<Datagram>) {
        let (stream, continuation) = AsyncStream<Datagram>.makeStream()
        let result = await withCheckedContinuation { waiting in
            context.bindUDP(
                address: address,
                onDatagram: { bytes, remote in
                    let copy = bytes.bytes(at: 0, count: bytes.count) ?? []
                    continuation.yield(Datagram(bytes: copy, remote: remote))
                }, completion: { waiting.resume(returning: $0) })
        }
        return (try result.get(), stream)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func carriesDatagramsBothWays(literal: String) async throws {
        let address = try #require(IPAddress(literal))
        let loopbacks = NetworkContext.interfaceAddresses(includeLoopback: true)
        guard loopbacks.contains(address) else { return }
        let context = try NetworkContext(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        let (left, leftStream) = try await bind(context, address)
        let (right, rightStream) = try await bind(context, address)
        #expect(left.localAddress.address == address)
        #expect(left.localAddress.port != 0 && left.localAddress != right.localAddress)
        var atLeft = leftStream.makeAsyncIterator()
        var atRight = rightStream.makeAsyncIterator()
        for index in 0..<40 { left.send([UInt8(index), 2, 3], to: right.localAddress) }
        for index in 0..<40 {
            #expect(await atRight.next() == Datagram(bytes: [UInt8(index), 2, 3], remote: left.localAddress))
        }
        // What the kernel refuses is one lost datagram; the socket lives on.
        right.send([UInt8](repeating: 0, count: 70_000), to: left.localAddress)
        let other: IPAddress = address.isV6 ? .v4(0x7F00_0001) : .v6(high: 0, low: 1)
        right.send([1], to: TransportAddress(other, port: 9))
        right.send([9, 9], to: left.localAddress)
        #expect(await atLeft.next() == Datagram(bytes: [9, 9], remote: right.localAddress))
        #expect(right.counters.dropped == 2)
        #expect(right.counters.sent == 1)
        left.close()
        right.close()
        right.send([1], to: left.localAddress)
        #expect(right.counters.dropped == 3)
    }

    /// Nothing waits for ever, nothing is mixed up, and one that the kernel refuses costs itself alone.
    @Test(arguments: ["127.0.0.1", "::1"])
    func aBatchLeavesInOrderWhateverIsInIt(literal: String) async throws {
        let address = try #require(IPAddress(literal))
        guard NetworkContext.interfaceAddresses(includeLoopback: true).contains(address) else { return }
        let context = try NetworkContext(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        let (left, _) = try await bind(context, address)
        let (right, rightStream) = try await bind(context, address)
        let (third, thirdStream) = try await bind(context, address)
        var atRight = rightStream.makeAsyncIterator()
        var atThird = thirdStream.makeAsyncIterator()
        func enqueue(_ bytes: [UInt8], to remote: UDPSocket) { left.enqueue(bytes.span, to: remote.localAddress) }
        enqueue([0], to: right)
        #expect(left.counters.sent == 0)
        // Too large for any datagram, in the midst of a batch.
        enqueue([UInt8](repeating: 7, count: 65_535), to: right)
        for index in 1..<150 { enqueue([UInt8](repeating: UInt8(index), count: 1 + index % 3), to: right) }
        enqueue([1, 2], to: third)
        enqueue([200], to: right)
        left.flush()
        left.flush()
        for index in 0..<150 {
            #expect(await atRight.next()?.bytes == [UInt8](repeating: UInt8(index), count: 1 + index % 3))
        }
        #expect(await atRight.next()?.bytes == [200])
        #expect(await atThird.next() == Datagram(bytes: [1, 2], remote: left.localAddress))
        #expect(left.counters.sent == 152 && left.counters.dropped == 1)
        enqueue([3], to: right)
        left.close()
        left.flush()
        #expect(left.counters.dropped == 2)
        for socket in [right, third] { socket.close() }
    }

    /// What is to be done for many datagrams at once is done after the last of them.
    @Test func tellsWhenNoMoreDatagramsAreThere() async throws {
        let context = try NetworkContext(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        let (left, _) = try await bind(context, .v4(0x7F00_0001))
        let (stream, continuation) = AsyncStream<Int?>.makeStream()
        let result = await withCheckedContinuation { waiting in
            context.bindUDP(
                address: .v4(0x7F00_0001),
                onDatagram: { bytes, _ in continuation.yield(bytes.uint8(at: 0).map(Int.init)) },
                onRest: { continuation.yield(nil) }, completion: { waiting.resume(returning: $0) })
        }
        let right = try result.get()
        for index in 0..<20 { left.enqueue([UInt8(index)].span, to: right.localAddress) }
        left.flush()
        var (next, rests, isAtRest) = (0, 0, true)
        for await event in stream {
            if let event {
                #expect(event == next)
                next += 1
                isAtRest = false
            } else {
                #expect(!isAtRest)
                isAtRest = true
                rests += 1
            }
            if next == 20, isAtRest { break }
        }
        #expect((1...20).contains(rests))
        left.close()
        right.close()
    }

    @Test func tellsThatAnAddressIsNotOurs() async throws {
        let context = try NetworkContext(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        await #expect(throws: NetworkError.self) { _ = try await bind(context, .v4(0xC000_0201)) }
    }

    @Test func interfaceAddressesAreUsable() {
        let addresses = NetworkContext.interfaceAddresses()
        #expect(addresses.allSatisfy { !$0.isLoopback && !$0.isLinkLocal })
        #expect(Set(addresses).count == addresses.count)
        #expect(NetworkContext.interfaceAddresses(includeLoopback: true).contains(.v4(0x7F00_0001)))
    }

    @Test(arguments: [("127.0.0.1", true), ("localhost", true), ("no such name", false), ("", false)])
    func resolves(host: String, isKnown: Bool) async throws {
        let context = try NetworkContext(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        let result = await withCheckedContinuation { waiting in
            context.resolve(host: host) { waiting.resume(returning: $0) }
        }
        if isKnown {
            #expect(try result.get().allSatisfy { $0.isLoopback })
        } else {
            #expect(result == .failure(.nameResolution(host: host)))
        }
    }

    @Test func timerWakesAtTheLastDeadlineOnly() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (deadline, woken) = try await loop.flatSubmit {
            let promise = loop.makePromise(of: (MonotonicInstant, MonotonicInstant).self)
            let now = EventLoopClock(loop).now
            let final = now + .milliseconds(8)
            let keeper = NIOLoopBoundBox<DeadlineTimer?>(nil, eventLoop: loop)
            let timer = DeadlineTimer(eventLoop: loop) { now in
                keeper.value = nil
                promise.succeed((final, now))
            }
            keeper.value = timer
            timer.arm(now + .milliseconds(2))
            timer.arm(nil)
            timer.arm(now + .seconds(3600))
            timer.arm(now + .milliseconds(2))
            timer.arm(final)
            return promise.futureResult
        }.get()
        #expect(woken >= deadline)
    }
}
