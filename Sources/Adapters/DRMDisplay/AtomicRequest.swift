/// Changes of properties that the kernel makes all at once, at the next vertical blank, or not at all.
///
/// A value; its memory is kept from one request to the next.
package struct AtomicRequest: Equatable, Sendable {
    /// Each object has `counts` of the `properties` and `values`, in order.
    package private(set) var objects: [UInt32] = []
    package private(set) var counts: [UInt32] = []
    package private(set) var properties: [UInt32] = []
    package private(set) var values: [UInt64] = []

    package init() {}

    package mutating func removeAll() {
        objects.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
        properties.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    /// Asks for `value`. Properties of one object follow each other.
    package mutating func set(_ property: UInt32, of object: UInt32, to value: UInt64) {
        if objects.last == object {
            counts[counts.count - 1] += 1
        } else {
            objects.append(object)
            counts.append(1)
        }
        properties.append(property)
        values.append(value)
    }

    /// Whether the driver would take it.
    func test<Calls: DRMCalls>(on card: Card<Calls>, modeset: Bool) throws(KernelError) {
        try card.calls.commit(
            card.descriptor, self, modeset ? [.testOnly, .allowModeset] : .testOnly, userData: 0)
    }

    /// Makes the changes; the event that tells of the flip carries `serial`. Never waits.
    func flip<Calls: DRMCalls>(on card: Card<Calls>, modeset: Bool, serial: UInt64) throws(KernelError) {
        try card.calls.commit(
            card.descriptor, self,
            modeset ? [.pageFlipEvent, .nonblock, .allowModeset] : [.pageFlipEvent, .nonblock], userData: serial)
    }

    /// Makes the changes and waits until they are made.
    func commit<Calls: DRMCalls>(on card: Card<Calls>) throws(KernelError) {
        try card.calls.commit(card.descriptor, self, .allowModeset, userData: 0)
    }
}
