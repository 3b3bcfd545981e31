// Every text of the staff's pages by its key. English is the list of keys; the
// compiler sees to it that the others have them all.
import { en } from "./en";
import { lang, locale, type Lang } from "./lang";
import { formatMessage, pseudo, type Values } from "./message";
import { ru } from "./ru";
import { zh } from "./zh";

export { labelText, lang, languages, locale, pickLang, setLang, useLang, type Lang } from "./lang";

export type Key = keyof typeof en;

// A record of its own for each, so that a lookup of a key from the API ("x" in
// table) does not reach Object's own names.
const tables: Record<Lang, Readonly<Record<Key, string>>> = { en, ru, zh, xx: en };

export function t(key: Key, values?: Values): string {
	const text = formatMessage(tables[lang()][key], locale(), values);
	return lang() === "xx" ? pseudo(text) : text;
}

// A text for a word of the API that may be newer than these pages.
export function word(group: string, value: string): string {
	const key = `${group}.${value}`;
	return Object.hasOwn(en, key) ? t(key as Key) : value;
}
