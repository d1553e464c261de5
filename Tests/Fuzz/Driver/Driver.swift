import FuzzTargets
import Glibc

/// The target that VISIOSALLE_FUZZ_TARGET names.
private let target: FuzzTarget = {
    guard let name = getenv("VISIOSALLE_FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name)) else {
        preconditionFailure("VISIOSALLE_FUZZ_TARGET names one of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()

/// What libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(BrokenProperty) {
        try target.run(Array(UnsafeBufferPointer(start: data, count: count)))
    } catch {
        fatalError("broken property: \(error)")
    }
    return 0
}
