"""table.py -- one table of everything: figures beside targets, on the terminal, as
Markdown, as JSON.
"""

import mentions_whole
from measure import ratios

HEAD = ("id", "what", "n", "ours", "against", "theirs", "ratio", "to reach",
        "reached")


def targets(row):
    """(words, reached or None) of a row."""
    words, met = [], []
    for key, value, sign in (("ours_at_least", row.get("ours"), ">="),
                             ("ours_at_most", row.get("ours"), "<="),
                             ("at_least", row.get("ratio"), ">="),
                             ("at_most", row.get("ratio"), "<=")):
        if key in row and value:
            of = "" if key.startswith("ours") else "x"
            words.append(f"{sign} {row[key]:,}{of}")
            met.append(value.median >= row[key] if sign == ">="
                       else value.median <= row[key])
    if not met:
        return "", None
    return ", ".join(words), all(met)


def cells(row):
    def text(key):
        return row[key].text() if row.get(key) else ""
    words, met = targets(row)
    return (row["id"], row["what"], str(len(row["ours"].values)), text("ours"),
            row.get("against", ""), text("theirs"), text("ratio"), words,
            "" if met is None else "yes" if met else "NO")


def cpu_lines(title, parts):
    whole = sum(us.median for us in parts.values())
    yield (f"{title}: {whole:.1f} us of processor time each: " + ", ".join(
        f"{name} {us.median:.1f}" for name, us in parts.items()))


def bus_notes(rounds):
    for name, of in rounds.items():
        yield from cpu_lines(f"B1, {name}, an event", of.cpu_us())
    ours = rounds["suyuan"].cpu_whole()
    yield ("B1, the ratios by processor time alone, which other work on the "
           "machine changes least: " + ", ".join(
               f"{name} {ratios(of.cpu_whole(), ours).text()}"
               for name, of in rounds.items() if name != "suyuan"))
    busy = [share for of in rounds.values() for share in of.others]
    yield (f"Other work on the machine took {min(busy):.0%} to "
           f"{max(busy):.0%} of its processors during the rounds of B1")


def intake_notes(appeals, where=""):
    for number, part in (("B4", "single"), ("B5", "batches")):
        if part in appeals:
            yield from cpu_lines(f"{number}, an appeal{where}",
                                 appeals[part]["cpu_us_per_appeal"])


def notes(results):
    """What stands below the table."""
    if "bus" in results:
        yield from bus_notes(results["bus"]["rounds"])
    appeals = results.get("appeals", {})
    yield from intake_notes(appeals)
    if "history" in results:
        yield from intake_notes(results["history"]["intake"],
                                " among the cases of B11")
    for title, parts in mentions_whole.notes_of(results.get("mentions", {})):
        yield from cpu_lines(title, parts)
    if "footprint" in appeals and not appeals["footprint"]["images"]:
        yield "B12, images: not measured, no container engine here has any"
    yield from results["notes"]


def terminal(rows, results):
    lines = [HEAD] + [cells(r) for r in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    for line in lines:
        yield "  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip()
    yield ""
    yield from notes(results)


def markdown(rows, results):
    yield "| " + " | ".join(HEAD) + " |"
    yield "|" + "---|" * len(HEAD)
    for row in rows:
        yield "| " + " | ".join(cells(row)) + " |"
    yield ""
    for note in notes(results):
        yield "- " + note


def as_json(value):
    """Results with their Spreads and Rounds spelled out."""
    if hasattr(value, "as_json"):
        return value.as_json()
    if isinstance(value, dict):
        return {k: as_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(v) for v in value]
    return value


def rows_as_json(rows):
    out = []
    for row in rows:
        words, met = targets(row)
        out.append({**{k: as_json(v) for k, v in row.items()},
                    "to_reach": words, "reached": met})
    return out
