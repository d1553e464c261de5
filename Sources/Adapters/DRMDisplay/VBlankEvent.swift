/// One event read from a card's descriptor (struct drm_event and drm_event_vblank of drm.h).
package struct VBlankEvent: Equatable, Sendable {
    private static let flipComplete: UInt32 = 0x02  // DRM_EVENT_FLIP_COMPLETE
    /// drm_event's type and length, user_data, tv_sec, tv_usec, sequence, crtc_id.
    private static let length = 32

    /// What the commit gave along.
    package let userData: UInt64

    /// The flips told of in the first `count` of `bytes`, in order; other events and damaged ones are passed over.
    package static func forEachFlip(in bytes: [UInt8], count: Int, _ body: (VBlankEvent) -> Void) {
        let end = min(max(0, count), bytes.count)
        var offset = 0
        bytes.withUnsafeBytes { buffer in
            while end - offset >= 8 {
                let type = buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                let size = Int(buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
                guard size >= 8, size <= end - offset else { return }
                if type == flipComplete, size >= length {
                    body(VBlankEvent(userData: buffer.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
                }
                offset += size
            }
        }
    }
}
