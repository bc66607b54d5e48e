internal import ProtoJSON

/// The elements of a JSON array, or the one value that is none, with the lines that they begin on.
struct JSONElements: Sendable {
    struct Element: Sendable {
        var node: JSONNode
        /// Number of the line that the element begins on, from 1, and where that line begins.
        var line: Int
        var lineStart: Int
        /// Up to the next element.
        var byteCount: Int
    }

    let text: [UInt8]
    private let nodes: [JSONNode]
    private var place = 0
    private var line = 1
    private var lineStart = 0
    private var offset = 0

    init(_ node: JSONNode, in text: [UInt8]) {
        self.text = text
        if case .array(let elements) = node.content { nodes = elements } else { nodes = [node] }
    }

    mutating func next() -> Element? {
        guard place < nodes.count else { return nil }
        let node = nodes[place]
        while offset < node.offset {  // Elements are in order, so each line is counted once.
            if text[offset] == UInt8(ascii: "\n") {
                line += 1
                lineStart = offset + 1
            }
            offset += 1
        }
        place += 1
        let end = place < nodes.count ? nodes[place].offset : text.count
        return Element(node: node, line: line, lineStart: lineStart, byteCount: end - node.offset)
    }
}
