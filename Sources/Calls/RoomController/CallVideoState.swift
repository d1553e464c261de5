internal import Basis
internal import Conference
internal import Jitsi
internal import MediaEngine
internal import RTP
internal import Scene

/// What is known of the pictures of a call, in both directions: how well they come, and what is held back and why.
struct CallVideoState {
    private static let noticeTime = Duration.seconds(8)

    private(set) var ladder = ReceptionLadder()
    /// What the bridge was asked for last.
    var constraints: ReceiverVideoConstraints?
    private var packetLoss = PacketLoss()
    private var frozenShare = FrozenShare()
    private var restriction = SendingRestriction()
    private var notice: (message: Message, until: MonotonicInstant)?

    /// A second has passed.
    mutating func note(
        _ inbound: [RTPStatistics.Inbound], bandwidth: Int?, sending: SendingReason?, uplink: Int?,
        at now: MonotonicInstant
    ) {
        let before = ladder.level
        let reason = restriction.reason
        restriction.update(sending, bandwidth: uplink, at: now)
        let frozen = frozenShare.note(inbound, at: now)
        if let loss = packetLoss.note(inbound) {
            ladder.note(loss: loss, frozen: frozen, bandwidth: bandwidth, at: now)
        }
        if ladder.level > before {
            notice = (ladder.level > .small ? .picturesStopped : .picturesSmaller, now + Self.noticeTime)
        } else if let lasting = restriction.reason, lasting != reason {
            notice = (Self.message(for: lasting), now + Self.noticeTime)
        }
        if let until = notice?.until, until <= now { notice = nil }
    }

    /// What is to be said on the screen for a while.
    var shownNotice: Message? { notice?.message }

    private static func message(for reason: SendingReason) -> Message {
        switch reason {
        case .load: .pictureHeldByLoad
        case .heat: .pictureHeldByHeat
        case .line: .pictureHeldByLine
        }
    }
}
