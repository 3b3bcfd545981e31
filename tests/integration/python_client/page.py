"""page.py -- what services/common/bus/README.md says in tables and examples, to be
held against the code.
"""

import os
import re

import wire

PATH = os.path.join(wire.TOP, "services", "common", "bus", "README.md")


def text():
    with open(PATH, encoding="utf-8") as f:
        return f.read()


def table(*columns):
    """Rows below the header line that has exactly these columns."""
    rows, inside = [], False
    for line in text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if inside and not cells:
            break
        if inside and not set(cells[0]) <= {"-"}:
            rows.append(cells)
        inside = inside or cells == list(columns)
    return rows


def examples():
    """[(title, header, body)] of the whole messages in hex."""
    part = text().split("### Examples", 1)[1].split("```")[1]
    out = []
    for block in part.strip().split("\n\n"):
        title, *lines = block.splitlines()
        joined = " ".join(lines).replace("header", "").split("body")
        out.append((title, bytes.fromhex(joined[0]),
                    bytes.fromhex(joined[1]) if joined[1:] else b""))
    return out


def ops_of_code():
    """{name: number} of enum bus_op."""
    path = os.path.join(os.path.dirname(PATH), "frame.h")
    with open(path, encoding="utf-8") as f:
        body = re.search(r"enum bus_op \{(.*?)\}", f.read(), re.S).group(1)
    names = re.findall(r"BUS_(\w+)", body)
    first = int(re.search(r"BUS_HELLO = (\d+)", body).group(1))
    return {name: first + i for i, name in enumerate(names)}
