import Basis
import DTLSSRTP
import Testing

/// Two endpoints joined by a wire in memory.
final class DTLSPair {
    var client: DTLSEndpoint
    var server: DTLSEndpoint
    var clientKeys: SRTPKeyingMaterial?
    var serverKeys: SRTPKeyingMaterial?
    var clientFailure: DTLSError?
    var serverFailure: DTLSError?
    var clientReceived: [[UInt8]] = []
    var serverReceived: [[UInt8]] = []
    var clientClosed = false
    var serverClosed = false
    var datagramLengths: [Int] = []

    init(
        clientProfiles: [SRTPProfile] = [.aeadAES128GCM, .aes128CMHMACSHA1_80],
        serverProfiles: [SRTPProfile] = [.aeadAES128GCM, .aes128CMHMACSHA1_80],
        clientExpects: DTLSFingerprint? = nil, serverExpects: DTLSFingerprint? = nil,
        retransmission: Duration = .milliseconds(100)
    ) throws {
        let clientCertificate = try DTLSCertificate.generate()
        let serverCertificate = try DTLSCertificate.generate()
        client = try DTLSEndpoint(
            role: .client, certificate: clientCertificate, expected: [clientExpects ?? serverCertificate.fingerprint],
            profiles: clientProfiles, retransmission: retransmission)
        server = try DTLSEndpoint(
            role: .server, certificate: serverCertificate, expected: [serverExpects ?? clientCertificate.fingerprint],
            profiles: serverProfiles, retransmission: retransmission)
        server.start()
    }

    /// Carries datagrams until both sides are silent; `pass` sees each and may drop it (nil) or change it.
    func run(_ pass: (_ fromClient: Bool, [UInt8]) -> [UInt8]? = { $1 }) {
        var buffer: [UInt8] = []
        var isBusy = true
        while isBusy {
            isBusy = false
            while client.pollDatagram(into: &buffer) {
                isBusy = true
                datagramLengths.append(buffer.count)
                if let passed = pass(true, buffer) { server.receive(passed.span) }
            }
            while server.pollDatagram(into: &buffer) {
                isBusy = true
                datagramLengths.append(buffer.count)
                if let passed = pass(false, buffer) { client.receive(passed.span) }
            }
        }
        collect()
    }

    /// Carries datagrams and lets the timers expire until both have keys. OpenSSL compares its timers with the machine's
    /// clock, so a test that was suspended in the middle of a flight sees retransmissions cross, as on a network.
    func complete() {
        run()
        for _ in 0..<4 where clientKeys == nil || serverKeys == nil {
            while let left = client.timeout ?? server.timeout, left > .zero {}
            client.advance()
            server.advance()
            run()
        }
    }

    func clientSends(_ bytes: [UInt8]) -> Bool {
        client.send(bytes.span)
    }

    func serverSends(_ bytes: [UInt8]) -> Bool {
        server.send(bytes.span)
    }

    /// Passes the time until OpenSSL, which looks at the machine's clock, takes the client's flight as overdue: 1 ms
    /// here.
    func exhaustClientTimer() {
        while let left = client.timeout, left > .zero {}
    }

    var clientTimeout: Duration? { client.timeout }

    private func collect() {
        while let event = client.pollEvent() {
            switch event {
            case .connected(let keys): clientKeys = keys
            case .applicationData(let bytes): clientReceived.append(bytes)
            case .failed(let error): clientFailure = error
            case .closed: clientClosed = true
            }
        }
        while let event = server.pollEvent() {
            switch event {
            case .connected(let keys): serverKeys = keys
            case .applicationData(let bytes): serverReceived.append(bytes)
            case .failed(let error): serverFailure = error
            case .closed: serverClosed = true
            }
        }
    }
}
