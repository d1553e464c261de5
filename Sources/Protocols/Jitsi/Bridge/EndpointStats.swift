/// The quality of our connection, for the bars on the others' tiles. Rates in kbit/s, loss in percent.
package struct EndpointStats: Equatable, Sendable {
    package var audioUpload: Int
    package var audioDownload: Int
    package var videoUpload: Int
    package var videoDownload: Int
    package var uploadLoss: Int
    package var downloadLoss: Int
    /// 0…100.
    package var connectionQuality: Int
    /// Round trip to the bridge in milliseconds.
    package var bridgeRoundTrip: Int?
    /// The height that our camera can send.
    package var maximumResolution: Int?

    package init(
        audioUpload: Int, audioDownload: Int, videoUpload: Int, videoDownload: Int, uploadLoss: Int, downloadLoss: Int,
        connectionQuality: Int, bridgeRoundTrip: Int? = nil, maximumResolution: Int? = nil
    ) {
        self.audioUpload = audioUpload
        self.audioDownload = audioDownload
        self.videoUpload = videoUpload
        self.videoDownload = videoDownload
        self.uploadLoss = uploadLoss
        self.downloadLoss = downloadLoss
        self.connectionQuality = connectionQuality
        self.bridgeRoundTrip = bridgeRoundTrip
        self.maximumResolution = maximumResolution
    }
}
