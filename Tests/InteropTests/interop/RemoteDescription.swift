import Basis
import DTLSSRTP
import ICE
import RTP

/// What the peer tells about itself, in the place of a session description.
struct RemoteDescription {
    let credentials: ICECredentials
    let fingerprint: DTLSFingerprint
    let candidates: [ICECandidate]
    let audioSSRC: UInt32
    let videoSSRC: UInt32
    let videoRTXSSRC: UInt32?
    let opus: UInt8
    let vp8: UInt8
    let rtx: UInt8?
    let vp9: UInt8?
    let vp9RTX: UInt8?
    let audioExtensions: RTPExtensionMap
    let videoExtensions: RTPExtensionMap

    init(_ json: JSONValue) throws(CheckFailure) {
        guard let ufrag = json["ufrag"]?.string, let password = json["password"]?.string,
            let hash = json["hash"]?.string, let value = json["fingerprint"]?.string,
            let fingerprint = DTLSFingerprint(hash: hash, value: value),
            let audioSSRC: UInt32 = Self.number("audioSSRC", in: json),
            let videoSSRC: UInt32 = Self.number("videoSSRC", in: json), let opus: UInt8 = Self.number("opus", in: json),
            let vp8: UInt8 = Self.number("vp8", in: json)
        else { throw CheckFailure("an incomplete description") }
        credentials = ICECredentials(ufrag: ufrag, password: Redacted(password))
        self.fingerprint = fingerprint
        self.audioSSRC = audioSSRC
        self.videoSSRC = videoSSRC
        self.opus = opus
        self.vp8 = vp8
        videoRTXSSRC = Self.number("videoRTXSSRC", in: json)
        rtx = Self.number("rtx", in: json)
        vp9 = Self.number("vp9", in: json)
        vp9RTX = Self.number("vp9RTX", in: json)
        let mid: UInt8? = Self.number("mid", in: json)
        let transportWideCC: UInt8? = Self.number("transportWideCC", in: json)
        audioExtensions = RTPExtensionMap(
            audioLevel: Self.number("audioLevel", in: json), transportWideCC: transportWideCC, mid: mid)
        videoExtensions = RTPExtensionMap(
            transportWideCC: transportWideCC, absSendTime: Self.number("absSendTime", in: json), mid: mid)
        candidates = (json["candidates"]?.array ?? []).compactMap { entry -> ICECandidate? in
            guard let foundation = entry["foundation"]?.string,
                let priority: UInt32 = Self.number("priority", in: entry),
                let address = entry["ip"]?.string.flatMap({ IPAddress($0) }),
                let port: UInt16 = Self.number("port", in: entry),
                let kind = entry["kind"]?.string.flatMap(ICECandidate.Kind.init)
            else { return nil }
            return ICECandidate(
                foundation: foundation, priority: priority, address: TransportAddress(address, port: port), kind: kind)
        }
    }

    private static func number<Value: FixedWidthInteger>(_ key: String, in json: JSONValue) -> Value? {
        json[key]?.integer.flatMap { Value(exactly: $0) }
    }
}
