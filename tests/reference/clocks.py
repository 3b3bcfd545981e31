#!/usr/bin/python3
"""clocks -- the clocks of cases counted out minute by minute, as a person with
a wall clock and a desk calendar would: nothing of it is shared with sla.c and
calendar.c, which compute the same by arithmetic.

clocks.py check TABLE           every row of it, against what it expects
clocks.py random SEED N TABLE   N cases at random with the calendars of TABLE, as
                                another table, their answers counted out

A table has one row a line, its fields parted by tabs:
  week  CALENDAR  FROM_DAY  seven days
  day   CALENDAR  DAY       hours, "-" for closed, "like 1" (Monday)
  case  NAME ZONE MEASURE CALENDAR AMOUNT WARN PAUSE EXTENSION_MAX EVENTS NOW
        STATE DUE WARN_AT REMAINING PAUSED EXTENDED
Amounts are "90m", "2h" or "3d"; "-" is none. All times are whole minutes.
"""

import datetime
import random
import sys
import zoneinfo

UTC = datetime.timezone.utc
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)
STEPS_MAX = 3 * 366 * 24 * 60
FIELDS = ("kind name zone measure calendar amount warn pause extension_max"
          " events now state due warn_at remaining paused extended").split()
ANSWERS = FIELDS[-6:]


def clock_minutes(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def hours(text):
    if text == "-":
        return []
    return [tuple(clock_minutes(t) for t in part.split("-"))
            for part in text.split(",")]


class Calendar:
    def __init__(self):
        self.weeks = {}     # first day -> seven lists of hours
        self.days = {}      # day -> list of hours, or the weekday it is like
        self.asked = {}

    def of(self, day):
        if day not in self.asked:
            self.asked[day] = self.look_up(day)
        return self.asked[day]

    def look_up(self, day):
        begun = [first for first in self.weeks if first <= day]
        week = self.weeks[max(begun)] if begun else [[]] * 7
        special = self.days.get(day, day.weekday())
        return week[special] if isinstance(special, int) else special


def read(path):
    """The calendars and the cases of a table."""
    calendars, cases = {}, []
    with open(path, encoding="utf-8") as f:
        for line in f:
            row = line.rstrip("\n").split("\t")
            if line.startswith("#") or row == [""]:
                continue
            if row[0] == "case":
                cases.append(dict(zip(FIELDS, row, strict=True)))
                continue
            calendar = calendars.setdefault(row[1], Calendar())
            day = datetime.date.fromisoformat(row[2])
            if row[0] == "week":
                calendar.weeks[day] = [hours(text) for text in row[3:]]
            elif row[3].startswith("like "):
                calendar.days[day] = int(row[3][5:]) - 1
            else:
                calendar.days[day] = hours(row[3])
    return calendars, cases


def amount(text):
    if text == "-":
        return 0
    return int(text[:-1]) * (60 if text[-1] == "h" else 1)


def time(text):
    return datetime.datetime.fromisoformat(text).astimezone(UTC)


class Wall:
    """The zone's clock. Offsets change at whole quarters of an hour."""

    def __init__(self, zone):
        self.zone = zoneinfo.ZoneInfo(zone)
        self.offsets = {}

    def at(self, t):
        quarter = int(t.timestamp()) // 900
        if quarter not in self.offsets:
            self.offsets[quarter] = t.astimezone(self.zone).utcoffset()
        return t.replace(tzinfo=None) + self.offsets[quarter]


class Clock:
    """Begun, and then moved on a minute at a time."""

    def __init__(self, case, calendars):
        self.wall = Wall(case["zone"])
        self.days = case["measure"].endswith("_days")
        self.calendar = None
        if case["measure"].startswith("working"):
            self.calendar = calendars.get(case["calendar"])
        self.amount = amount(case["amount"])
        self.warn = amount(case["warn"])
        self.may_pause = case["pause"] == "yes"
        self.extension_max = amount(case["extension_max"])
        self.started = self.stopped = None
        self.paused = self.breached = False
        self.minutes_paused = 0

    def counts(self, day):
        return self.calendar is None or bool(self.calendar.of(day))

    def is_open(self, t):
        if self.calendar is None:
            return True
        local = self.wall.at(t)
        minute = local.hour * 60 + local.minute
        return any(a <= minute < b for a, b in self.calendar.of(local.date()))

    def begin(self, t):
        self.started, self.stopped = t, None
        self.left = self.amount
        self.due = self.warned = None
        self.breached = False
        self.minutes_paused = self.extended = 0
        # A day that begins with warn days left has them all before it.
        if self.warn and (self.left < self.warn or
                          (not self.days and self.left == self.warn)):
            self.warned = t

    def happen(self, t, what, by):
        runs = self.started and not self.stopped
        if runs and not self.paused and self.due and t > self.due:
            self.breached = True
        if what == "start" and not self.started:
            self.begin(t)
            self.paused_on = self.wall.at(t).date()
        elif what == "restart" and self.started:
            self.paused = False
            self.begin(t)
        elif what == "pause" and self.may_pause and not self.paused and \
                not self.breached and (runs or not self.started):
            self.paused = True
            self.paused_on = self.wall.at(t).date()
        elif what == "resume" and self.paused:
            self.resume(t)
        elif what == "stop" and runs:
            if self.paused:
                self.resume(t)
            self.stopped = t
        elif what == "extend" and runs and not self.breached:
            self.extend(min(by, self.extension_max - self.extended))

    def resume(self, t):
        self.paused = False
        if not self.started:
            return
        today = self.wall.at(t).date()
        if not self.days:
            self.due = t if self.left == 0 else None
        elif today != self.paused_on:
            self.due = None
            if self.left == 0 and not self.counts(today):
                self.left = 1       # the next one that counts

    def extend(self, by):
        if by <= 0:
            return
        self.extended += by
        self.left += by
        self.due = None
        if self.warned and (self.left >= self.warn if self.days
                            else self.left > self.warn):
            self.warned = None

    def minute(self, t):
        """From t to the next one."""
        runs = self.started and not self.stopped
        if runs and self.paused:
            self.minutes_paused += 1
        elif runs and self.due is None and not self.days and self.is_open(t):
            self.left -= 1
            if self.left == 0:
                self.due = t + MINUTE
            if self.left == self.warn and self.warn:
                self.warned = t + MINUTE
        if runs and self.days and not self.paused and self.due is None:
            self.midnight(t + MINUTE)

    def midnight(self, t):
        day = self.wall.at(t).date()
        if day <= self.wall.at(t - MINUTE).date():
            return
        if self.left == 0:
            self.due = t
        elif self.counts(day):
            if self.left == self.warn:
                self.warned = t
            self.left -= 1


def stamp(wall, t):
    if t is None:
        return "-"
    offset = wall.at(t) - t.replace(tzinfo=None)
    return t.astimezone(datetime.timezone(offset)).isoformat(
        timespec="minutes")


def minutes(n):
    return f"{n}m" if n else "-"


def judge(case, calendars):
    clock = Clock(case, calendars)
    events = []
    for text in case["events"].split("; "):
        words = text.split(" ")
        events.append((time(words[-1]), words[0],
                       amount(words[1]) if len(words) == 3 else 0))
    now = max([time(case["now"])] + [t for t, _, _ in events])
    t = events[0][0]
    for at, what, by in events:
        while t < at:
            clock.minute(t)
            t += MINUTE
        clock.happen(at, what, by)
    while t < now:
        clock.minute(t)
        t += MINUTE
    answer = dict.fromkeys(ANSWERS, "-")
    if not clock.started:
        return {**answer, "state": "none"}
    state = "running"
    if clock.paused and not clock.stopped:
        state = "paused"
        clock.resume(now)
    elif clock.breached or (clock.due and not clock.stopped
                            and now > clock.due):
        state = "breached"
    elif clock.stopped:
        state = "met"
    answer["paused"] = minutes(clock.minutes_paused)
    answer["extended"] = "-" if not clock.extended else \
        f"{clock.extended}{'d' if clock.days else 'm'}"
    # How it would have gone on: what is due, and when to warn.
    t, clock.stopped = clock.stopped or now, None
    for _ in range(STEPS_MAX):
        if clock.due:
            break
        clock.minute(t)
        t += MINUTE
    answer["state"] = state
    answer["due"] = stamp(clock.wall, clock.due)
    answer["warn_at"] = stamp(clock.wall, clock.warned)
    if state in ("running", "paused"):
        answer["remaining"] = minutes((clock.due - now) // MINUTE)
    return answer


def check(path):
    calendars, cases = read(path)
    bad = 0
    for case in cases:
        seen = judge(case, calendars)
        for key in ANSWERS:
            same = time(seen[key]) == time(case[key]) if "T" in seen[key] \
                and "T" in case[key] else seen[key] == case[key]
            if not same:
                bad += 1
                print(f"{case['name']}: {key} is {seen[key]}, not {case[key]}")
    print(f"{len(cases)} cases, {bad} answers differ")
    return 1 if bad or not cases else 0


def some(rng, text):
    return rng.choice(text.split())


def invent(rng, number, names):
    """A case: a start, and whatever else may happen to it in some weeks."""
    zone = some(rng, "Asia/Shanghai Europe/Moscow Europe/Berlin Europe/Berlin"
                     " America/New_York America/Havana Australia/Lord_Howe")
    wall = Wall(zone)
    year = rng.choice((2024, 2025, 2026))
    # Often about a change of the clock or a long holiday.
    t = datetime.datetime(year, rng.choice((1, 2, 3, 4, 5, 9, 10, 11)),
                          rng.randint(1, 28), tzinfo=UTC)
    t += MINUTE * rng.randrange(24 * 60)
    measure = some(rng, "elapsed working working calendar_days working_days")
    days = measure.endswith("_days")
    size = (lambda most: f"{rng.randint(1, most)}d") if days else \
        (lambda most: f"{rng.randint(1, most * 480)}m")
    events = [f"start {stamp(wall, t)}"]
    if rng.random() < .1:
        events.insert(0, f"pause {stamp(wall, t - rng.randint(0, 900) * MINUTE)}")
    for _ in range(rng.randint(0, 6)):
        t += MINUTE * int(rng.expovariate(1 / rng.choice((20, 600, 3000))))
        what = some(rng, "pause pause resume resume resume extend stop restart")
        by = f"{size(3)} " if what == "extend" else ""
        events.append(f"{what} {by}{stamp(wall, t)}")
    t += MINUTE * rng.randint(0, 8000)
    case = dict.fromkeys(FIELDS, "-")
    case.update(kind="case", name=f"random {number}", zone=zone,
                measure=measure, calendar=rng.choice(names), amount=size(8),
                warn=rng.choice(("-", size(3))),
                pause=some(rng, "yes yes yes no"),
                extension_max=rng.choice(("-", size(5))),
                events="; ".join(events), now=stamp(wall, t))
    return case


def invent_all(seed, n, path):
    calendars, _ = read(path)
    rng = random.Random(seed)
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith(("week", "day")):
                print(line, end="")
    for number in range(n):
        case = invent(rng, number, sorted(calendars))
        print("\t".join({**case, **judge(case, calendars)}.values()))
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"] and len(sys.argv) == 3:
        sys.exit(check(sys.argv[2]))
    if sys.argv[1:2] == ["random"] and len(sys.argv) == 5:
        sys.exit(invent_all(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
    sys.exit(__doc__)
