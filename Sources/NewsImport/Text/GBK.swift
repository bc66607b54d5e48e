/// The double-byte characters of GBK, both ways.
package enum GBK {
    /// First and second byte of a character.
    package struct Pair: Hashable, Sendable {
        package var lead: UInt8
        package var trail: UInt8

        package init(lead: UInt8, trail: UInt8) {
            self.lead = lead
            self.trail = trail
        }
    }

    /// Indexed by lead - 0x81 and trail - 0x40; 0 where nothing is assigned.
    private static let plane: [UInt16] = {
        var cells: [UInt16] = []
        cells.reserveCapacity(126 * 191)
        for scalar in GBKPlane.text.unicodeScalars {
            cells.append(scalar == "." ? 0 : UInt16(truncatingIfNeeded: scalar.value))
            // The table leaves out the trail byte 7F; a gap keeps the index simple.
            if cells.count % 191 == 0x7F - 0x40 { cells.append(0) }
        }
        return cells
    }()

    /// Indexed by code point of the basic plane; lead << 8 | trail, or 0.
    private static let codes: [UInt16] = {
        var codes = [UInt16](repeating: 0, count: 0x10000)
        for (index, value) in plane.enumerated() where value != 0 {
            codes[Int(value)] = UInt16((index / 191 + 0x81) << 8 | (index % 191 + 0x40))
        }
        return codes
    }()

    package static func pair(_ scalar: Unicode.Scalar) -> Pair? {
        guard scalar.value < 0x10000 else { return nil }
        let code = codes[Int(scalar.value)]
        return code == 0 ? nil : Pair(lead: UInt8(code >> 8), trail: UInt8(code & 0xFF))
    }

    package static func scalar(lead: UInt8, trail: UInt8) -> Unicode.Scalar? {
        guard (0x81...0xFE).contains(lead), (0x40...0xFE).contains(trail) else { return nil }
        let value = plane[(Int(lead) - 0x81) * 191 + Int(trail) - 0x40]
        return value == 0 ? nil : Unicode.Scalar(value)
    }
}
