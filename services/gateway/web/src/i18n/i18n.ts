// Which language the pages speak, and every text by its key. English is the list of
// keys; the compiler sees to it that the others have them all.
import { useEffect, useState } from "preact/hooks";
import type { Label } from "../lib/types";
import { admin as adminEn } from "./admin.en";
import { admin as adminRu } from "./admin.ru";
import { admin as adminZh } from "./admin.zh";
import { en } from "./en";
import { formatMessage, pseudo, type Values } from "./message";
import { ru } from "./ru";
import { zh } from "./zh";

export type Key = keyof typeof en | keyof typeof adminEn;
export type Lang = "ru" | "zh" | "en" | "xx";

export const languages: readonly { lang: Lang; name: string }[] = [
	{ lang: "ru", name: "Русский" },
	{ lang: "zh", name: "中文" },
	{ lang: "en", name: "English" },
];

// A record of its own for each, so that a lookup of a key from the API ("x" in
// table) does not reach Object's own names.
const english = { ...en, ...adminEn };
const tables: Record<Lang, Readonly<Record<Key, string>>> = {
	en: english,
	ru: { ...ru, ...adminRu },
	zh: { ...zh, ...adminZh },
	xx: english,
};

let current: Lang = "en";
const listeners = new Set<() => void>();

function isLang(text: string | null | undefined): text is Lang {
	return text === "ru" || text === "zh" || text === "en" || text === "xx";
}

// What Intl knows: the pseudo-locale counts and dates as English does.
export function locale(): string {
	return current === "xx" ? "en" : current;
}

export function lang(): Lang {
	return current;
}

export function t(key: Key, values?: Values): string {
	const text = formatMessage(tables[current][key], locale(), values);
	return current === "xx" ? pseudo(text) : text;
}

// A text for a word of the API that may be newer than these pages.
export function word(group: string, value: string): string {
	const key = `${group}.${value}`;
	return Object.hasOwn(english, key) ? t(key as Key) : value;
}

export function setLang(next: Lang, keep = true): void {
	if (keep && next !== "xx") localStorage.setItem("suyuan.lang", next);
	current = next;
	document.documentElement.lang = next === "zh" ? "zh-CN" : locale();
	for (const listener of listeners) listener();
}

// By the address, what was chosen here before, the account, the browser; in this order.
export function pickLang(ofAccount?: string): void {
	const asked = new URLSearchParams(window.location.search).get("lang");
	const kept = localStorage.getItem("suyuan.lang");
	const browser = navigator.languages.map((l) => l.slice(0, 2));
	const found = [asked, kept, ofAccount, ...browser].find(isLang);
	setLang(found === "xx" && asked !== "xx" ? "en" : (found ?? "en"), false);
}

export function useLang(): Lang {
	const [now, set] = useState(current);
	useEffect(() => {
		const listener = (): void => set(current);
		listeners.add(listener);
		listener();
		return () => {
			listeners.delete(listener);
		};
	}, []);
	return now;
}

// A name of the directory in the language that is nearest.
export function labelText(names: Label[] | undefined, code: string): string {
	const by = (l: string): string | undefined => names?.find((n) => n.lang === l)?.text;
	return by(locale()) ?? by("en") ?? by("ru") ?? names?.[0]?.text ?? code;
}
