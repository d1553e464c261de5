import Basis
import CDatagrams
import Glibc

/// Datagrams to one address that leave together (sendmmsg(2)). Its memory is kept: after the first pictures nothing is
/// allocated any more.
struct DatagramBatch {
    private static let mostBytes = 64 << 10

    private var bytes: [UInt8] = []
    private var sizes: [UInt32] = []
    private var remote: TransportAddress?

    init() {
        sizes.reserveCapacity(Int(VS_DATAGRAMS_MAXIMUM))
    }

    var isEmpty: Bool { sizes.isEmpty }
    var count: Int { sizes.count }

    /// Whether one more of that size, for that address, can leave with the others.
    func takes(_ size: Int, to address: TransportAddress) -> Bool {
        isEmpty
            || remote == address && sizes.count < Int(VS_DATAGRAMS_MAXIMUM) && bytes.count + size <= Self.mostBytes
    }

    mutating func append(_ datagram: Span<UInt8>, to address: TransportAddress) {
        remote = address
        datagram.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        sizes.append(UInt32(clamping: datagram.count))
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        sizes.removeAll(keepingCapacity: true)
    }

    /// How many the kernel took. One that it refuses (no route for a moment, a firewall) is passed over; when its buffer is
    /// full, so is the rest.
    func send(on descriptor: CInt) -> Int {
        guard let remote else { return 0 }
        return remote.withSocketAddress { address, length in
            bytes.withUnsafeBufferPointer { bytes in
                sizes.withUnsafeBufferPointer { sizes in
                    guard let firstByte = bytes.baseAddress, let firstSize = sizes.baseAddress else { return 0 }
                    var (taken, next, offset) = (0, 0, 0)
                    while next < sizes.count {
                        let result = Int(
                            vs_datagrams_send(
                                descriptor, firstByte + offset, firstSize + next, UInt32(sizes.count - next), address,
                                length))
                        if -result == Int(EAGAIN) || -result == Int(EBADF) { break }
                        taken += max(0, result)
                        let passed = max(1, result)
                        for index in next..<min(next + passed, sizes.count) { offset += Int(sizes[index]) }
                        next += passed
                    }
                    return taken
                }
            }
        }
    }
}
