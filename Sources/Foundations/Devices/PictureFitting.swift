extension PictureSize {
    /// The same shape at most `height` high, both sides even and at least 16; never larger than this size.
    package func fitted(height limit: Int) -> PictureSize {
        guard height > limit, height > 0 else {
            return PictureSize(width: max(16, width & ~1), height: max(16, height & ~1))
        }
        return PictureSize(width: max(16, width * limit / height & ~1), height: max(16, limit & ~1))
    }

    /// The same shape, at most as large as `box`, never larger than this size.
    package func fitted(in box: PictureSize) -> PictureSize {
        guard width > 0, width * box.height > box.width * height else { return fitted(height: box.height) }
        return fitted(height: max(16, box.width * height / width))
    }
}
