internal import CLIKit

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

let status = await Program.run(Array(CommandLine.arguments.dropFirst()), in: .ofProcess())
exit(status.code)
