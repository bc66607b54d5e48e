package import NewsModel

/// A section that articles are filed under.
package struct Channel: Hashable, Sendable {
    /// What rows hold in its place. From 1, never given twice.
    package let number: UInt32
    package let id: ChannelID
    package let displayName: String

    package init(number: UInt32, id: ChannelID, displayName: String) {
        self.number = number
        self.id = id
        self.displayName = displayName
    }
}

/// The channels of a store at some moment.
package struct ChannelTable: Sendable {
    private var byNumber: [UInt32: Channel] = [:]
    private var byID: [ChannelID: Channel] = [:]
    private var byDisplayName: [String: Channel] = [:]

    package init() {}

    /// In order of their numbers.
    package var all: [Channel] { byNumber.values.sorted { $0.number < $1.number } }
    package var count: Int { byNumber.count }

    package func channel(number: UInt32) -> Channel? { byNumber[number] }
    package func channel(id: ChannelID) -> Channel? { byID[id] }
    package func channel(displayName: String) -> Channel? { byDisplayName[displayName] }

    /// - Parameter name: an id or a display name; an id comes first.
    package func channel(named name: String) -> Channel? {
        ChannelID(name).flatMap { byID[$0] } ?? byDisplayName[name]
    }

    mutating func insert(_ channel: Channel) {
        byNumber[channel.number] = channel
        byID[channel.id] = channel
        byDisplayName[channel.displayName] = channel
    }

    /// The channel that a display name makes. Its id follows from the name, another one's slug left alone.
    func made(displayName: String, number: UInt32) -> Channel {
        let id = ChannelID(displayName: displayName)
        let isFree = byID[id] == nil
        return Channel(number: number, id: isFree ? id : .hashed(of: displayName), displayName: displayName)
    }
}
