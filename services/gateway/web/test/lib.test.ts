import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { csv, csvCell } from "../src/lib/csv";
import { against, compare, figureOf, tone } from "../src/lib/indicator";
import { dayOf, daysParameter, isDay, lengthDays, periodBefore, readPeriod } from "../src/lib/period";
import { uuid } from "../src/lib/uuid";
import { nextState, offered, suggested } from "../src/pages/case/life";
import { clockView } from "../src/parts/state";

test("periods end today, ranges hold both days", () => {
	const week = readPeriod("7d", "2026-03-03");
	assert.deepEqual(week, { id: "7d", from: "2026-02-25", to: "2026-03-03" });
	assert.equal(lengthDays(week), 7);
	assert.equal(daysParameter(week), "2026-02-25..2026-03-04");
	const range = readPeriod("2026-01-31..2026-02-01", "2026-03-03");
	assert.equal(lengthDays(range), 2);
});

test("what is no period is the usual one", () => {
	for (const text of [undefined, "", "9d", "2026-02-30..2026-03-01", "2026-03-02..2026-03-01", "x..y"])
		assert.equal(readPeriod(text, "2026-03-03").id, "30d", String(text));
	assert.ok(!isDay("2026-13-45"));
});

test("the period before is as long and ends the day before", () => {
	const before = periodBefore(readPeriod("30d", "2026-03-30"));
	assert.deepEqual([before.from, before.to], ["2026-01-30", "2026-02-28"]);
});

test("days come as numbers or as days", () => {
	assert.equal(dayOf("20000"), "2024-10-04");
	assert.equal(dayOf("2024-10-04"), "2024-10-04");
});

test("no cell of an export is a formula", () => {
	assert.equal(csvCell("=1+1"), "'=1+1");
	assert.equal(csvCell("@x"), "'@x");
	assert.equal(csvCell(-5), "-5");
	assert.equal(csvCell('a "b", c'), '"a ""b"", c"');
	assert.equal(csv([["a", 1], ["b\nc", 2]]), '\ufeffa,1\r\n"b\nc",2\r\n');
});

const share = (value: number, half: number) =>
	figureOf("first_response_timely", {
		numerator: "50",
		denominator: "100",
		has_value: true,
		value,
		low: value - half,
		high: value + half,
	});

test("a difference is told only beyond both intervals", () => {
	assert.equal(compare(share(0.9, 0.02), share(0.8, 0.02)), "higher");
	assert.equal(compare(share(0.9, 0.06), share(0.8, 0.06)), "alike");
	assert.equal(compare(share(0.7, 0.02), share(0.8, 0.02)), "lower");
	const unknown = figureOf("complaints_per_10k_customers", { numerator: "3" });
	assert.equal(unknown.known, false);
	assert.equal(compare(unknown, unknown), "unknown");
});

test("counts are compared as Poisson counts", () => {
	const of = (n: number) => figureOf("appeals", n === 0 ? undefined : { numerator: String(n) });
	assert.equal(compare(of(110), of(100)), "alike");
	assert.equal(compare(of(1100), of(1000)), "higher");
	assert.equal(compare(of(10), of(0)), "unknown");
	assert.equal(of(0).known, true);
});

test("a part stands against the whole by its own interval", () => {
	assert.equal(against(share(0.7, 0.05), share(0.8, 0.001)), "lower");
	assert.equal(against(share(0.7, 0.2), share(0.8, 0.001)), "alike");
});

test("more complaints are worse, more answers in time better", () => {
	assert.equal(tone("higher", "complaints_per_10k_customers"), "bad");
	assert.equal(tone("higher", "first_response_timely"), "good");
	assert.equal(tone("alike", "resolution_rate"), "idle");
	assert.equal(tone("higher", "appeals"), "idle");
});

test("the clock of a case has a word for each of its ends", () => {
	const begun = "2026-03-01T00:00:00Z";
	const due = "2026-03-03T00:00:00Z";
	const at = (text: string) => Date.parse(text);
	const facts = { registered_at_us: begun, first_response_due_us: due };
	const running = { ...facts, first_response: "CLOCK_RUNNING" as const };
	assert.equal(clockView(running, at("2026-03-01T12:00:00Z"))?.tone, "idle");
	assert.equal(clockView(running, at("2026-03-01T12:00:00Z"))?.share, 0.25);
	assert.equal(clockView(running, at("2026-03-02T20:00:00Z"))?.tone, "warn");
	assert.equal(clockView(running, at("2026-03-04T00:00:00Z"))?.tone, "bad");
	const answered = { ...facts, first_answer_at_us: "2026-03-04T00:00:00Z" };
	assert.equal(clockView({ ...answered, first_response: "CLOCK_BREACHED" }, 0)?.tone, "bad");
	assert.equal(clockView({ ...answered, first_response: "CLOCK_MET" }, 0)?.tone, "good");
	assert.equal(clockView({}, 0), null);
});

test("only what the state allows is offered", () => {
	assert.deepEqual(offered("APPEAL_REGISTERED"), ["answer", "classify", "resolve"]);
	assert.deepEqual(offered("APPEAL_CLOSED"), ["answer"]);
	assert.deepEqual(offered(undefined), []);
	assert.equal(nextState("APPEAL_RESOLVED", "answer"), "APPEAL_RESOLVED");
	assert.equal(suggested("APPEAL_RESOLVED"), "close");
});

// Browsers have it; Debian's Node 18 under this name only when it is told.
globalThis.crypto ??= webcrypto as Crypto;

test("keys are random UUIDs", () => {
	assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	assert.notEqual(uuid(), uuid());
});
