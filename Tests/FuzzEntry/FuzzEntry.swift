import FuzzTargets
import Glibc

/// What NEWSRPC_FUZZ_TARGET names.
private let target: FuzzTarget = {
    let name = unsafe getenv("NEWSRPC_FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
        preconditionFailure("NEWSRPC_FUZZ_TARGET is \"\(name)\", not one of \(names)")
    }
    return target
}()

/// What libFuzzer calls, by its name in C.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // libFuzzer lends `size` bytes until the call returns.
    target.run(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}
