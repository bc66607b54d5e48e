/// A queue. What has left is dropped at once, and its place when half of the array is empty.
package struct FirstInFirstOut<Element> {
    private var elements: [Element?] = []
    private var start = 0

    package init() {}

    package var count: Int { elements.count - start }

    package mutating func append(_ element: Element) { elements.append(element) }

    /// It is first from now on.
    package mutating func prepend(_ element: Element) {
        if start == 0 {
            elements.insert(element, at: 0)
        } else {
            start -= 1
            elements[start] = element
        }
    }

    package mutating func removeFirst() -> Element? {
        guard start < elements.count, let element = elements[start] else { return nil }
        elements[start] = nil
        start += 1
        if start * 2 >= elements.count {
            elements.removeFirst(start)
            start = 0
        }
        return element
    }
}

extension FirstInFirstOut: Sendable where Element: Sendable {}
