// Every text of the staff's pages by its key. English is the list of keys; the
// compiler sees to it that the others have them all.
import { admin as adminEn } from "./admin.en";
import { admin as adminRu } from "./admin.ru";
import { admin as adminZh } from "./admin.zh";
import { en } from "./en";
import { lang, locale, type Lang } from "./lang";
import type { listen } from "./listen.en";
import { formatMessage, pseudo, type Values } from "./message";
import { office as officeEn } from "./office.en";
import { office as officeRu } from "./office.ru";
import { office as officeZh } from "./office.zh";
import { ru } from "./ru";
import type { social } from "./social.en";
import { zh } from "./zh";

export { labelText, lang, languages, locale, pickLang, setLang, useLang, type Lang } from "./lang";

export type Key = keyof typeof en | keyof typeof adminEn | keyof typeof officeEn | keyof typeof social | keyof typeof listen;

type Texts = Record<string, string>;

// A record of its own for each, so that a lookup of a key from the API ("x" in
// table) does not reach Object's own names.
const english: Texts = { ...en, ...adminEn, ...officeEn };
const tables: Record<Lang, Texts> = {
	en: english,
	ru: { ...ru, ...adminRu, ...officeRu },
	zh: { ...zh, ...adminZh, ...officeZh },
	xx: english,
};

// The texts of a section that is fetched when it is opened come with it.
export function addTexts(of: Record<"en" | "ru" | "zh", Readonly<Texts>>): void {
	for (const name of ["en", "ru", "zh"] as const) Object.assign(tables[name], of[name]);
}

export function t(key: Key, values?: Values): string {
	const text = formatMessage(tables[lang()][key] ?? key, locale(), values);
	return lang() === "xx" ? pseudo(text) : text;
}

// A text for a word of the API that may be newer than these pages.
export function word(group: string, value: string): string {
	const key = `${group}.${value}`;
	return Object.hasOwn(english, key) ? t(key as Key) : value;
}
