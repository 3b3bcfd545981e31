// What a feed is asked for, by its kind.
import type { Field, Values } from "../../parts/values";

const kinds = ["FEED_RSS", "FEED_JSON", "FEED_MAIL"] as const;

const first: readonly Field[] = [
	{ name: "kind", type: "choice", required: true, options: kinds, words: "feed_kind", label: "feed_kind" },
	{ name: "code", type: "line", required: true, max: 64, hint: "field.code.hint" },
	{ name: "names", type: "names" },
];
const http: readonly Field[] = [
	{ name: "url", type: "line", required: true, max: 1024, hint: "feed.url.hint" },
	{ name: "secret", type: "line", hint: "field.secret.hint" },
	{ name: "secret_header", type: "line", label: "header_name", hint: "feed.header.hint" },
];
const mail: readonly Field[] = [
	{ name: "url", type: "line", required: true, max: 1024, hint: "field.imap.hint" },
	{ name: "secret_header", type: "line", required: true, label: "user" },
	{ name: "secret", type: "line", required: true, hint: "field.secret.hint" },
];
const last: readonly Field[] = [
	{ name: "every_s", type: "number", hint: "feed.every.hint" },
	{ name: "source", type: "line", max: 64, hint: "feed.source.hint" },
	{ name: "unit", type: "unit", hint: "feed.unit.hint" },
	{ name: "lang", type: "line", max: 35, hint: "feed.lang.hint" },
];
const mapped = [
	"items", "external_id", "text", "title", "url", "author", "published_at", "edited_at",
	"reach", "stars", "lang", "unit", "deleted", "next", "next_parameter",
] as const;
const mapping: readonly Field[] = mapped.map((name): Field => ({
	name: `mapping.${name}`, type: "line", label: `map_${name}`,
	...(name === "items" ? { hint: "feed.items.hint" } : {}),
	...(name === "external_id" ? { hint: "feed.external_id.hint" } : {}),
	...(name === "next_parameter" ? { hint: "feed.next.hint" } : {}),
}));

export function fieldsOf(values: Values): readonly Field[] {
	switch (values["kind"]) {
		case "FEED_RSS":
			return [...first, ...http, ...last];
		case "FEED_JSON":
			return [...first, ...http, ...mapping, ...last];
		case "FEED_MAIL":
			return [...first, ...mail, ...last];
		default:
			return first;
	}
}
