import Basis
import ICE
import Testing

/// A controlled agent, and a peer whose messages the test writes itself.
private struct Bench {
    var agent: ICEAgent
    let local: ICECredentials
    let remote: ICECredentials
    var now = MonotonicInstant.zero + .seconds(5)
    let path = DatagramPath(local: address("192.0.2.10"), remote: address("203.0.113.20"))

    init(seed: UInt64 = 1) {
        var random = RandomSource(seed: seed)
        local = .generate(using: &random)
        remote = .generate(using: &random)
        agent = ICEAgent(role: .controlled, local: local, random: random.fork())
        agent.addHost(path.local, localPreference: 65535)
        _ = agent.pollEvent()
    }

    mutating func receive(_ bytes: [UInt8], on other: DatagramPath? = nil) {
        agent.receive(bytes.span, on: other ?? path, at: now)
    }

    /// What the agent sends now, by class.
    mutating func sent(_ messageClass: STUNMessage.Class) -> [STUNMessage] {
        var messages: [STUNMessage] = []
        var bytes: [UInt8] = []
        while agent.pollTransmit(into: &bytes) != nil {
            if let message = STUNMessage.parse(bytes.span), message.messageClass == messageClass {
                messages.append(message)
            }
        }
        return messages
    }

    /// Answers the agent's last check, so that the pair is valid.
    mutating func answer(_ request: STUNMessage, on other: DatagramPath? = nil) {
        var response = STUNMessage(.success, .binding, transaction: request.transaction)
        response.xorMappedAddress = (other ?? path).local
        receive(response.encoded(key: remote.integrityKey), on: other)
    }
}

@Suite struct ICERequestTests {
    @Test func answersWithTheMappedAddress() throws {
        var bench = Bench()
        bench.receive(binding(from: bench.remote, to: bench.local).encoded(key: bench.local.integrityKey))
        let response = try #require(bench.sent(.success).first)
        #expect(response.xorMappedAddress == bench.path.remote)
        #expect(response.isAuthentic(key: bench.local.integrityKey))
        #expect(response.hasFingerprint)
    }

    @Test func refusesStrangers() throws {
        var bench = Bench()
        bench.receive(binding(from: bench.remote, to: bench.local).encoded())
        #expect(bench.sent(.error).map(\.errorCode) == [.badRequest])
        bench.receive(binding(from: bench.remote, to: bench.local).encoded(key: Redacted([1, 2, 3])))
        #expect(bench.sent(.error).map(\.errorCode) == [.unauthenticated])
        bench.receive(binding(from: bench.remote, to: bench.remote).encoded(key: bench.local.integrityKey))
        #expect(bench.sent(.error).map(\.errorCode) == [.unauthenticated])
        bench.receive(binding(from: bench.remote, to: bench.local).encoded(key: Redacted([1]), fingerprint: false))
        let output1 = bench.agent.pollTransmit()?.bytes
        #expect(output1 == nil)
        let request = binding(from: bench.remote, to: bench.local).encoded(key: bench.local.integrityKey)
        bench.receive(request, on: DatagramPath(local: address("192.0.2.99"), remote: bench.path.remote))
        let output2 = bench.agent.pollTransmit()?.bytes
        #expect(output2 == nil)
        bench.agent.setRemote(bench.remote, at: bench.now)
        let output3 = bench.agent.pollTransmit()?.bytes
        #expect(output3 == nil, "nothing of that is a pair")
    }

    @Test func refusesWhatItDoesNotUnderstand() throws {
        var bench = Bench()
        let strange = binding(from: bench.remote, to: bench.local) { $0.set(.init(rawValue: 0x0031), [1, 2]) }
        bench.receive(strange.encoded(key: bench.local.integrityKey))
        let response = try #require(bench.sent(.error).first)
        #expect(response.errorCode == .unknownAttribute)
        #expect(response.unknownAttributes == [0x0031])
        #expect(response.isAuthentic(key: bench.local.integrityKey))
        let poor = binding(from: bench.remote, to: bench.local) { $0.set(.priority, nil) }
        bench.receive(poor.encoded(key: bench.local.integrityKey))
        #expect(bench.sent(.success).count == 1, "a consent check needs none")
    }

    @Test func resolvesARoleConflictByTheTieBreaker() {
        var bench = Bench()
        let stronger = binding(from: bench.remote, to: bench.local) {
            $0.iceControlling = nil
            $0.iceControlled = .max
        }
        bench.receive(stronger.encoded(key: bench.local.integrityKey))
        #expect(bench.sent(.error).map(\.errorCode) == [.roleConflict])
        #expect(bench.agent.role == .controlled)
        let weaker = binding(from: bench.remote, to: bench.local) {
            $0.iceControlling = nil
            $0.iceControlled = 0
        }
        bench.receive(weaker.encoded(key: bench.local.integrityKey))
        #expect(bench.sent(.success).count == 1)
        #expect(bench.agent.role == .controlling)
    }

    @Test func checksCarryWhatTheStandardAsksFor() throws {
        var bench = Bench()
        bench.agent.addRemote(
            ICECandidate(foundation: "1", priority: 99, address: bench.path.remote, kind: .host), at: bench.now)
        let output4 = bench.agent.pollTransmit()?.bytes
        #expect(output4 == nil)
        bench.agent.setRemote(bench.remote, at: bench.now)
        let check = try #require(bench.sent(.request).first)
        #expect(check.username == "\(bench.remote.ufrag):\(bench.local.ufrag)")
        #expect(check.isAuthentic(key: bench.remote.integrityKey))
        #expect(check.hasFingerprint)
        #expect(check.priority == ICECandidate.priority(kind: .prflx, localPreference: 65535))
        #expect(check.iceControlled != nil && check.iceControlling == nil && !check.useCandidate)
    }

    @Test func repeatsWithDoublingIntervals() throws {
        var bench = Bench()
        bench.agent.addRemote(
            ICECandidate(foundation: "1", priority: 99, address: bench.path.remote, kind: .host), at: bench.now)
        bench.agent.setRemote(bench.remote, at: bench.now)
        let start = bench.now
        let first = try #require(bench.sent(.request).first)
        var times: [Int64] = []
        while let next = bench.agent.soonest.instant, next - start < .seconds(7) {
            bench.now = next
            bench.agent.advance(to: next)
            for message in bench.sent(.request) where message.transaction == first.transaction {
                times.append((next - start).wholeMilliseconds)
            }
        }
        #expect(times == [100, 300, 700, 1500, 3100, 6300])
    }

    @Test func believesOnlyThePeerOnTheSamePath() throws {
        var bench = Bench()
        bench.agent.addRemote(
            ICECandidate(foundation: "1", priority: 99, address: bench.path.remote, kind: .host), at: bench.now)
        bench.agent.setRemote(bench.remote, at: bench.now)
        let check = try #require(bench.sent(.request).first)
        var response = STUNMessage(.success, .binding, transaction: check.transaction)
        response.xorMappedAddress = bench.path.local
        bench.receive(response.encoded())
        bench.receive(response.encoded(key: bench.local.integrityKey))
        bench.receive(
            response.encoded(key: bench.remote.integrityKey),
            on: DatagramPath(local: bench.path.local, remote: address("203.0.113.66")))
        #expect(bench.agent.selectedPath == nil)
        bench.receive(response.encoded(key: bench.remote.integrityKey))
        #expect(bench.agent.selectedPath == bench.path)
    }

    @Test func followsTheNominationOfTheBridge() throws {
        var bench = Bench()
        let better = bench.path
        let worse = DatagramPath(local: better.local, remote: address("203.0.113.21"))
        for (path, priority) in [(better, UInt32(2000)), (worse, 1000)] {
            bench.agent.addRemote(
                ICECandidate(foundation: "1", priority: priority, address: path.remote, kind: .host), at: bench.now)
        }
        bench.agent.setRemote(bench.remote, at: bench.now)
        let firstCheck = try #require(bench.sent(.request).first)
        bench.answer(firstCheck, on: better)
        #expect(bench.agent.selectedPath == better)
        #expect(!bench.agent.isNominated)
        // USE-CANDIDATE on a pair that has not yet answered us: taken once it has.
        let nomination = binding(from: bench.remote, to: bench.local) { $0.useCandidate = true }
        bench.now += .milliseconds(20)
        bench.receive(nomination.encoded(key: bench.local.integrityKey), on: worse)
        #expect(bench.agent.selectedPath == better)
        let secondCheck = try #require(bench.sent(.request).last)
        bench.answer(secondCheck, on: worse)
        #expect(bench.agent.selectedPath == worse)
        #expect(bench.agent.isNominated)
        // The last nomination counts.
        bench.receive(nomination.encoded(key: bench.local.integrityKey), on: better)
        #expect(bench.agent.selectedPath == better)
        let events = Array(sequence(state: bench.agent) { $0.pollEvent() })
        #expect(events == [better, worse, better].map { .selected($0) })
    }

    @Test func survivesMutation() {
        var random = RandomSource(seed: 8445)
        for round in 0..<40 {
            var bench = Bench(seed: UInt64(round))
            bench.agent.setRemote(bench.remote, at: bench.now)
            var originals = [
                binding(from: bench.remote, to: bench.local) { $0.useCandidate = true },
                binding(from: bench.remote, to: bench.local) { $0.iceControlled = random.next() },
            ]
            for _ in 0..<80 {
                bench.now += .milliseconds(Int.random(in: 0...400, using: &random))
                bench.agent.advance(to: bench.now)
                for request in bench.sent(.request).prefix(2) {
                    var response = STUNMessage(.error, .binding, transaction: request.transaction)
                    response.errorCode = .init(
                        number: [400, 403, 420, 487].randomElement(using: &random) ?? 400, reason: "")
                    originals.append(response)
                    response = STUNMessage(.success, .binding, transaction: request.transaction)
                    response.xorMappedAddress = address("2001:db8::1")
                    originals.append(response)
                }
                guard var message = originals.randomElement(using: &random) else { continue }
                if Bool.random(using: &random), let victim = message.attributes.randomElement(using: &random) {
                    message.set(victim.type, random.bytes(Int.random(in: 0...24, using: &random)))
                }
                let key = message.messageClass == .request ? bench.local.integrityKey : bench.remote.integrityKey
                var bytes = message.encoded(key: key)
                if Int.random(in: 0..<4, using: &random) == 0 {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8(truncatingIfNeeded: random.next())
                }
                let port = UInt16.random(in: 0...200, using: &random)
                bench.receive(
                    bytes, on: DatagramPath(local: bench.path.local, remote: address("203.0.113.20", port)))
            }
            #expect(bench.agent.summary.contains("1 local"))
        }
    }
}
