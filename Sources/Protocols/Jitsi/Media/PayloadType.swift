/// An RTP payload type of an offer or an answer (XEP-0167).
package struct PayloadType: Equatable, Sendable {
    /// A kind of RTCP feedback (RFC 4585), such as `nack pli`.
    package struct Feedback: Equatable, Sendable {
        /// `nack`, `ccm`, `transport-cc`, …
        package let type: String
        /// `pli`, `fir`, …
        package let subtype: String?

        /// A kind of feedback.
        package init(_ type: String, _ subtype: String? = nil) {
            self.type = type
            self.subtype = subtype
        }
    }

    /// A format parameter (SDP's `fmtp`).
    package struct Parameter: Equatable, Sendable {
        /// Empty where the parameter has no name (RED).
        package let name: String
        /// As written.
        package let value: String

        /// A parameter.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// 0…127.
    package let id: UInt8
    /// As written; compare without regard to case.
    package let name: String
    /// In hertz.
    package let clockRate: Int
    /// Of sound; 1 where nothing is said.
    package let channels: Int
    /// In their order.
    package let parameters: [Parameter]
    /// What RTCP may say about it.
    package let feedback: [Feedback]

    /// A payload type.
    package init(
        id: UInt8, name: String, clockRate: Int, channels: Int = 1, parameters: [Parameter] = [],
        feedback: [Feedback] = []
    ) {
        self.id = id
        self.name = name
        self.clockRate = clockRate
        self.channels = channels
        self.parameters = parameters
        self.feedback = feedback
    }

    /// The payload type that an RTX payload type repairs (`apt`).
    package var associatedPayloadType: UInt8? {
        parameters.first { $0.name == "apt" }.flatMap { UInt8($0.value) }
    }
}
