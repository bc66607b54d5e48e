/// Names one timer. Using it after the timer has fired or was cancelled does nothing.
package struct TimerToken: Hashable, Sendable {
    fileprivate let index: Int32
    fileprivate let generation: UInt32
}

/// Timers sorted roughly: setting and cancelling take constant time, and none fires early.
///
/// Time runs in ticks of about 8 ms; a timer fires in the first tick that begins at or after its deadline. Six levels
/// of 64 slots: a slot of level 0 is one tick, of level 1 is 64 ticks, and so on (17 years in all; longer ones are
/// cut). A timer sits on the level of the highest digit, base 64, in which its tick differs from now. When the first
/// tick of a slot above level 0 comes, its timers move down (a cascade):
///
///     level 1   | 0..63 | 64..127 | 128..191 | ...      tick 130, set at tick 3: slot 2 of level 1,
///     level 0   0 1 2 3 ... 63                          and at tick 128 down to slot 2 of level 0
///
/// The clock is the caller's: every time is in nanoseconds on one monotonic clock.
package struct TimerWheel<Payload> {
    /// 2^23 ns = 8.4 ms: a power of two, so that no division is needed.
    private static var tickShift: Int64 { 23 }
    private static var levelCount: Int { 6 }
    private static var slotCount: Int { 64 }
    /// One slot of the top level less than a whole turn: a timer never comes to lie in the slot of now, a turn ahead.
    private static var delayMax: Int64 { (63 << 30) - 1 }
    private static var none: Int32 { -1 }

    /// How late a timer may be found due, in nanoseconds.
    package static var tick: Int64 { 1 << tickShift }

    private struct Entry {
        var payload: Payload?
        var deadlineTick: Int64 = 0
        /// In the list of the slot, or of free entries.
        var next: Int32
        var previous: Int32
        var generation: UInt32
        /// Level and slot in one number.
        var place: Int32
    }

    private var entries: [Entry] = []
    private var firstFree = Self.none
    private var heads = [Int32](repeating: Self.none, count: Self.levelCount * Self.slotCount)
    /// One bit for each slot that has timers.
    private var occupied = [UInt64](repeating: 0, count: Self.levelCount)
    /// Every timer of an earlier tick has fired.
    private var elapsedTick: Int64

    /// How many timers are set.
    package private(set) var count = 0

    package init(now: Int64) { elapsedTick = now >> Self.tickShift }

    /// Sets a timer for `deadline`, which may have passed.
    package mutating func schedule(at deadline: Int64, _ payload: Payload) -> TimerToken {
        let index = allocate()
        let rounded = deadline.addingReportingOverflow(Self.tick - 1)
        let tick = (rounded.overflow ? Int64.max : rounded.partialValue) >> Self.tickShift
        entries[Int(index)].payload = payload
        entries[Int(index)].deadlineTick = min(max(tick, elapsedTick), elapsedTick + Self.delayMax)
        link(index)
        count += 1
        return TimerToken(index: index, generation: entries[Int(index)].generation)
    }

    /// Whether the timer was still set.
    @discardableResult package mutating func cancel(_ token: TimerToken) -> Bool {
        guard token.index < entries.count, entries[Int(token.index)].generation == token.generation else {
            return false
        }
        unlink(token.index)
        free(token.index)
        return true
    }

    /// Takes out one timer that is due, in the order of their ticks. To be asked until it answers `nil`; what is done
    /// with the payload may set and cancel timers.
    package mutating func removeExpired(now: Int64) -> Payload? {
        let nowTick = now >> Self.tickShift
        while let (level, slot, tick) = nextSlot(), tick <= nowTick {
            elapsedTick = max(elapsedTick, tick)
            let head = heads[level * Self.slotCount + slot]
            guard level > 0 else {
                let payload = entries[Int(head)].payload
                unlink(head)
                free(head)
                return payload
            }
            cascade(from: head)
        }
        elapsedTick = max(elapsedTick, nowTick)
        return nil
    }

    /// When to ask again, or `nil` while no timer is set. May be before the first deadline, never after its tick.
    package var nextDeadline: Int64? { nextSlot().map { $0.tick << Self.tickShift } }

    // MARK: Slots

    /// The first slot that has timers, and its first tick. A lower level's slots all come before a higher level's.
    private func nextSlot() -> (level: Int, slot: Int, tick: Int64)? {
        for level in 0..<Self.levelCount where occupied[level] != 0 {
            let shift = Int64(6 * level)
            let current = Int(elapsedTick >> shift & 63)
            // Rotated so that the slot of now is bit 0.
            let rotated = (occupied[level] >> UInt64(current)) | (occupied[level] << UInt64(64 - current))
            let slot = (current + rotated.trailingZeroBitCount) & 63
            let base = (elapsedTick >> (shift + 6)) << (shift + 6)
            var tick = base + Int64(slot) << shift
            // Only the top level may have come round: there, the slot belongs to the next turn.
            if slot < current { tick += 1 << (shift + 6) }
            return (level, slot, tick)
        }
        return nil
    }

    private func place(of tick: Int64) -> Int32 {
        let difference = UInt64(bitPattern: tick ^ elapsedTick) | 63
        let level = min((63 - difference.leadingZeroBitCount) / 6, Self.levelCount - 1)
        return Int32(level * Self.slotCount) + Int32(tick >> Int64(6 * level) & 63)
    }

    private mutating func link(_ index: Int32) {
        let place = place(of: entries[Int(index)].deadlineTick)
        let head = heads[Int(place)]
        // A ring: the head's `previous` is the tail, so that timers of one tick fire in the order they were set.
        if head == Self.none {
            entries[Int(index)].next = index
            entries[Int(index)].previous = index
            heads[Int(place)] = index
            occupied[Int(place) / Self.slotCount] |= 1 << UInt64(Int(place) % Self.slotCount)
        } else {
            let tail = entries[Int(head)].previous
            entries[Int(index)].next = head
            entries[Int(index)].previous = tail
            entries[Int(tail)].next = index
            entries[Int(head)].previous = index
        }
        entries[Int(index)].place = place
    }

    private mutating func unlink(_ index: Int32) {
        let (next, previous) = (entries[Int(index)].next, entries[Int(index)].previous)
        let place = Int(entries[Int(index)].place)
        if next == index {
            heads[place] = Self.none
            occupied[place / Self.slotCount] &= ~(1 << UInt64(place % Self.slotCount))
        } else {
            entries[Int(previous)].next = next
            entries[Int(next)].previous = previous
            if heads[place] == index { heads[place] = next }
        }
    }

    /// Moves every timer of a slot to where it belongs now, which is a lower level.
    private mutating func cascade(from head: Int32) {
        let place = Int(entries[Int(head)].place)
        heads[place] = Self.none
        occupied[place / Self.slotCount] &= ~(1 << UInt64(place % Self.slotCount))
        var index = head
        repeat {
            let next = entries[Int(index)].next
            link(index)
            index = next
        } while index != head
    }

    // MARK: Entries

    private mutating func allocate() -> Int32 {
        guard firstFree != Self.none else {
            entries.append(Entry(payload: nil, next: Self.none, previous: Self.none, generation: 0, place: 0))
            return Int32(entries.count - 1)
        }
        let index = firstFree
        firstFree = entries[Int(index)].next
        return index
    }

    private mutating func free(_ index: Int32) {
        entries[Int(index)].payload = nil
        entries[Int(index)].generation &+= 1
        entries[Int(index)].next = firstFree
        firstFree = index
        count -= 1
    }
}
