// What the records of the directory are made of: one row a sort, and the one form
// (record-form.tsx) that all of them are made and changed with. The service checks;
// this only asks for the right things.
import { ruleKinds, type Dated, type RuleKind } from "../../lib/directory";
import type { Field } from "../../parts/values";

export interface RecordType {
	sort: string; // its member of DirectoryRecord
	fields: readonly Field[];
	id: readonly string[]; // of the fields: what names it, and is not changed
	dated: boolean; // has versions by their first day
	key: (record: Dated) => string; // as its versions are asked for
}

const code: Field = { name: "code", type: "line", required: true, hint: "field.code.hint" };
const names: Field = { name: "names", type: "names", required: true };
export const fromDay: Field = { name: "valid_from_day", type: "day", required: true, hint: "field.valid_from_day.hint" };
export const toDay: Field = { name: "valid_to_day", type: "day" };
const days: readonly Field[] = [fromDay, toDay];
const calendar: Field = { name: "calendar", type: "calendar", none: "field.as_above" };
const by = (sort: string, field = "code") => (record: Dated): string => `${sort}/${String(record[field] ?? "")}`;

export const taxonomies = [
	"topic", "kind", "channel", "element", "product", "segment", "remedy", "cause", "red_line", "position", "centre_service",
] as const;

const match = (rule: RuleKind): Field[] => [
	{ name: `${rule}.match.kind`, type: "code", none: "field.any" },
	{ name: `${rule}.match.channel`, type: "code", none: "field.any" },
	{ name: `${rule}.match.topic`, type: "code", none: "field.any" },
	{ name: `${rule}.match.segment`, type: "code", none: "field.any" },
	{ name: `${rule}.match.product`, type: "code", none: "field.any" },
	{ name: `${rule}.match.unit`, type: "unit", label: "match_unit" },
];
const order = (rule: RuleKind): Field => ({ name: `${rule}.order`, type: "number", hint: "field.order.hint" });

const moments = [
	"AT_RECEIPT", "AT_REGISTRATION", "AT_ROUTING", "AT_CLASSIFICATION", "AT_FIRST_ANSWER", "AT_RESOLUTION",
	"AT_INFORMING", "AT_CLOSING", "AT_FINAL_ANSWER",
] as const;
export const clockCodes = ["first_response", "registration", "answer", "resolution", "task", "social", "lead_time"] as const;

const mentionClasses = ["claim", "question", "praise", "suggestion", "news", "event", "spam", "other"] as const;
const sentiments = ["SENTIMENT_NEGATIVE", "SENTIMENT_NEUTRAL", "SENTIMENT_POSITIVE"] as const;

const rules: Record<RuleKind, readonly Field[]> = {
	clock: [
		{ name: "clock.clock", type: "line", required: true, suggest: clockCodes },
		{ name: "clock.measure", type: "choice", required: true, options: ["ELAPSED_TIME", "WORKING_TIME", "CALENDAR_DAYS", "WORKING_DAYS"] },
		{ name: "clock.amount", type: "amount", required: true, measure: "clock.measure" },
		{ name: "clock.start", type: "choice", required: true, options: moments, words: "moment" },
		{ name: "clock.stop", type: "choice", required: true, options: moments, words: "moment" },
		{ name: "clock.warn_before", type: "amount", measure: "clock.measure" },
		...match("clock"),
		order("clock"),
		{ name: "clock.may_pause", type: "check" },
		{ name: "clock.extension_max", type: "amount", measure: "clock.measure" },
		{ name: "clock.calendar", type: "calendar", none: "field.of_unit" },
		{ name: "clock.basis", type: "line" },
	],
	routing: [
		...match("routing"),
		order("routing"),
		{ name: "routing.unit", type: "unit", label: "to_unit" },
		{ name: "routing.department", type: "code", none: "field.any" },
		{ name: "routing.skill", type: "line" },
		{ name: "routing.green_channel", type: "check" },
	],
	repeat: [{ name: "repeat.window_days", type: "number", required: true }, ...match("repeat")],
	remedy: [
		{ name: "remedy.remedy", type: "code", none: "field.any" },
		{ name: "remedy.free_limit_minor", type: "money" },
		{ name: "remedy.limit_minor", type: "money" },
		{ name: "remedy.currency", type: "line", required: true, suggest: ["RUB", "CNY"] },
		...match("remedy"),
	],
	outside_appeal: [
		{ name: "outside_appeal.days", type: "number", required: true },
		{ name: "outside_appeal.texts", type: "texts", required: true },
		...match("outside_appeal"),
	],
	notice: [
		{
			name: "notice.event",
			type: "choice",
			required: true,
			words: "fact",
			options: ["AppealRegistered", "AppealAnswered", "ClockExtended", "AppealResolved", "CustomerInformed", "AppealClosed"],
		},
		{ name: "notice.template", type: "line", required: true },
		...match("notice"),
	],
	lookup: [
		{ name: "lookup.url", type: "line", required: true, max: 1000, hint: "field.lookup_url.hint" },
		{ name: "lookup.method", type: "choice", options: ["LOOKUP_POST"], words: "method", none: "method.LOOKUP_GET" },
		{
			name: "lookup.inputs",
			type: "rows",
			most: 4,
			hint: "field.inputs.hint",
			of: [
				{ name: "name", type: "line", required: true, label: "input_name" },
				{ name: "names", type: "names", required: true },
				{ name: "pattern", type: "line" },
			],
		},
		{
			name: "lookup.shown",
			type: "rows",
			required: true,
			hint: "field.shown.hint",
			of: [{ name: "pointer", type: "line", required: true }, { name: "names", type: "names", required: true }],
		},
		{
			name: "lookup.headers",
			type: "rows",
			most: 4,
			hint: "field.headers.hint",
			of: [{ name: "name", type: "line", required: true, label: "header_name" }, { name: "secret", type: "line", required: true }],
		},
		{
			name: "lookup.body",
			type: "rows",
			most: 16,
			hint: "field.body.hint",
			of: [{ name: "name", type: "line", required: true, label: "part_name" }, { name: "value", type: "line", label: "part_value", max: 1000 }],
		},
		...match("lookup"),
		{ name: "lookup.order", type: "number", hint: "field.order.lookup" },
		{ name: "lookup.timeout_ms", type: "number", hint: "field.timeout_ms.hint" },
		{ name: "lookup.max_bytes", type: "number", hint: "field.max_bytes.hint" },
	],
	reaction: [
		{ name: "reaction.match.kind", type: "choice", options: mentionClasses, words: "mention_class", label: "mention_class", none: "field.any" },
		{ name: "reaction.sentiment", type: "choice", options: sentiments, words: "sentiment", none: "field.any" },
		{ name: "reaction.match.channel", type: "line", label: "source" },
		{ name: "reaction.match.topic", type: "code", none: "field.any" },
		{ name: "reaction.match.unit", type: "unit", label: "match_unit" },
		{ name: "reaction.min_reach", type: "number" },
		{ name: "reaction.min_mentions", type: "number" },
		{ name: "reaction.watch", type: "line" },
		order("reaction"),
		{ name: "reaction.priority", type: "number", hint: "field.priority.hint" },
		{ name: "reaction.answer_minutes", type: "number" },
		{ name: "reaction.inquiry_days", type: "number" },
		{ name: "reaction.inquiry_days_max", type: "number" },
		{ name: "reaction.report_minutes", type: "number" },
		{ name: "reaction.calendar", type: "calendar", none: "field.calendar_days" },
		{ name: "reaction.appeal_kind", type: "code", taxonomy: "kind", none: "field.by_class" },
	],
	spam: [
		{ name: "spam.burst", type: "number", required: true },
		{ name: "spam.copies_least", type: "number", required: true },
		{ name: "spam.copies_percent", type: "number", required: true },
		{ name: "spam.links_least", type: "number", required: true },
		{ name: "spam.links_percent", type: "number", required: true },
	],
};

export const unitType: RecordType = {
	sort: "unit",
	id: ["code"],
	dated: true,
	key: by("unit"),
	fields: [
		code,
		names,
		{ name: "parent", type: "unit" },
		{ name: "level", type: "line", required: true, suggest: ["company", "branch", "area", "office", "desk"] },
		{ name: "zone", type: "line", suggest: ["Europe/Moscow", "Asia/Yekaterinburg", "Asia/Vladivostok", "Asia/Shanghai"], hint: "field.zone.hint" },
		calendar,
		...days,
	],
};

export const recordTypes: Record<
	"unit" | "department" | "term" | "denominator" | "calendar" | "employee" | "centre" | "principal",
	RecordType
> = {
	unit: unitType,
	department: {
		sort: "department",
		id: ["code"],
		dated: true,
		key: by("department"),
		fields: [code, names, { name: "parent", type: "code", taxonomy: "department", none: "field.none" }, ...days],
	},
	term: {
		sort: "term",
		id: ["taxonomy", "code"],
		dated: true,
		key: (record) => `${String(record["taxonomy"])}/${String(record["code"])}`,
		fields: [
			{ name: "taxonomy", type: "choice", required: true, options: taxonomies },
			code,
			names,
			{ name: "parent", type: "line" },
			{ name: "class", type: "choice", options: ["complaint", "other", "remote", "in_person"], words: "class", none: "field.none", hint: "field.class.hint" },
			...days,
		],
	},
	denominator: {
		sort: "denominator",
		id: ["unit", "measure"],
		dated: true,
		key: (record) => `denominator/${String(record["unit"])}/${String(record["measure"])}`,
		fields: [
			{ name: "unit", type: "unit", required: true },
			{ name: "measure", type: "choice", required: true, options: ["customers", "parcels", "transactions"] },
			{ name: "value", type: "number", required: true },
			...days,
		],
	},
	calendar: {
		sort: "calendar",
		id: ["code"],
		dated: true,
		key: by("calendar"),
		fields: [code, names, { name: "week", type: "week" }, ...days],
	},
	employee: {
		sort: "employee",
		id: ["code"],
		dated: true,
		key: by("employee"),
		fields: [
			{ ...code, label: "personnel_number" },
			{ name: "name", type: "line", required: true, label: "person_name" },
			{ name: "unit", type: "unit", required: true },
			{ name: "department", type: "code", none: "field.none" },
			{ name: "position", type: "code", none: "field.none" },
			{ name: "principal", type: "line", hint: "field.principal.hint" },
			...days,
		],
	},
	centre: {
		sort: "centre",
		id: ["unit"],
		dated: true,
		key: by("centre", "unit"),
		fields: [
			{ name: "unit", type: "unit", required: true },
			{ name: "open", type: "check" },
			{ name: "planned_day", type: "day" },
			{ name: "opened_day", type: "day" },
			{ name: "services", type: "codes", taxonomy: "centre_service" },
			{ ...calendar, none: "field.of_unit" },
			{ name: "addresses", type: "names" },
			{ name: "phone", type: "line" },
			{ name: "email", type: "line" },
			...days,
		],
	},
	principal: {
		sort: "principal",
		id: ["name"],
		dated: false,
		key: by("principal", "name"),
		fields: [
			{ name: "name", type: "line", required: true, label: "principal_name", hint: "field.code.hint" },
			{ name: "person", type: "check" },
			{ name: "display_name", type: "line" },
			{ name: "lang", type: "choice", options: ["ru", "zh", "en"], none: "field.none", words: "language" },
			{ name: "roles", type: "choices", words: "role", options: ["reader", "handler", "admin", "auditor", "privacy", "publisher", "consumer"] },
			{ name: "unit", type: "unit", label: "sees_unit" },
			{ name: "streams", type: "choices", options: ["complaints", "directory", "*"], hint: "field.streams.hint" },
			{ name: "revoked", type: "check" },
		],
	},
};

export function policyType(rule: RuleKind): RecordType {
	return {
		sort: "policy",
		id: ["code"],
		dated: true,
		key: by("policy"),
		fields: [code, names, ...rules[rule], ...days],
	};
}

export function ruleOf(policy: Dated): RuleKind {
	return ruleKinds.find((rule) => policy[rule] !== undefined) ?? "clock";
}
