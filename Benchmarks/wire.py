"""Protobuf messages and gRPC prefixes, as much as the benchmarks need."""


def varint(number):
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


def number_field(number, value):
    return varint(number << 3) + varint(value)


def field(number, value):
    """A field of text or bytes, or of an encoded message."""
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def fields(message):
    """Numbers and contents of the fields that are bytes; the others are passed over."""
    place = 0

    def number():
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while place < len(message):
        tag = number()
        if tag & 7 == 2:
            count = number()
            yield tag >> 3, message[place:place + count]
            place += count
        elif tag & 7 == 0:
            number()
        else:
            place += 8 if tag & 7 == 1 else 4


def prefixed(message):
    return b"\0" + len(message).to_bytes(4, "big") + message


def unprefixed(content):
    """The messages that lie in `content`, each behind its prefix."""
    found, at = [], 0
    while at < len(content):
        count = int.from_bytes(content[at + 1:at + 5], "big")
        found.append(content[at + 5:at + 5 + count])
        at += 5 + count
    return found
