// Every language says everything, with the same placeholders and its own plurals.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { admin as adminEn } from "../src/i18n/admin.en";
import { admin as adminRu } from "../src/i18n/admin.ru";
import { admin as adminZh } from "../src/i18n/admin.zh";
import { en as baseEn } from "../src/i18n/en";
import { office as officeEn } from "../src/i18n/office.en";
import { office as officeRu } from "../src/i18n/office.ru";
import { office as officeZh } from "../src/i18n/office.zh";
import { listen as listenEn } from "../src/i18n/listen.en";
import { listen as listenRu } from "../src/i18n/listen.ru";
import { listen as listenZh } from "../src/i18n/listen.zh";
import { argumentsOf, formatMessage, pseudo } from "../src/i18n/message";
import { social as socialEn } from "../src/i18n/social.en";
import { social as socialRu } from "../src/i18n/social.ru";
import { social as socialZh } from "../src/i18n/social.zh";
import { ru } from "../src/i18n/ru";
import { zh } from "../src/i18n/zh";

const en: Record<string, string> = { ...baseEn, ...adminEn, ...officeEn, ...socialEn, ...listenEn };

const source = join(process.cwd(), "src");
const others: Record<string, Record<string, string>> = { ru: { ...ru, ...adminRu, ...officeRu, ...socialRu, ...listenRu }, zh: { ...zh, ...adminZh, ...officeZh, ...socialZh, ...listenZh } };

function sources(folder: string): string[] {
	return readdirSync(folder).flatMap((name) => {
		const path = join(folder, name);
		if (statSync(path).isDirectory()) return sources(path);
		return /\.tsx?$/.test(name) ? [path] : [];
	});
}

test("a text stands in one file", () => {
	const tables = [baseEn, adminEn, officeEn, socialEn, listenEn].flatMap((table) => Object.keys(table));
	assert.equal(new Set(tables).size, tables.length);
});

for (const [lang, table] of Object.entries(others)) {
	test(`${lang} has the keys of en, and no others`, () => {
		assert.deepEqual(Object.keys(table).sort(), Object.keys(en).sort());
	});
	test(`${lang} uses the placeholders of en`, () => {
		for (const [key, text] of Object.entries(en))
			assert.deepEqual(argumentsOf(table[key] ?? ""), argumentsOf(text), key);
	});
	test(`${lang} leaves nothing empty`, () => {
		for (const [key, text] of Object.entries(table)) assert.notEqual(text.trim(), "", key);
	});
}

test("every plural has the forms of its language", () => {
	for (const [lang, table] of Object.entries({ en, ...others })) {
		const forms = new Intl.PluralRules(lang).resolvedOptions().pluralCategories;
		for (const [key, text] of Object.entries(table)) {
			if (!text.includes(", plural,")) continue;
			for (const form of forms) assert.ok(text.includes(`${form} {`), `${lang} ${key}: ${form}`);
		}
	}
});

test("every key that is asked for by name is there", () => {
	for (const path of sources(source))
		for (const [, key] of readFileSync(path, "utf8").matchAll(/\bt\(\s*"([^"]+)"/g))
			assert.ok(Object.hasOwn(en, key ?? ""), `${path}: ${key}`);
});

test("every key is used", () => {
	const all = sources(source).filter((path) => !/i18n\/((admin|listen|office|social)\.)?(en|ru|zh)\.ts$/.test(path));
	const text = all.map((path) => readFileSync(path, "utf8")).join("\n");
	// "`series.${indicator}.days`" uses all that fit it; word("state", x) all of a group.
	const patterns = [...text.matchAll(/`([a-z][\w.]*\.\$\{[^`]*)`/g)].map(
		([, p]) => new RegExp(`^${(p ?? "").replace(/\./g, "\\.").replace(/\$\{.*?\}/g, ".+")}$`),
	);
	const groups = [...text.matchAll(/(?:word\(\s*|words: )"([^"]+)"/g)].map(([, group]) => `${group}.`);
	for (const key of Object.keys(en))
		assert.ok(
			text.includes(`"${key}"`) ||
				patterns.some((p) => p.test(key)) ||
				groups.some((g) => key.startsWith(g)),
			key,
		);
});

test("numbers choose the plural", () => {
	const text = "{n, plural, one {# строка} few {# строки} many {# строк} other {# строки}}";
	assert.equal(formatMessage(text, "ru", { n: 1 }), "1 строка");
	assert.equal(formatMessage(text, "ru", { n: 3 }), "3 строки");
	assert.equal(formatMessage(text, "ru", { n: 11 }), "11 строк");
	assert.equal(formatMessage("{n, plural, =0 {none} other {# rows}}", "en", { n: 0 }), "none");
	assert.equal(formatMessage("{n, plural, one {# row} other {# rows}}", "en", { n: 1200 }), "1,200 rows");
});

test("a value that looks like a message stays what it is", () => {
	assert.equal(formatMessage("Case {id}", "en", { id: "{n, plural, #}" }), "Case {n, plural, #}");
	assert.throws(() => formatMessage("{missing}", "en", {}));
});

test("the pseudo-locale is longer and in brackets", () => {
	const text = pseudo("Sign in");
	assert.match(text, /^\[.*\]$/u);
	assert.ok([...text].length >= 7 * 1.4);
	assert.doesNotMatch(text, /[aeiou]/);
});
