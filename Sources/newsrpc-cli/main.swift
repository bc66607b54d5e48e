internal import CLIKit

Program.main(Array(CommandLine.arguments.dropFirst()))
