/// An RTP payload type of an offer or an answer (XEP-0167).
package struct PayloadType: Equatable, Sendable {
    package struct Feedback: Equatable, Sendable {
        package let type: String
        package let subtype: String?

        package init(_ type: String, _ subtype: String? = nil) {
            self.type = type
            self.subtype = subtype
        }
    }

    package struct Parameter: Equatable, Sendable {
        /// Empty where the parameter has no name (RED).
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// 0…127.
    package let id: UInt8
    /// As written; compare without regard to case.
    package let name: String
    package let clockRate: Int
    package let channels: Int
    package let parameters: [Parameter]
    package let feedback: [Feedback]

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
