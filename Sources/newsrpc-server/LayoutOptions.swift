import ArgumentParser
import NewsModel

/// How a store is divided into shards. Of a store that is there they have to say what it is.
struct LayoutOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Length of the periods by which its shards are: month, quarter or year; month when left out.",
            valueName: "length"))
    var period: PeriodLength?

    @Option(
        help: ArgumentHelp(
            "Shards that each period is divided into by its days, 1 to 16; 1 when left out.", valueName: "n"))
    var slots: Int?
}
