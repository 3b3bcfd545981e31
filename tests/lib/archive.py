"""archive.py -- reads the archive of a log, written from what
services/common/bus/README.md says about its bytes and not from the C code.
"""

import os
import struct

import crcmod.predefined
import wire

HEADER = struct.Struct(">8sIIQ32sII")
RECORD = struct.Struct(">II")
crc32c = crcmod.predefined.mkPredefinedCrcFun("crc-32c")


class Damaged(Exception):
    """A file that is not as it must be."""


def check_header(path, data, stream, shard, first):
    magic, version, its_shard, its_first, name, _, crc = HEADER.unpack_from(
        data)
    if crc != crc32c(data[:HEADER.size - 4]) or magic != b"SUYUARCH" or \
            (version, its_shard, its_first, name.rstrip(b"\0")) != \
            (1, shard, first, stream.encode()):
        raise Damaged(f"{path}: header")


def read_file(path, stream, shard):
    """(entries, bytes that are no whole record at the end)"""
    name, kind = os.path.basename(path).split(".")
    bounds = [int(n) for n in name.split("-")]
    with open(path, "rb") as f:
        data = f.read()
    if kind == "open" and len(data) < HEADER.size:
        return [], len(data)
    check_header(path, data, stream, shard, bounds[0])
    entries, at = [], HEADER.size
    while at + RECORD.size <= len(data):
        length, crc = RECORD.unpack_from(data, at)
        body = data[at + RECORD.size:at + RECORD.size + length]
        if len(body) < length or crc != crc32c(data[at:at + 4] + body):
            break
        entry = wire.bus.LogEntry.FromString(body)
        if entry.offset != bounds[0] + len(entries):
            raise Damaged(f"{path}: {entry.offset} out of place")
        entries.append(entry)
        at += RECORD.size + length
    if kind == "log" and (at != len(data) or
                          entries[-1].offset != bounds[1]):
        raise Damaged(f"{path}: sealed and not whole")
    return entries, len(data) - at


def read(folder, stream):
    """({(shard, offset): (accepted_at_us, event bytes)}, sealed files, bytes
    that no file needs); what is not dense from 1 is Damaged."""
    found, sealed, torn = {}, 0, 0
    top = os.path.join(folder, stream)
    for shard in sorted(d for d in os.listdir(top) if d.isdigit()):
        last = 0
        for name in sorted(os.listdir(os.path.join(top, shard))):
            entries, left = read_file(os.path.join(top, shard, name), stream,
                                      int(shard))
            sealed += name.endswith(".log")
            torn += left
            for entry in entries:
                if entry.offset != last + 1:
                    raise Damaged(f"{shard}/{name}: {entry.offset} after "
                                  f"{last}")
                last = entry.offset
                found[int(shard), last] = (entry.accepted_at_us, entry.event)
    return found, sealed, torn
