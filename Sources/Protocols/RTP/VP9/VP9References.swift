/// The pictures that one picture is predicted from, up to three, each as its distance in picture IDs (P_DIFF of RFC 9628).
package struct VP9References: Equatable, Sendable, ExpressibleByArrayLiteral {
    static let maximumCount = 3

    private var distances: (UInt8, UInt8, UInt8) = (0, 0, 0)
    /// How many there are, 0…3.
    package private(set) var count = 0

    package init(arrayLiteral distances: UInt8...) {
        for distance in distances { append(distance) }
    }

    /// Each is 1…255; past the third nothing is kept.
    package mutating func append(_ distance: UInt8) {
        switch count {
        case 0: distances.0 = distance
        case 1: distances.1 = distance
        case 2: distances.2 = distance
        default: return
        }
        count += 1
    }

    /// The distance number `index`, from 0.
    package subscript(index: Int) -> UInt8 {
        switch index {
        case 0: distances.0
        case 1: distances.1
        default: distances.2
        }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.count == right.count && left.distances == right.distances
    }
}
