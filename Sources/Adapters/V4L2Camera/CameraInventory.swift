package import Devices

/// A camera as it would be offered to a person who chooses one.
package struct CameraInventory: Equatable, Sendable {
    /// What it is called by; `identity` of it goes into a configuration.
    package let facts: DeviceFacts
    /// What it can do near 1280x720, unusable formats included; empty when it cannot be asked.
    package let offers: [CaptureOffer]
    /// The mode that a call would use; nil when the camera is of no use.
    package let preferred: CaptureMode?
    /// Why it could not be asked, for instance because the kernel refuses it to this user.
    package let error: DeviceError?

    /// All cameras of the machine: nodes of metadata, outputs and codecs are left out. A camera in use is asked all the
    /// same; that does not disturb its picture.
    package static func list() -> [CameraInventory] { list(calls: KernelVideoCalls()) }

    package static func list(
        calls: some VideoDeviceCalls,
        wish: CaptureWish = CaptureWish(size: PictureSize(width: 1280, height: 720), framesPerSecond: 30)
    ) -> [CameraInventory] {
        CameraFinder(calls: calls).nodes().compactMap { facts in
            do throws(DeviceError) {
                let node = try VideoNode(calls: calls, path: facts.node)
                guard try node.capability().isCamera else { return nil }
                let offers = try node.offers(near: wish.size)
                return CameraInventory(
                    facts: facts, offers: offers, preferred: CaptureNegotiation.ranked(offers, for: wish).first,
                    error: nil)
            } catch {
                return CameraInventory(facts: facts, offers: [], preferred: nil, error: error)
            }
        }
    }
}
