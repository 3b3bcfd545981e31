// What a form asks for, field by field, and how what was typed becomes a message of
// the API and back. Values are text by the field's name; a name with dots is a path
// into the message.
import type { Key } from "../i18n/i18n";
import type { Label } from "../lib/types";

export type FieldType =
	| "code" // of the taxonomy with the field's name, or a department
	| "codes" // several of them
	| "calendar"
	| "choice" // one of options
	| "choices" // several of options
	| "handler"
	| "unit"
	| "appeal" // number of another case
	| "time"
	| "day"
	| "number"
	| "amount" // hours, kept in minutes, or days: as the field that measure names says
	| "money"
	| "file"
	| "check"
	| "names" // a line in each language
	| "texts" // a text in each language
	| "week" // open hours of each weekday
	| "rows" // any number of messages, each of fields of its own
	| "text" // several lines
	| "line";

export interface Field {
	name: string; // of the request's message, and of its label
	type: FieldType;
	required?: boolean;
	options?: readonly string[]; // of a choice
	words?: string; // group of texts that the options are named by, when it is not the name
	taxonomy?: string; // of a code, when it is not the name
	label?: string; // the key of its label, when it is not the name
	none?: Key; // what an empty choice says
	measure?: string; // of an amount
	hint?: Key;
	suggest?: readonly string[]; // of a line
	of?: readonly Field[]; // of rows: what each asks for
	most?: number; // of rows
	max?: number; // characters of a line, when it is not 200, or of a text
}

export type Values = Record<string, string>;

export const labelLanguages = ["ru", "zh", "en"] as const;
export const weekDays = [1, 2, 3, 4, 5, 6, 7] as const;

type Message = Record<string, unknown>;

export interface Hours {
	from_minute?: number;
	to_minute?: number;
}
interface WeekDay {
	weekday: number;
	hours?: Hours[];
}

export function lastOf(name: string): string {
	return name.slice(name.lastIndexOf(".") + 1);
}

export function inHours(measure: string | undefined): boolean {
	return measure === "ELAPSED_TIME" || measure === "WORKING_TIME";
}

export function clockText(minute: number): string {
	return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

export function hoursText(hours: readonly Hours[] | undefined): string {
	return (hours ?? []).map((h) => `${clockText(h.from_minute ?? 0)}–${clockText(h.to_minute ?? 0)}`).join(", ");
}

// "9-18" and "09:00–13:00, 14:00–18:00" alike; null: cannot be read.
export function readHours(text: string): Hours[] | null {
	const out: Hours[] = [];
	for (const part of text.split(/[,;]/)) {
		if (part.trim() === "") continue;
		const found = /^\s*(\d{1,2})(?::(\d\d))?\s*[-–—]\s*(\d{1,2})(?::(\d\d))?\s*$/.exec(part);
		if (!found) return null;
		const [from, to] = [1, 3].map((i) => Number(found[i]) * 60 + Number(found[i + 1] ?? 0)) as [number, number];
		const before = out[out.length - 1]?.to_minute ?? 0;
		if (from >= to || to > 1440 || from < before) return null;
		out.push({ from_minute: from, to_minute: to });
	}
	return out;
}

// The rows of a field stand in its one value, as JSON.
export function rowsOf(value: string | undefined): Values[] {
	return value ? (JSON.parse(value) as Values[]) : [];
}

export function rowsText(rows: readonly Values[]): string {
	return rows.length === 0 ? "" : JSON.stringify(rows);
}

function put(body: Message, path: string, value: unknown): void {
	const names = path.split(".");
	let at = body;
	for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Message;
	at[names[names.length - 1]!] = value;
}

export function valueAt(record: Message, path: string): unknown {
	return path.split(".").reduce<unknown>((at, name) => (at as Message | undefined)?.[name], record);
}

function labelsOf(name: string, values: Values): Label[] {
	return labelLanguages.flatMap((lang) => {
		const text = (values[`${name}.${lang}`] ?? "").trim();
		return text === "" ? [] : [{ lang, text }];
	});
}

function weekOf(name: string, values: Values): WeekDay[] {
	return weekDays.flatMap((weekday) => {
		const hours = readHours(values[`${name}.${weekday}`] ?? "");
		return hours && hours.length > 0 ? [{ weekday, hours }] : [];
	});
}

// What of the values is sent, in the types of the message.
export function bodyOf(fields: readonly Field[], values: Values): Message {
	const body: Message = {};
	for (const { name, type, measure, of } of fields) {
		if (type === "names" || type === "texts" || type === "week") {
			const many = type === "week" ? weekOf(name, values) : labelsOf(name, values);
			if (many.length > 0) put(body, name, many);
			continue;
		}
		const value = (values[name] ?? "").trim();
		if (value === "") continue;
		if (type === "time") put(body, name, new Date(value).toISOString());
		else if (type === "number" || name === "rating") put(body, name, Number(value));
		else if (type === "amount") put(body, name, Math.round(Number(value) * (inHours(values[measure ?? ""]) ? 60 : 1)));
		else if (type === "money") put(body, name, String(Math.round(Number(value) * 100)));
		else if (type === "check") put(body, name, true);
		else if (type === "codes" || type === "choices") put(body, name, value.split(/[\s,]+/));
		else if (type === "rows") put(body, name, rowsOf(value).map((row) => bodyOf(of ?? [], row)));
		else put(body, name, value);
		if (type === "file") {
			body["file_name"] = values["file_name"] ?? "";
			body["media_type"] = values["media_type"] ?? "";
		}
	}
	return body;
}

// The values that bodyOf would make this message of.
export function valuesOf(fields: readonly Field[], record: Message): Values {
	const values: Values = {};
	for (const { name, type, measure, of } of fields) {
		const value = valueAt(record, name);
		if (value === undefined || value === null) continue;
		if (type === "names" || type === "texts")
			for (const label of value as Label[]) values[`${name}.${label.lang}`] = label.text ?? "";
		else if (type === "week") for (const day of value as WeekDay[]) values[`${name}.${day.weekday}`] = hoursText(day.hours);
		else if (type === "codes" || type === "choices") values[name] = (value as string[]).join(" ");
		else if (type === "rows") values[name] = rowsText((value as Message[]).map((row) => valuesOf(of ?? [], row)));
		else if (type === "amount") values[name] = String(Number(value) / (inHours(String(valueAt(record, measure ?? ""))) ? 60 : 1));
		else if (type === "money") values[name] = String(Number(value) / 100);
		else if (type === "check") values[name] = value ? "true" : "";
		else values[name] = String(value);
	}
	return values;
}

// The first field that still wants something, or holds what cannot be read.
export function missing(fields: readonly Field[], values: Values): Field | undefined {
	return fields.find(({ name, type, required, of }) => {
		if (type === "rows" && rowsOf(values[name]).some((row) => missing(of ?? [], row) !== undefined)) return true;
		if (type === "week") return weekDays.some((d) => readHours(values[`${name}.${d}`] ?? "") === null);
		if (!required) return false;
		if (type === "names" || type === "texts") return labelsOf(name, values).length === 0;
		return (values[name] ?? "").trim() === "";
	});
}
