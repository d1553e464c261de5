package import Basis
internal import RTP

/// A line that flows of media and of TCP share, narrow in both directions, in virtual time.
package struct SharedLine {
    private enum Cargo {
        case media(flow: Int, kind: PacketKind, isToFar: Bool, bytes: [UInt8])
        case segment(flow: Int, number: Int)
        case acknowledgement(flow: Int, number: Int)
    }

    private struct Arrival {
        var at: MonotonicInstant
        var order: Int
        var cargo: Cargo
    }

    private struct Transfer {
        var reno: RenoFlow
        var bytes = 0
    }

    /// IPv4, UDP and the SRTP tag count on the line.
    private static let overhead = 38

    package private(set) var now = MonotonicInstant(nanoseconds: 5_000_000_000)
    private let start = MonotonicInstant(nanoseconds: 5_000_000_000)
    package var forth: NarrowLink
    package var back: NarrowLink
    /// The standard deviation of what each packet is delayed besides, at most three of them.
    package var jitter = Duration.zero
    /// One way, of TCP.
    package var transferDelay = Duration.milliseconds(50)
    package var flows: [MediaFlow] = []
    private var transfers: [Transfer] = []
    private var heap: [Arrival] = []
    private var order = 0
    private var random: RandomSource
    private var buffer: [UInt8] = []

    package init(capacity: Int, back: Int = 100_000_000, limit: Duration = .milliseconds(300), seed: UInt64) {
        forth = NarrowLink(capacity: capacity, limit: limit)
        self.back = NarrowLink(capacity: back, limit: limit)
        random = RandomSource(seed: seed)
    }

    /// Seconds since the beginning.
    package var time: Double { Double((now - start).wholeNanoseconds) / 1e9 }
    package var transferCount: Int { transfers.count { !$0.reno.isDone } }
    /// On the wire.
    package var transferredBytes: Int { transfers.reduce(0) { $0 + $1.bytes } }

    package mutating func addFlow(isForth: Bool = true, delay: Duration = .milliseconds(50), most: Int = 2_500_000) {
        flows.append(MediaFlow(isForth: isForth, delay: delay, most: most, from: now, random: random.fork()))
    }

    /// Begins a TCP transfer of so many bytes; nil for one that does not end.
    package mutating func addTransfer(bytes: Int? = nil) {
        transfers.append(Transfer(reno: RenoFlow(segments: bytes.map { $0 / RenoFlow.segment + 1 })))
        pump(transfers.count - 1)
    }

    package mutating func run(until seconds: Double) {
        let end = start + .nanoseconds(Int64(seconds * 1e9))
        while now < end {
            var next = end
            if let first = heap.first { next = min(next, first.at) }
            for flow in flows { next = min(next, flow.deadline) }
            for transfer in transfers { if let deadline = transfer.reno.deadline { next = min(next, deadline) } }
            now = max(now, next)
            while let first = heap.first, first.at <= now { arrive(takeFirst().cargo) }
            for index in flows.indices where flows[index].deadline <= now {
                flows[index].advance(to: now)
                drain(index)
            }
            for index in transfers.indices {
                guard let deadline = transfers[index].reno.deadline, deadline <= now else { continue }
                transfers[index].reno.expire(at: now)
                pump(index)
            }
            sample()
        }
    }

    private mutating func sample() {
        let tenth = Int(time * 10)
        for index in flows.indices {
            while flows[index].estimates.count <= tenth {
                flows[index].estimates.append(flows[index].near.estimatedBandwidth ?? 0)
                flows[index].passed.append(0)
            }
        }
    }

    // MARK: Packets

    private mutating func drain(_ index: Int) {
        while let (kind, isToFar) = flows[index].poll(into: &buffer) {
            let isForth = flows[index].isForth == isToFar
            let size = buffer.count + Self.overhead
            guard let left = isForth ? forth.pass(size, at: now) : back.pass(size, at: now) else { continue }
            let way = isToFar ? 0 : 1
            let arrival = max(flows[index].latest[way], left + flows[index].delay + unevenness())
            flows[index].latest[way] = arrival
            if isToFar {
                flows[index].queued.append((time, Double((left - now).wholeNanoseconds) / 1e6))
            }
            push(.media(flow: index, kind: kind, isToFar: isToFar, bytes: buffer), at: arrival)
        }
    }

    /// Roughly normal, from zero up.
    private mutating func unevenness() -> Duration {
        guard jitter > .zero else { return .zero }
        let sum = (0..<6).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &random) }
        let deviations = min(max(sum / 1.414, -3), 3) + 3
        return .nanoseconds(Int64(deviations * Double(jitter.wholeNanoseconds)))
    }

    private mutating func pump(_ index: Int) {
        while let number = transfers[index].reno.take(at: now) {
            guard let left = forth.pass(RenoFlow.segment, at: now) else { continue }
            push(.segment(flow: index, number: number), at: left + transferDelay)
        }
    }

    private mutating func arrive(_ cargo: Cargo) {
        switch cargo {
        case .media(let flow, let kind, let isToFar, let bytes):
            sample()
            if isToFar { flows[flow].passed[flows[flow].passed.count - 1] += bytes.count + Self.overhead }
            flows[flow].deliver(bytes, kind, isToFar: isToFar, at: now)
            drain(flow)
        case .segment(let flow, let number):
            transfers[flow].bytes += RenoFlow.segment
            guard let left = back.pass(RenoFlow.acknowledgement, at: now) else { return }
            push(.acknowledgement(flow: flow, number: number), at: left + transferDelay)
        case .acknowledgement(let flow, let number):
            transfers[flow].reno.acknowledge(number, at: now)
            pump(flow)
        }
    }

    // MARK: What is on its way

    private mutating func push(_ cargo: Cargo, at arrival: MonotonicInstant) {
        heap.append(Arrival(at: arrival, order: order, cargo: cargo))
        order += 1
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func takeFirst() -> Arrival {
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ one: Int, _ other: Int) -> Bool {
        heap[one].at == heap[other].at ? heap[one].order < heap[other].order : heap[one].at < heap[other].at
    }
}
