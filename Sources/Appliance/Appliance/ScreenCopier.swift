internal import Codecs
internal import Devices
internal import Painter
internal import Panel
internal import Pixels

/// Makes files of copies of the screen; the same copy is compressed once.
struct ScreenCopier: ~Copyable {
    /// Wider screens are made smaller for the moving picture: a browser's window shows no more.
    static let widestPicture = 1280

    private var canvas = Canvas(size: PictureSize(width: 0, height: 0))
    private var small = Canvas(size: PictureSize(width: 0, height: 0))
    private var encoder: JPEGEncoder?
    private var latest: PanelPicture?
    private var count = 0

    init() {
        encoder = try? JPEGEncoder(quality: 78)
    }

    /// Takes the pixels of a new copy and gives the old ones back, to be written over.
    mutating func take(_ fresh: inout Canvas) {
        swap(&fresh, &canvas)
        latest = nil
    }

    /// Gives the memory back.
    mutating func forget() {
        canvas = Canvas(size: PictureSize(width: 0, height: 0))
        small = Canvas(size: PictureSize(width: 0, height: 0))
        latest = nil
    }

    /// The whole screen as a PNG file.
    borrowing func png() -> [UInt8]? {
        canvas.size.width > 0 ? PNGWriter.encode(canvas) : nil
    }

    /// The screen as a JPEG file of at most `widestPicture`.
    mutating func jpeg() -> PanelPicture? {
        if let latest { return latest }
        guard canvas.size.width > 0, encoder != nil else { return nil }
        var file: [UInt8] = []
        if let size = Self.smallSize(of: canvas.size) {
            if small.size != size { small = Canvas(size: size) }
            guard Pixels.scale(canvas, into: &small) else { return nil }
            _ = try? encoder?.encode(small, into: &file)
        } else {
            _ = try? encoder?.encode(canvas, into: &file)
        }
        guard !file.isEmpty else { return nil }
        count &+= 1
        let picture = PanelPicture(number: count, bytes: file)
        latest = picture
        return picture
    }

    /// The size of the moving picture; nil when it is the screen's own.
    private static func smallSize(of size: PictureSize) -> PictureSize? {
        guard size.width > widestPicture else { return nil }
        return PictureSize(width: widestPicture, height: max(2, size.height * widestPicture / size.width & ~1))
    }
}
