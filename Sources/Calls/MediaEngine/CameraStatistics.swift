package import Devices

/// Counters of the camera thread, growing since its start, sampled each second.
package struct CameraStatistics: Equatable, Sendable {
    /// Of one layer.
    package struct Layer: Equatable, Sendable {
        /// Encoded since the start.
        package var frames = 0
        /// Key frames among them.
        package var keyframes = 0
        /// What is being sent; nil while it is off.
        package var size: PictureSize?
        /// In bit/s, what its compression aims at.
        package var bitrate = 0

        package init() {}
    }

    /// Pictures taken from the camera.
    package var capturedFrames = 0
    /// Pictures of which something was sent.
    package var encodedFrames = 0
    /// Of all layers.
    package var keyframes = 0
    /// Frames that rate control skipped or that found no room.
    package var droppedFrames = 0
    /// Of all layers, since the start.
    package var encodedBytes = 0
    /// Still cards sent in place of a camera that fails.
    package var stillCards = 0
    /// What the camera gave that could not be used.
    package var corruptFrames = 0
    /// What the camera's driver dropped, or what was overtaken by a newer picture.
    package var lostFrames = 0
    /// The size being captured and the largest being sent; nil when off.
    package var capturedSize: PictureSize?
    /// Of the largest layer sent; nil while none is.
    package var encodedSize: PictureSize?
    /// By RTP layer; a single stream is the first.
    package var low = Layer()
    /// The middle layer.
    package var standard = Layer()
    /// The largest layer.
    package var high = Layer()
    /// Why less is sent than is wanted; nil where all is.
    package var reason: SendingReason?
    /// Why there is no picture; nil while there is one, or none is wanted.
    package var fault: DeviceError?

    package init() {}

    /// By number of the RTP layer, 0…2.
    package subscript(layer layer: Int) -> Layer {
        get {
            switch layer {
            case 0: low
            case 1: standard
            default: high
            }
        }
        set {
            switch layer {
            case 0: low = newValue
            case 1: standard = newValue
            default: high = newValue
            }
        }
    }
}
