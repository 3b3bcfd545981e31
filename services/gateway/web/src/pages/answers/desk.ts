// Templates of answers and articles of the knowledge base: versions of a text, each a
// draft until a second person approves it. Both have one list, one page and one form.
import type { Label } from "../../lib/types";
import { bodyOf, valuesOf, type Field, type Values } from "../../parts/values";

export const kinds = ["templates", "articles"] as const;
export type Kind = (typeof kinds)[number];

export const fieldNames = [
	"appeal.external_id", "appeal.registered", "person.name", "unit.name", "department.name", "topic.name", "due.answer",
	"appeal.number", "notice.text", "rating.link",
] as const;
export type FieldName = (typeof fieldNames)[number];

export interface ArticleText {
	lang?: string;
	title?: string;
	body?: string;
}

export interface Version {
	code: string;
	version?: number;
	state?: "DESK_DRAFT" | "DESK_APPROVED" | "DESK_RETIRED";
	unit?: string;
	parent?: string; // of an article
	names?: Label[]; // of a template
	texts?: (Label & ArticleText)[];
	topics?: string[];
	kinds?: string[];
	public?: boolean; // of an article
	author?: string;
	decided_by?: string;
	made_at_us?: string;
	decided_at_us?: string;
	used?: string;
}

const where: readonly Field[] = [
	{ name: "unit", type: "unit", label: "for_unit", hint: "field.for_unit.hint" },
	{ name: "topics", type: "codes", taxonomy: "topic" },
	{ name: "kinds", type: "codes", taxonomy: "kind" },
];
const code: Field = { name: "code", type: "line", required: true, hint: "field.code.hint" };

export const fields: Record<Kind, readonly Field[]> = {
	templates: [code, { name: "names", type: "names", required: true }, { name: "texts", type: "texts", required: true, hint: "answers.fields_hint" }, ...where],
	articles: [
		code,
		{ name: "titles", type: "names", required: true },
		{ name: "bodies", type: "texts", required: true },
		{ name: "public", type: "check" },
		{ name: "parent", type: "line", label: "parent_article", hint: "field.parent_article.hint" },
		...where,
	],
};

// A title and a body stand together in the message, and apart in the form.
export function messageOf(kind: Kind, values: Values): Record<string, unknown> {
	const body = bodyOf(fields[kind], values);
	if (kind === "templates") return body;
	const { titles, bodies, ...rest } = body as { titles?: Label[]; bodies?: Label[] };
	const texts = (bodies ?? []).map((text) => ({
		lang: text.lang,
		title: titles?.find((title) => title.lang === text.lang)?.text ?? titles?.[0]?.text ?? "",
		body: text.text,
	}));
	return { ...rest, texts };
}

export function formValues(kind: Kind, version: Version | undefined): Values {
	if (!version) return {};
	const texts = version.texts ?? [];
	const split = kind === "templates" ? {} : {
		titles: texts.map((text) => ({ lang: text.lang, text: text.title })),
		bodies: texts.map((text) => ({ lang: text.lang, text: text.body })),
	};
	return valuesOf(fields[kind], { ...version, ...split });
}

// What is fixed in a text, and the fields that are filled in.
export function partsOf(text: string): { text: string; field: boolean; known: boolean }[] {
	return text.split(/(\{\{[^{}]*\}\})/).filter((part) => part !== "").map((part) => {
		const name = /^\{\{\s*([^{}]*?)\s*\}\}$/.exec(part)?.[1];
		if (name === undefined) return { text: part, field: false, known: true };
		return { text: name, field: true, known: (fieldNames as readonly string[]).includes(name) };
	});
}
