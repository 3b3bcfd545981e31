import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { strFromU8, unzipSync } from "fflate";
import { csv, csvCell } from "../src/lib/csv";
import { fromHex, toHex } from "../src/lib/hex";
import { against, compare, figureOf, tone } from "../src/lib/indicator";
import { dayOf, daysParameter, isDay, lengthDays, periodBefore, quarterBefore, readPeriod } from "../src/lib/period";
import { uuid } from "../src/lib/uuid";
import { appealStates } from "../src/lib/types";
import { filterOfParams, paramsOf, readFilter } from "../src/pages/appeals/filters";
import { attached, customerFile, fileName } from "../src/pages/privacy/customer-file";
import { policyType } from "../src/pages/directory/records";
import { fieldsOf as feedFields } from "../src/pages/listen/feed-fields";
import { around, indexOfColumn, partsOf as marks, verdict, wilson } from "../src/pages/listen/marked";
import { bodyOf, missing, rowsOf, rowsText, valuesOf } from "../src/parts/values";
import { below, questionsOf, sectionsOf } from "../src/public/sections";
import { further, nextState, offered, stepOf, suggested } from "../src/pages/case/life";
import { clockOf, clockView } from "../src/parts/state";

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
	const at = (text: string) => Date.parse(text);
	const times = { started_at_us: "2026-03-01T00:00:00Z", due_us: "2026-03-03T00:00:00Z" };
	const running = { ...times, state: "CLOCK_RUNNING" as const };
	assert.equal(clockView(running, at("2026-03-01T12:00:00Z"))?.tone, "idle");
	assert.equal(clockView(running, at("2026-03-01T12:00:00Z"))?.share, 0.25);
	assert.equal(clockView(running, at("2026-03-02T20:00:00Z"))?.tone, "warn");
	assert.equal(clockView({ ...running, warn_us: "2026-03-01T06:00:00Z" }, at("2026-03-01T12:00:00Z"))?.tone, "warn");
	assert.equal(clockView(running, at("2026-03-04T00:00:00Z"))?.tone, "bad");
	assert.equal(clockView({ ...times, state: "CLOCK_PAUSED" }, at("2026-03-01T12:00:00Z"))?.shape, "‖");
	const stopped = { ...times, stopped_at_us: "2026-03-04T00:00:00Z" };
	assert.equal(clockView({ ...stopped, state: "CLOCK_BREACHED" }, 0)?.tone, "bad");
	assert.equal(clockView({ ...stopped, state: "CLOCK_MET" }, 0)?.tone, "good");
	assert.equal(clockView({}, 0), null);
});

test("a list shows the clock that is due first, an ended one only if none runs", () => {
	const late = { clock: "answer", state: "CLOCK_RUNNING" as const, due_us: "2026-03-09T00:00:00Z" };
	const soon = { clock: "first_response", state: "CLOCK_RUNNING" as const, due_us: "2026-03-02T00:00:00Z" };
	const broken = { clock: "registration", state: "CLOCK_BREACHED" as const, due_us: "2026-03-01T00:00:00Z", stopped_at_us: "2026-03-01T09:00:00Z" };
	assert.equal(clockOf({ clocks: [broken, late, soon] })?.clock, "first_response");
	assert.equal(clockOf({ clocks: [broken] })?.clock, "registration");
	assert.equal(clockOf({}), undefined);
});

test("only what the state allows is offered", () => {
	assert.ok(offered("APPEAL_REGISTERED").includes("answer"));
	assert.ok(!offered("APPEAL_REGISTERED").includes("close"));
	assert.deepEqual(offered("APPEAL_MERGED"), []);
	assert.deepEqual(further("APPEAL_MERGED"), []);
	assert.ok(!further("APPEAL_CLOSED").includes("pause"));
	assert.ok(further("APPEAL_CLOSED").includes("note"));
	assert.deepEqual(offered(undefined), []);
	assert.equal(nextState("APPEAL_RESOLVED", "answer"), "APPEAL_RESOLVED");
	assert.equal(nextState("APPEAL_REGISTERED", "note"), "APPEAL_REGISTERED");
	assert.equal(nextState("APPEAL_CLOSED", "reopen"), "APPEAL_REOPENED");
	assert.equal(suggested("APPEAL_RESOLVED"), "inform");
	for (const state of appealStates)
		assert.equal(new Set([...offered(state), ...further(state)]).size, offered(state).length + further(state).length, state);
});

test("a step sends what its message has, in its types", () => {
	const remedy = stepOf("remedy").fields!;
	assert.deepEqual(bodyOf(remedy, { remedy: "refund", amount_minor: "12.34", currency: " RUB ", verify_later: "true" }), {
		remedy: "refund", amount_minor: "1234", currency: "RUB", verify_later: true,
	});
	assert.deepEqual(bodyOf(remedy, { remedy: "apology", currency: "" }), { remedy: "apology" });
	assert.deepEqual(bodyOf(stepOf("rate").fields!, { rating: "4" }), { rating: 4 });
	assert.deepEqual(bodyOf(stepOf("promise").fields!, { due_us: "2026-03-01T10:00" }), {
		due_us: new Date("2026-03-01T10:00").toISOString(),
	});
});

test("a policy of rows comes out of the form as it went in", () => {
	const { fields } = policyType("lookup");
	const policy = {
		code: "track",
		names: [{ lang: "en", text: "Where" }],
		valid_from_day: "2026-01-01",
		lookup: {
			url: "https://track.example/{number}",
			method: "LOOKUP_POST",
			inputs: [{ name: "number", names: [{ lang: "zh", text: "号" }], pattern: "[A-Z]{2}" }],
			shown: [
				{ pointer: "/state", names: [{ lang: "en", text: "State" }] },
				{ pointer: "/where", names: [{ lang: "ru", text: "Где; \"тут\"" }] },
			],
			timeout_ms: 300,
		},
	};
	const values = valuesOf(fields, policy);
	assert.deepEqual(bodyOf(fields, values), policy);
	assert.equal(missing(fields, values), undefined);
	values["lookup.shown"] = rowsText([...rowsOf(values["lookup.shown"]), {}]);
	assert.equal(missing(fields, values)?.name, "lookup.shown");
	assert.equal(missing(fields, { ...values, "lookup.shown": rowsText([]) })?.name, "lookup.shown");
});

test("the filters of the address are the parameters of the list", () => {
	const filter = readFilter({ handler: "me", only: "breached", state: "APPEAL_WRONG", order: "x" });
	assert.equal(filter.state, "");
	const params = paramsOf(filter, "ivanova");
	assert.equal(params["handler"], "ivanova");
	assert.equal(params["breached_only"], "true");
	assert.equal(params["order"], "DUE_FIRST");
	assert.equal(paramsOf(readFilter({ handler: "nobody", order: "newest" }), "ivanova")["handler"], "-");
	assert.equal(paramsOf(readFilter({ order: "newest" }), "ivanova")["order"], undefined);
	for (const query of [{ handler: "me", only: "open", topic: "x" }, { order: "waiting", handler: "nobody" }, { order: "newest" }, {}]) {
		const said = Object.fromEntries(Object.entries(paramsOf(readFilter(query), "ivanova")).filter(([, v]) => v)) as Record<string, string>;
		const back = filterOfParams(said, "ivanova");
		assert.deepEqual(readFilter(back), readFilter(query), JSON.stringify(query));
	}
});

// Browsers have it; Debian's Node 18 under this name only when it is told.
globalThis.crypto ??= webcrypto as Crypto;

test("bytes go out and come back as hex", () => {
	assert.equal(toHex(Uint8Array.of(0, 10, 255)), "000aff");
	assert.deepEqual([...fromHex("000aff")], [0, 10, 255]);
	assert.equal(fromHex("").length, 0);
});

test("keys are random UUIDs", () => {
	assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	assert.notEqual(uuid(), uuid());
});

test("a quarter is three months with both days in it, over the turn of a year", () => {
	const march = new Date(2026, 2, 31);
	assert.equal(quarterBefore(march, 0).id, "2026-01-01..2026-03-31");
	assert.equal(quarterBefore(march, 1).id, "2025-10-01..2025-12-31");
	assert.equal(quarterBefore(march, 4).id, "2025-01-01..2025-03-31");
	assert.equal(quarterBefore(new Date(2024, 1, 29), 3).id, "2023-04-01..2023-06-30");
});

test("a public article with others below it is a section, and no question", () => {
	const entries = [
		{ code: "pay", changed_at_us: "2026-01-01T00:00:00Z" },
		{ code: "card", parent: "pay", changed_at_us: "2026-01-02T00:00:00Z" },
		{ code: "cash", parent: "pay", changed_at_us: "2026-01-03T00:00:00Z" },
		{ code: "lost" },
		{ code: "orphan", parent: "internal" },
	];
	assert.deepEqual(sectionsOf(entries).map((e) => e.code), ["pay"]);
	assert.deepEqual(below(entries, "pay").map((e) => e.code), ["cash", "card"]);
	assert.deepEqual(questionsOf(entries).map((e) => e.code), ["lost", "orphan"]);
});

test("places come in bytes, and the pieces are the text", () => {
	const text = "почта 邮局 😡 x";
	const bytes = (t: string) => Buffer.byteLength(t);
	const at = (word: string) => ({ begin: bytes(text.slice(0, text.indexOf(word))), end: bytes(text.slice(0, text.indexOf(word) + word.length)) });
	const parts = marks(text, [at("邮局"), at("почта"), { begin: 2, end: 6 }, { begin: 900, end: 990 }]);
	assert.deepEqual(parts.filter((p) => p.place).map((p) => p.text), ["почта", "邮局"]);
	assert.equal(parts.map((p) => p.text).join(""), text);
	assert.deepEqual(marks("a", []), [{ text: "a" }]);
	assert.deepEqual(marks("", [{ begin: 0, end: 4 }]), []);
	const long = around(marks("a".repeat(500) + "here" + "b".repeat(500), [{ begin: 500, end: 504 }]), 90).map((p) => p.text);
	assert.deepEqual(long, [`… ${"a".repeat(30)}`, "here", `${"b".repeat(56)} …`]);
});

test("a share of a sample has Wilson's interval", () => {
	const { low, high } = wilson(15, 18);
	assert.ok(Math.abs(low - 0.6078) < 0.0005 && Math.abs(high - 0.9416) < 0.0005, `${low} ${high}`);
	assert.deepEqual(wilson(0, 0), { low: 0, high: 1 });
	assert.ok(wilson(0, 10).low < 1e-12 && wilson(10, 10).high <= 1);
});

test("a column is of characters, not of units", () => {
	assert.equal(indexOfColumn("😡😡x", 3), 4);
	assert.equal(indexOfColumn("ab", 1), 0);
	assert.equal(indexOfColumn("ab", 9), 2);
});

test("a score is better only beyond its interval", () => {
	assert.equal(verdict({ f1_low: 0.8, f1_high: 0.9, f1_in_use: 0.7 }), "better");
	assert.equal(verdict({ f1_low: 0.8, f1_high: 0.9, f1_in_use: 0.85 }), "alike");
	assert.equal(verdict({ f1_low: 0.8, f1_high: 0.9, f1_in_use: 0.95 }), "worse");
	assert.equal(verdict({ f1_low: 0.8, f1_high: 0.9, f1_in_use: -1 }), "unknown");
});

test("a feed asks for what its kind needs, and its message comes out as it went in", () => {
	assert.deepEqual(feedFields({}).map((f) => f.name), ["kind", "code", "names"]);
	const feed = { kind: "FEED_JSON", code: "api", url: "https://a.test", mapping: { external_id: "/id", text: "/t" }, every_s: 60 };
	const values = valuesOf(feedFields({ kind: "FEED_JSON" }), feed);
	assert.deepEqual(bodyOf(feedFields(values), values), feed);
	assert.equal(bodyOf(feedFields({ kind: "FEED_RSS" }), { ...values, kind: "FEED_RSS" })["mapping"], undefined);
	assert.equal(missing(feedFields({ kind: "FEED_MAIL" }), { kind: "FEED_MAIL", code: "m", url: "imaps://a" })?.name, "secret_header");
});

test("a file that somebody has named is stored below its case, whatever the name", () => {
	assert.equal(fileName("../../etc/passwd"), "_.._etc_passwd");
	assert.equal(fileName("..\\a\u0000b?.png"), "_a_b_.png");
	assert.equal(fileName("фото письма.jpg"), "фото письма.jpg");
	const long = fileName("信".repeat(200) + ".jpeg");
	assert.equal(long, "信".repeat(60) + ".jpeg");
	assert.equal(fileName(" . "), "");
});

test("all that is kept of a customer is an archive of the cases and what was attached", () => {
	const attachments = [
		{ attachment: "a", file_name: "x.txt" },
		{ attachment: "b", file_name: "x.txt" },
	];
	const kept = { appeals: [{ appeal_id: "1", attachments }, { appeal_id: "2" }], drafts: [{ text: "soon" }] };
	const paths = attached(kept.appeals).map((file) => file.path);
	assert.deepEqual(paths, ["files/1/a-x.txt", "files/1/b-x.txt"]);
	const contents = ["one", "two"].map((text) => new TextEncoder().encode(text));
	const files = unzipSync(customerFile(kept, contents, new Date("2026-03-03T10:00:00Z")));
	assert.deepEqual(Object.keys(files).sort(), ["customer.json", ...paths]);
	assert.equal(strFromU8(files["files/1/b-x.txt"] ?? new Uint8Array()), "two");
	const json = JSON.parse(strFromU8(files["customer.json"] ?? new Uint8Array()));
	assert.equal(json.appeals[0].attachments[1].path, "files/1/b-x.txt");
	assert.equal(json.drafts[0].text, "soon");
	assert.equal(json.exported_at, "2026-03-03T10:00:00.000Z");
});
