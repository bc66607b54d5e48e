import Foundation
import NewsImport
import NewsModel

/// Files beside the tests.
enum Fixture {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    static let samples = root.deletingLastPathComponent().appending(path: "Samples")

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: root.appending(path: "Fixtures/" + path)))
    }

    static func sample(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: samples.appending(path: name)))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: root.appending(path: "Fixtures/" + path)))
    }

    static let pageNames: [String] = {
        let files =
            (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Fixtures/pages").path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()
}

/// Reads text as a capture.
func read(_ text: String) throws(CaptureError) -> CapturedPage { try CaptureReader.read(Array(text.utf8)) }

extension CapturedPage {
    /// The article that the page is about.
    var main: CapturedArticle? { articles.first { $0.kind == .page } }
    var rows: [CapturedArticle] { articles.filter { $0.kind == .listingRow } }
}

extension CapturedTime {
    /// As the fixtures write it: "2024-03-13", "2024-03-13T15:55", "2024-03-13T15:55:48".
    var text: String {
        switch precision {
        case .second: String(time.description.prefix(19))
        case .minute: String(time.description.prefix(16))
        case .day: time.date.description
        case .month: String(time.date.description.prefix(7))
        case .year: String(time.date.description.prefix(4))
        case .unknown: ""
        }
    }

    var precisionName: String { "\(precision)" }
}
