import GRPCCall
import GRPCWire
import NewsMessages
import Synchronization
import Testing

@testable import NewsService

@Suite("Room for captures, over all imports") struct ImportMemoryTests {
    /// A call that asks for room.
    private final class Visitor: Sendable {
        private let toldCount = Mutex(0)

        var told: Int { toldCount.withLock { $0 } }
        var key: ObjectIdentifier { ObjectIdentifier(self) }

        func asks(_ memory: ImportMemory) -> Bool {
            memory.admits(key) { self.toldCount.withLock { $0 += 1 } }
        }
    }

    @Test("requests are taken while there is room, and the last one may go beyond it")
    func room() {
        let memory = ImportMemory(byteMax: 100)
        let (one, other) = (Visitor(), Visitor())
        #expect(one.asks(memory))
        let first = memory.take(60, one.key)
        #expect(other.asks(memory))
        let second = memory.take(60, other.key)
        #expect(memory.byteCount == 120)
        #expect(!one.asks(memory) && !other.asks(memory))
        withExtendedLifetime((first, second)) {}
    }

    @Test("where others write, too, there is room for two thirds, and for one request at least")
    func shared() {
        let isQuiet = Atomic<Bool>(false)
        let memory = ImportMemory(byteMax: 99) { isQuiet.load(ordering: .relaxed) }
        let (one, other) = (Visitor(), Visitor())
        #expect(one.asks(memory))
        var shares = [memory.take(60, one.key)]
        #expect(one.asks(memory))
        shares.append(memory.take(6, one.key))
        #expect(!one.asks(memory) && !other.asks(memory))
        isQuiet.store(true, ordering: .relaxed)
        shares.removeLast()
        #expect((one.told, other.told) == (1, 0))
        shares.append(memory.take(6, one.key))
        #expect((one.told, other.told) == (1, 1))
        isQuiet.store(false, ordering: .relaxed)
        shares = []
        #expect(ImportMemory(byteMax: 1) { false }.admits(one.key) {})
    }

    @Test("a page counts for its size, an article for an eighth of it, and neither for less than 256 bytes")
    func weights() {
        var page = ImportArticlesRequest()
        page.sequence = 300
        var capture = Capture()
        capture.content = [UInt8](repeating: 0x61, count: 10_000)
        page.item = .capture(capture)
        let pageBytes = page.encoded()
        #expect(ImportMemory.weight(pageBytes.span) == pageBytes.count)
        var article = Article()
        article.body = String(repeating: "a", count: 10_000)
        var request = ImportArticlesRequest()
        request.sequence = 300
        request.item = .article(article)
        let articleBytes = request.encoded()
        #expect(ImportMemory.weight(articleBytes.span) == articleBytes.count / 8)
        // Of two items the last counts: one that follows the article may be a page.
        let both = articleBytes + pageBytes
        #expect(ImportMemory.weight(both.span) == both.count)
        let empty: [UInt8] = []
        #expect(ImportMemory.weight(empty.span) == 256)
        for count in 0..<8 {
            let cut = Array(articleBytes.prefix(count))
            #expect(ImportMemory.weight(cut.span) == 256)
        }
    }

    @Test("as many requests as the parsers' queue holds are taken, however small")
    func count() {
        let memory = ImportMemory(byteMax: 1024)
        let visitor = Visitor()
        var shares: [ImportShare] = []
        let empty: [UInt8] = []
        while visitor.asks(memory) { shares.append(memory.take(ImportMemory.weight(empty.span), visitor.key)) }
        #expect(shares.count <= ImportMemory.requestCount(for: 1024))
        withExtendedLifetime(shares) {}
    }

    @Test("calls that wait are let in one after the other, in the order in which they came")
    func order() {
        let memory = ImportMemory(byteMax: 100)
        let visitors = (0..<4).map { _ in Visitor() }
        var shares = [memory.take(100, visitors[0].key)]
        for visitor in visitors { #expect(!visitor.asks(memory) && !visitor.asks(memory)) }
        shares.removeAll()
        #expect(visitors.map(\.told) == [1, 0, 0, 0])
        // The others wait for their turn, although there is room.
        #expect(!visitors[2].asks(memory) && visitors[0].asks(memory))
        shares.append(memory.take(50, visitors[0].key))
        #expect(visitors.map(\.told) == [1, 1, 0, 0])
        shares.append(memory.take(50, visitors[1].key))
        #expect(visitors.map(\.told) == [1, 1, 0, 0])
        shares.removeFirst()
        #expect(visitors.map(\.told) == [1, 1, 1, 0])
        shares = []
    }

    @Test("an import that finds no room is asked again when there is some, and goes on")
    func callWaits() throws {
        let memory = ImportMemory(byteMax: 1)
        let harness = try ServiceHarness(importMemory: memory)
        defer { harness.close() }
        let sink = TestSink()
        let handler = harness.open(.newsServiceImportArticles, sink)
        let other = Visitor()
        var share: ImportShare? = memory.take(1, other.key)
        #expect(!handler.takesMore)
        let asked = sink.askedCount
        withExtendedLifetime(share) {}
        share = nil
        sink.wait(forAsked: asked + 1)
        #expect(handler.takesMore)
        let request = try Samples.request(Samples.listing, sequence: 1).encoded()
        handler.received(request.span)
        handler.halfClosed()
        #expect(sink.waitForEnd().status.isOK)
        handler.ended()
        // The answer may come before those who worked for it have let go.
        harness.close()
        #expect(memory.byteCount == 0)
    }

    @Test("who is gone passes the turn on")
    func gone() {
        let memory = ImportMemory(byteMax: 100)
        let visitors = (0..<4).map { _ in Visitor() }
        var shares = [memory.take(100, visitors[0].key)]
        for visitor in visitors[1...] { #expect(!visitor.asks(memory)) }
        memory.leave(visitors[2].key)
        shares.removeAll()
        #expect(visitors.map(\.told) == [0, 1, 0, 0])
        memory.leave(visitors[1].key)
        #expect(visitors.map(\.told) == [0, 1, 0, 1])
        #expect(visitors[3].asks(memory))
        memory.leave(visitors[3].key)
        #expect(visitors[0].asks(memory))
    }
}
