// Numbers, days and times for people, by Intl in the language of the pages.
import { locale, t } from "../i18n/i18n";

const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
	const key = locale() + JSON.stringify(options);
	let format = kept.get(key);
	if (!(format instanceof Intl.NumberFormat)) {
		format = new Intl.NumberFormat(locale(), options);
		kept.set(key, format);
	}
	return format;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = locale() + JSON.stringify(options);
	let format = kept.get(key);
	if (!(format instanceof Intl.DateTimeFormat)) {
		format = new Intl.DateTimeFormat(locale(), options);
		kept.set(key, format);
	}
	return format;
}

export function integer(n: number): string {
	return numbers({ maximumFractionDigits: 0 }).format(n);
}

export function decimal(n: number, digits: number): string {
	return numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n);
}

// A rate keeps three figures that mean something, however small it is.
export function rate(n: number): string {
	if (n === 0) return integer(0);
	return numbers({ maximumSignificantDigits: 3, minimumSignificantDigits: 2 }).format(n);
}

export function percent(share: number): string {
	return numbers({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(share);
}

// Minor units of a currency, as every protobuf message has them.
export function money(minor: string, currency: string): string {
	const value = Number(minor) / 100;
	if (!/^[A-Z]{3}$/.test(currency)) return decimal(value, 2);
	return numbers({ style: "currency", currency }).format(value);
}

export function bytes(n: number): string {
	return n < 1024 ? `${integer(n)} B` : `${integer(Math.ceil(n / 1024))} KiB`;
}

export function signed(n: number, format: (n: number) => string): string {
	return n < 0 ? `\u2212${format(-n)}` : `+${format(n)}`;
}

export function day(text: string): string {
	return dates({ day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(
		new Date(`${text}T00:00:00Z`),
	);
}

export function dayLong(text: string): string {
	return dates({ weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(
		new Date(`${text}T00:00:00Z`),
	);
}

export function dayShort(text: string): string {
	return dates({ day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${text}T00:00:00Z`));
}

// "2026-11".
export function month(text: string): string {
	return dates({ month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${text}-01T00:00:00Z`));
}

// This year's without the year; timeExact has it all.
export function time(text: string): string {
	const old = new Date(text).getFullYear() !== new Date().getFullYear();
	return dates({
		day: "numeric",
		month: "short",
		...(old ? { year: "numeric" } : {}),
		hour: "2-digit",
		minute: "2-digit",
		hourCycle: "h23",
	}).format(new Date(text));
}

export function timeExact(text: string): string {
	return dates({ dateStyle: "long", timeStyle: "long" }).format(new Date(text));
}

// The two largest parts: "3 d 4 h", "12 min".
export function duration(ms: number): string {
	const minutes = Math.floor(Math.abs(ms) / 60_000);
	const [d, h, m] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
	if (d >= 7) return t("duration.d", { d });
	if (d > 0) return t("duration.dh", { d, h });
	if (h > 0) return t("duration.hm", { h, m });
	return t("duration.m", { m });
}

// A chance: below one in a thousand nobody counts zeros.
export function chance(p: number): string {
	return p < 0.001 ? `< ${decimal(0.001, 3)}` : decimal(p, 3);
}
