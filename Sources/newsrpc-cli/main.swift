internal import CLIKit

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

let ending = Program.runToEnd(Array(CommandLine.arguments.dropFirst()), in: .ofProcess())
exit(ending.code)
