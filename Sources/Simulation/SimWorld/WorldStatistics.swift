internal import RTP

/// What a media session counted, as far as a call must keep it in bounds.
package struct WorldStatistics: Equatable, Sendable {
    package var nacks = 0
    package var recovered = 0
    package var keyframeRequests = 0
    package var framesDropped = 0
    package var bufferedBytes = 0
    package var malformed: Int
    package var unknownSSRC: Int
    package var unsupported: Int
    package var outboundDropped: Int
    package var sources: Int

    init(_ statistics: RTPStatistics) {
        malformed = statistics.malformedPackets
        unknownSSRC = statistics.unknownSSRCPackets
        unsupported = statistics.unsupportedPackets
        outboundDropped = statistics.outboundDropped
        sources = statistics.inbound.count
        for video in statistics.inbound.compactMap(\.video) {
            nacks += video.nacks
            recovered += video.packetsRecovered
            keyframeRequests += video.keyframeRequests
            framesDropped += video.framesDropped
            bufferedBytes += video.bufferedBytes
        }
    }
}
