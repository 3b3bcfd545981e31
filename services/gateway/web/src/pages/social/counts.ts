// Numbers of the board: sums of counted cells, and hours as days of who looks. No
// markup; the volume of a period is laid beside the same hours one period earlier.
import { dayNumber, dayText, lengthDays, today, type Period } from "../../lib/period";
import { count } from "../../lib/types";
import type { MentionCount, Source } from "./types";

export const HOUR_MS = 3_600_000;
// Above this a picture of hours, or of days, is a picture of nothing.
export const HOURS_DAYS_MAX = 7;
export const DAYS_MAX = 92;
const HOURS_MAX = 366 * 24; // that the service counts at once

export type Step = "hour" | "day" | "month";

export interface Range {
	from: number; // hours since 1970, half open
	to: number;
}

export function stepOf(asked: string | undefined, period: Period): Step {
	const days = lengthDays(period);
	if (days > DAYS_MAX) return "month";
	if (days > HOURS_DAYS_MAX) return "day";
	return asked === "hour" || (asked !== "day" && days <= 2) ? "hour" : "day";
}

function hourAt(day: string): number {
	const [y = 0, m = 1, d = 1] = day.split("-").map(Number);
	return Math.floor(new Date(y, m - 1, d).getTime() / HOUR_MS);
}

// Up to the hour that runs: what has not come yet is not compared.
export function rangeOf(period: Period, now: number): Range {
	const end = Math.min(hourAt(dayText(dayNumber(period.to) + 1)), Math.floor(now / HOUR_MS) + 1);
	const from = Math.max(hourAt(period.from), end - HOURS_MAX);
	return { from: Math.min(from, end - 1), to: end };
}

export function earlier(range: Range, period: Period): Range {
	const hours = lengthDays(period) * 24;
	return { from: range.from - hours, to: range.to - hours };
}

export interface Bin {
	key: string; // hour number, day or month
	from: number; // hours, half open
	to: number;
	mentions: number;
	before: number;
	silent: string[]; // sources that should have said something and did not
	provisional: boolean; // has not ended
}

function keyOf(hour: number, step: Step): string {
	if (step === "hour") return String(hour);
	const day = today(new Date(hour * HOUR_MS));
	return step === "day" ? day : day.slice(0, 7);
}

// Each hour of the range in its bin; those before by their distance to the beginning.
export function binsOf(range: Range, shift: number, step: Step, now: readonly MentionCount[], before: readonly MentionCount[], sources: readonly Source[]): Bin[] {
	const bins = new Map<string, Bin>();
	for (let hour = range.from; hour < range.to; hour++) {
		const key = keyOf(hour, step);
		const bin = bins.get(key) ?? { key, from: hour, to: hour, mentions: 0, before: 0, silent: [], provisional: false };
		bin.to = hour + 1;
		bins.set(key, bin);
	}
	for (const cell of now) {
		const bin = bins.get(keyOf(Number(cell.keys?.[0]), step));
		if (bin) bin.mentions += count(cell.mentions);
	}
	for (const cell of before) {
		const bin = bins.get(keyOf(Number(cell.keys?.[0]) + shift, step));
		if (bin) bin.before += count(cell.mentions);
	}
	const all = [...bins.values()];
	for (const source of sources)
		for (const gap of source.gaps ?? []) {
			const from = Date.parse(gap.from_us ?? "") / HOUR_MS;
			const to = gap.to_us ? Date.parse(gap.to_us) / HOUR_MS : Infinity;
			for (const bin of all) if (bin.from < to && bin.to > from && !bin.silent.includes(source.source ?? "")) bin.silent.push(source.source ?? "");
		}
	const last = all[all.length - 1];
	if (last && range.to * HOUR_MS > Date.now()) last.provisional = true;
	return all;
}

export interface Line {
	code: string;
	mentions: number;
	before: number;
}

// Sums by one key of the cells, the most first.
export function linesOf(at: number, now: readonly MentionCount[], before: readonly MentionCount[]): Line[] {
	const lines = new Map<string, Line>();
	const add = (cells: readonly MentionCount[], name: "mentions" | "before"): void => {
		for (const cell of cells) {
			const code = cell.keys?.[at] ?? "";
			const line = lines.get(code) ?? { code, mentions: 0, before: 0 };
			line[name] += count(cell.mentions);
			lines.set(code, line);
		}
	};
	add(now, "mentions");
	add(before, "before");
	return [...lines.values()].sort((a, b) => b.mentions - a.mentions || b.before - a.before || a.code.localeCompare(b.code));
}

export function sumOf(cells: readonly MentionCount[] | undefined): number {
	return (cells ?? []).reduce((sum, cell) => sum + count(cell.mentions), 0);
}
