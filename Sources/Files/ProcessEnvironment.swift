#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// What the process was given by those who started it.
package enum ProcessEnvironment {
    /// The value of an environment variable; `nil` when it is unset.
    ///
    /// Read it at the start, before there are threads: the C library's table has no lock.
    package static func value(of name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }

    /// Raises the number of files that may be open to what the system allows.
    ///
    /// - Returns: how many may be open now.
    @discardableResult package static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(descriptorResource, &limit) == 0 else { return 0 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if unsafe setrlimit(descriptorResource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// The file of the program that is running; `nil` where the system does not tell.
    package static var program: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// From now on the process leaves no core file, whatever ends it.
    package static func leaveNoCore() {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(coreResource, &limit)
    }

    #if canImport(Glibc)
    private static var coreResource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_CORE.rawValue) }
    #else
    private static var coreResource: Int32 { RLIMIT_CORE }
    #endif

    #if canImport(Glibc)
    private static var descriptorResource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
    #else
    private static var descriptorResource: Int32 { RLIMIT_NOFILE }
    #endif
}
