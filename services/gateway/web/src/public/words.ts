// Every text of the pages for everybody. English is the list of keys.
import { lang, locale, type Lang } from "../i18n/lang";
import { formatMessage, pseudo, type Values } from "../i18n/message";
import { en } from "./words/en";
import { ru } from "./words/ru";
import { zh } from "./words/zh";

export type Word = keyof typeof en;
const tables: Record<Lang, Readonly<Record<Word, string>>> = { en, ru, zh, xx: en };

export function say(key: Word, values?: Values): string {
	const text = formatMessage(tables[lang()][key], locale(), values);
	return lang() === "xx" ? pseudo(text) : text;
}

// Of a group, by a word of the API; other: for what these pages do not know yet.
export function sayOf(group: string, name: string, other: Word): string {
	const key = `${group}.${name}`;
	return say(Object.hasOwn(en, key) ? (key as Word) : other);
}

export function dayText(day: string): string {
	return new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

export function monthText(day: string): string {
	return new Intl.DateTimeFormat(locale(), { month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

export function timeText(at: string): string {
	return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

export function dateText(at: string): string {
	return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", year: "numeric" }).format(new Date(at));
}

// Minutes of a centre's own day.
export function clockText(minute: number): string {
	return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}
