// Every text of the staff's pages by its key. English is the list of keys; the
// compiler sees to it that the others have them all.
import { admin as adminEn } from "./admin.en";
import { admin as adminRu } from "./admin.ru";
import { admin as adminZh } from "./admin.zh";
import { en } from "./en";
import { lang, locale, type Lang } from "./lang";
import { listen as listenEn } from "./listen.en";
import { listen as listenRu } from "./listen.ru";
import { listen as listenZh } from "./listen.zh";
import { formatMessage, pseudo, type Values } from "./message";
import { office as officeEn } from "./office.en";
import { office as officeRu } from "./office.ru";
import { office as officeZh } from "./office.zh";
import { ru } from "./ru";
import { zh } from "./zh";

export { labelText, lang, languages, locale, pickLang, setLang, useLang, type Lang } from "./lang";

export type Key = keyof typeof en | keyof typeof adminEn | keyof typeof officeEn | keyof typeof listenEn;

// A record of its own for each, so that a lookup of a key from the API ("x" in
// table) does not reach Object's own names.
const english = { ...en, ...adminEn, ...officeEn, ...listenEn };
const tables: Record<Lang, Readonly<Record<Key, string>>> = {
	en: english,
	ru: { ...ru, ...adminRu, ...officeRu, ...listenRu },
	zh: { ...zh, ...adminZh, ...officeZh, ...listenZh },
	xx: english,
};

export function t(key: Key, values?: Values): string {
	const text = formatMessage(tables[lang()][key], locale(), values);
	return lang() === "xx" ? pseudo(text) : text;
}

// A text for a word of the API that may be newer than these pages.
export function word(group: string, value: string): string {
	const key = `${group}.${value}`;
	return Object.hasOwn(english, key) ? t(key as Key) : value;
}
