/// The two spellings of a field's name.
package enum SchemaNames {
    /// `publish_time` to `publishTime`: underscores go, the letter after one is raised (the compiler's `json_name`).
    static func lowerCamel(_ name: String) -> String {
        var result = ""
        var raises = false
        for character in name {
            if character == "_" {
                raises = true
                continue
            }
            result += raises ? character.uppercased() : String(character)
            raises = false
        }
        return result
    }

    /// `publishTime` to `publish_time`.
    package static func snake(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }

    /// What the style guide puts before each value of an enumeration: `TIME_PRECISION_` for `TimePrecision`.
    static func valuePrefix(ofEnumeration name: some StringProtocol) -> String {
        var prefix = ""
        var previous: Character = "_"
        for character in name {
            if character.isUppercase, previous != "_", !previous.isUppercase { prefix.append("_") }
            prefix += character.uppercased()
            previous = character
        }
        return prefix + "_"
    }
}
