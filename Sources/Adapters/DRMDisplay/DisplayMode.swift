package import Devices

/// A video mode as the kernel tells it and takes it back (struct drm_mode_modeinfo of drm_mode.h).
package struct DisplayMode: Equatable, Sendable {
    /// The pixel clock in kHz.
    package var clock: UInt32 = 0
    package var hdisplay: UInt16 = 0
    package var hsyncStart: UInt16 = 0
    package var hsyncEnd: UInt16 = 0
    package var htotal: UInt16 = 0
    package var hskew: UInt16 = 0
    package var vdisplay: UInt16 = 0
    package var vsyncStart: UInt16 = 0
    package var vsyncEnd: UInt16 = 0
    package var vtotal: UInt16 = 0
    package var vscan: UInt16 = 0
    /// DRM_MODE_FLAG_…
    package var flags: UInt32 = 0
    /// DRM_MODE_TYPE_…
    package var type: UInt32 = 0
    /// For instance `1920x1080`.
    package var name = ""

    package init() {}

    private static let interlaceFlag: UInt32 = 1 << 4
    private static let doubleScanFlag: UInt32 = 1 << 5
    /// DRM_MODE_FLAG_3D_MASK
    private static let stereoMask: UInt32 = 0x1F << 14
    private static let preferredType: UInt32 = 1 << 3

    package var size: PictureSize { PictureSize(width: Int(hdisplay), height: Int(vdisplay)) }

    /// Whether the TV names it as its own.
    package var isPreferred: Bool { type & Self.preferredType != 0 }

    /// Whether every picture is sent whole, once, and for both eyes.
    package var isPlain: Bool { flags & (Self.interlaceFlag | Self.doubleScanFlag | Self.stereoMask) == 0 }

    /// Pictures a second in thousandths: 59940 for 59.94 Hz; 0 for a mode without totals.
    package var milliHertz: Int {
        let pixels = Int(htotal) * Int(vtotal)
        return pixels > 0 ? Int(clock) * 1_000_000 / pixels : 0
    }

    /// Pictures a second, rounded.
    package var refreshRate: Int { (milliHertz + 500) / 1_000 }

    /// 1920x1080 at 60 Hz as CTA-861 has it (VIC 16), for a TV that does not say what it can.
    package static let fullHD = cta(
        name: "1920x1080", clock: 148_500, horizontal: (1920, 2008, 2052, 2200), vertical: (1080, 1084, 1089, 1125))

    /// 1280x720 at 60 Hz as CTA-861 has it (VIC 4).
    package static let hd = cta(
        name: "1280x720", clock: 74_250, horizontal: (1280, 1390, 1430, 1650), vertical: (720, 725, 730, 750))

    private static func cta(
        name: String, clock: UInt32, horizontal: (UInt16, UInt16, UInt16, UInt16),
        vertical: (UInt16, UInt16, UInt16, UInt16)
    ) -> DisplayMode {
        var mode = DisplayMode()
        mode.clock = clock
        (mode.hdisplay, mode.hsyncStart, mode.hsyncEnd, mode.htotal) = horizontal
        (mode.vdisplay, mode.vsyncStart, mode.vsyncEnd, mode.vtotal) = vertical
        mode.flags = 1 << 0 | 1 << 2  // DRM_MODE_FLAG_PHSYNC, DRM_MODE_FLAG_PVSYNC
        mode.type = 1 << 6  // DRM_MODE_TYPE_DRIVER
        mode.name = name
        return mode
    }
}
