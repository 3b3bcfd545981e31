// The period of a view: "7d", "30d", "90d", "12m" up to today, or FROM..TO with both
// days in it. Days are local days of the units, so no zone takes part here.

export interface Period {
	id: string;
	from: string; // first day
	to: string; // last day, in the period
}

export const periodIds = ["7d", "30d", "90d", "12m"] as const;
export const defaultPeriod = "30d";

const DAY_MS = 86_400_000;

export function dayNumber(day: string): number {
	return Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

export function dayText(number: number): string {
	return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

// kpi writes the days of a split as numbers, or as days.
export function dayOf(dimension: string): string {
	return /^-?\d+$/.test(dimension) ? dayText(Number(dimension)) : dimension;
}

export function today(now: Date = new Date()): string {
	const two = (n: number): string => String(n).padStart(2, "0");
	return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

export function isDay(text: string): boolean {
	if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
	const number = dayNumber(text);
	return !Number.isNaN(number) && dayText(number) === text;
}

export function readPeriod(text: string | undefined, now: string): Period {
	const range = /^(.{10})\.\.(.{10})$/.exec(text ?? "");
	const [from, to] = [range?.[1] ?? "", range?.[2] ?? ""];
	if (isDay(from) && isDay(to) && from <= to) return { id: `${from}..${to}`, from, to };
	const id = (periodIds as readonly string[]).includes(text ?? "") ? text! : defaultPeriod;
	const days = id === "12m" ? 365 : Number(id.slice(0, -1));
	return { id, from: dayText(dayNumber(now) - days + 1), to: now };
}

// The quarter that the day lies in, or the one n quarters earlier; both days in it.
export function quarterBefore(now: Date, n: number): Period {
	const month = (number: number): string =>
		dayText(Date.UTC(now.getFullYear(), number, 1) / DAY_MS);
	const first = 3 * (Math.floor(now.getMonth() / 3) - n);
	const from = month(first);
	const to = dayText(dayNumber(month(first + 3)) - 1);
	return { id: `${from}..${to}`, from, to };
}

export function lengthDays(p: Period): number {
	return dayNumber(p.to) - dayNumber(p.from) + 1;
}

// As long, and ending the day before.
export function periodBefore(p: Period): Period {
	const length = lengthDays(p);
	const from = dayText(dayNumber(p.from) - length);
	const to = dayText(dayNumber(p.from) - 1);
	return { id: `${from}..${to}`, from, to };
}

// As the API wants it: half open.
export function daysParameter(p: Period): string {
	return `${p.from}..${dayText(dayNumber(p.to) + 1)}`;
}

// For lists by time: from midnight to midnight in the zone of who looks.
export function timesOf(p: Period): { from_us: string; to_us: string } {
	const midnight = (day: string): string => {
		const [y = 0, m = 1, d = 1] = day.split("-").map(Number);
		return new Date(y, m - 1, d).toISOString();
	};
	return { from_us: midnight(p.from), to_us: midnight(dayText(dayNumber(p.to) + 1)) };
}

// A first-response clock runs two days: figures of days this young still move.
export const provisionalDays = 2;

export function isProvisional(day: string, now: string): boolean {
	return dayNumber(now) - dayNumber(day) < provisionalDays;
}
