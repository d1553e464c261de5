internal import Devices

/// Picks the best of what a camera offers for what is wished.
package enum CaptureNegotiation {
    /// Below this rate people look like slides.
    private static let leastMilliHertz = 15_000
    /// Sides that a picture may have: what the encoder takes in, and the JPEG decoder gives out.
    private static let sides = 16...4_096
    private static let largestArea = 4_096 * 2_304

    /// All usable modes, the best first. What counts, in this order: a rate of at least 15; at least half of the wished
    /// width and height; a format that needs no libv4lconvert; the wished rate, or four fifths of it (25 for 30); the
    /// smallest size that covers the wish, else the largest below it; the full rate; the format that costs least.
    package static func ranked(_ offers: [CaptureOffer], for wish: CaptureWish) -> [CaptureMode] {
        var found: [(mode: CaptureMode, key: [Int], index: Int)] = []
        for (index, offer) in offers.enumerated() {
            guard let conversion = offer.format.conversion, isUsable(offer.size),
                let interval = bestInterval(of: offer.intervals, for: wish), let rate = interval.milliHertz
            else { continue }
            let mode = CaptureMode(format: offer.format, size: offer.size, interval: interval)
            let wished = wish.framesPerSecond * 1_000
            let (sizeGrade, sizeDistance) = closeness(of: offer.size, to: wish.size)
            let isTiny = offer.size.width * 2 < wish.size.width || offer.size.height * 2 < wish.size.height
            let key = [
                rate < min(leastMilliHertz, wished * 4 / 5) ? 1 : 0,
                isTiny ? 1 : 0,
                conversion.isLibrary ? 1 : 0,
                rate * 5 >= wished * 4 ? 0 : 1,
                sizeGrade, sizeDistance,
                reaches(rate, wished) ? 0 : 1,
                conversion.cost,
            ]
            found.append((mode, key, index))
        }
        found.sort { left, right in
            left.key == right.key ? left.index < right.index : left.key.lexicographicallyPrecedes(right.key)
        }
        return found.map(\.mode)
    }

    private static func isUsable(_ size: PictureSize) -> Bool {
        sides.contains(size.width) && sides.contains(size.height) && size.width * size.height <= largestArea
    }

    /// 29.97 counts as 30.
    private static func reaches(_ rate: Int, _ wished: Int) -> Bool { rate * 100 >= wished * 98 }

    /// A picture of more than four times the wished area is decoded for nothing: smaller ones come before it.
    private static func closeness(of size: PictureSize, to wish: PictureSize) -> (grade: Int, distance: Int) {
        let area = size.width * size.height
        guard size.width >= wish.width, size.height >= wish.height else { return (1, -area) }
        return area <= 4 * wish.width * wish.height ? (0, area) : (2, area)
    }

    /// The slowest rate that is fast enough, else the fastest; nil without any.
    private static func bestInterval(of intervals: FrameIntervals, for wish: CaptureWish) -> FrameInterval? {
        let wished = wish.framesPerSecond * 1_000
        switch intervals {
        case .unknown: return wish.interval
        case .discrete(let list):
            let rates = list.compactMap { interval in interval.milliHertz.map { (interval: interval, rate: $0) } }
            return
                (rates.filter { reaches($0.rate, wished) }.min { $0.rate < $1.rate }
                ?? rates.max { $0.rate < $1.rate })?.interval
        case .range(let shortest, let longest):
            guard let fastest = shortest.milliHertz, let slowest = longest.milliHertz else { return nil }
            return wished >= fastest ? shortest : wished <= slowest ? longest : wish.interval
        }
    }
}
