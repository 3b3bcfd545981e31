"""malformed.py -- frames and bodies that are none, or not quite: made by hand for
each way to be wrong, and at random from good ones by a seed.
"""

import struct

import wire


def varint(n):
    out = b""
    while n > 0x7F:
        out += bytes([n & 0x7F | 0x80])
        n >>= 7
    return out + bytes([n])


def field(number, data):
    """A length-delimited field as the library would never write it."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def header(version, op, body=b""):
    """With a right checksum, whatever it says."""
    first = struct.pack(">4sBBHQI", b"SUYU", version, op, 0, 7, len(body))
    return first + struct.pack(">I", wire.crc32c(first + body))


def frames(rnd):
    """(what, parts): refused before anything of the body is looked at."""
    good = wire.header(wire.QUERY, 7, b"")
    yield "one part", [b"x" * 10]
    yield "random bytes", [rnd.randbytes(24), rnd.randbytes(100)]
    yield "a short header", [good[:20], b""]
    yield "a long header", [good + b"x", b""]
    yield "a wrong checksum", [good[:20] + b"\0\0\0\0", b""]
    yield "another length", [wire.header(wire.QUERY, 7, b"abc"), b"ab"]
    yield "five parts", [good, b"", b"", b"", b""]
    yield "another version", [header(9, wire.QUERY), b""]
    yield "an unknown op", [header(1, 99), b""]
    yield "op 0", [header(1, 0), b""]
    yield "nothing", [b"", b""]
    for op in (wire.HELLO, wire.PUBLISH, wire.FETCH, wire.QUERY):
        body = rnd.randbytes(200)
        yield f"a body of garbage for op {op}", [wire.header(op, 7, body),
                                                 body]


def bodies(text_field):
    """(what, body) that no message of ours can be: text_field is a string of
    it."""
    tag = varint(text_field << 3 | 2)
    yield "a length of 2^64-1", tag + b"\xff" * 9 + b"\x01"
    yield "a length past the end", tag + varint(1000) + b"short"
    yield "a length of eleven bytes", tag + b"\xff" * 10 + b"\x01x"
    yield "a varint that never ends", b"\xff" * 30
    yield "field number 0", b"\x02\x01x"
    yield "a group", varint(text_field << 3 | 3) + b"\x0c"
    yield "wire type 7", varint(text_field << 3 | 7) + b"\x01"
    yield "bad UTF-8", field(text_field, b"ab\xff\xfe")
    yield "an overlong form", field(text_field, b"\xc0\xaf")
    yield "a surrogate", field(text_field, b"\xed\xa0\x80")
    yield "NUL", field(text_field, b"a\0b")
    yield "a number for a text", varint(text_field << 3) + b"\x01"
    yield "eight bytes for a text", varint(text_field << 3 | 1) + b"\1" * 8


def nested(number, depth):
    """The field in itself, as often as 200 KB take."""
    out = b""
    for _ in range(depth):
        out = field(number, out)
        if len(out) > 200000:
            break
    return out


def wrong_types(descriptor):
    """(field, body): each field of a message under a wire type of its own that
    it does not have."""
    for f in descriptor.fields:
        text = f.type in (f.TYPE_STRING, f.TYPE_BYTES, f.TYPE_MESSAGE)
        yield f.name, varint(f.number << 3) + b"\x01" if text else \
            varint(f.number << 3 | 5) + b"\1\1\1\1"


def mutated(rnd, data):
    """One or two changes of a good body or file."""
    out = bytearray(data)
    for _ in range(rnd.randrange(1, 3)):
        at = rnd.randrange(len(out) + 1)
        kind = rnd.randrange(6)
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << rnd.randrange(8)
        elif kind == 1 and out:
            out[at % len(out)] = rnd.choice((0, 0x7F, 0x80, 0xFF))
        elif kind == 2:
            out[at:at] = rnd.randbytes(rnd.randrange(1, 9))
        elif kind == 3:
            del out[at:at + rnd.randrange(1, 9)]
        elif kind == 4:
            out[at:at] = out[at:at + rnd.randrange(1, 64)]
        else:
            del out[at:]
    return bytes(out)
