// Messages in the part of ICU's syntax that the pages use: {name}, {n, number},
// {n, plural, =0 {..} one {..} other {..}} with # for the number, and
// {x, select, a {..} other {..}}. Parsed once, kept.

export type Value = string | number;
export type Values = Record<string, Value>;

type Part =
	| { text: string }
	| { name: string }
	| { hash: true }
	| { name: string; kind: "plural" | "select"; cases: Map<string, Part[]> };

const parsed = new Map<string, Part[]>();

class Reader {
	private at = 0;
	constructor(private readonly source: string) {}

	parts(nested: boolean): Part[] {
		const out: Part[] = [];
		let text = "";
		const flush = () => {
			if (text !== "") out.push({ text });
			text = "";
		};
		while (this.at < this.source.length) {
			const c = this.source[this.at];
			if (c === "}" && nested) break;
			this.at++;
			if (c === "{") {
				flush();
				out.push(this.argument());
			} else if (c === "#" && nested) {
				flush();
				out.push({ hash: true });
			} else {
				text += c;
			}
		}
		flush();
		return out;
	}

	private until(stop: RegExp): string {
		const from = this.at;
		while (this.at < this.source.length && !stop.test(this.source[this.at] ?? ""))
			this.at++;
		return this.source.slice(from, this.at).trim();
	}

	private argument(): Part {
		const name = this.until(/[,}]/);
		if (this.source[this.at++] !== ",") return { name };
		const kind = this.until(/[,}]/);
		if (this.source[this.at++] !== ",") return { name };
		if (kind !== "plural" && kind !== "select")
			throw new Error(`message: unknown form ${kind}`);
		const cases = new Map<string, Part[]>();
		for (;;) {
			const key = this.until(/[{}]/);
			if (this.source[this.at++] !== "{") break;
			cases.set(key, this.parts(true));
			this.at++;
		}
		return { name, kind, cases };
	}
}

function parse(source: string): Part[] {
	let parts = parsed.get(source);
	if (parts === undefined) {
		parts = new Reader(source).parts(false);
		parsed.set(source, parts);
	}
	return parts;
}

function write(parts: Part[], values: Values, lang: string, hash: string): string {
	let out = "";
	for (const part of parts) {
		if ("text" in part) {
			out += part.text;
		} else if ("hash" in part) {
			out += hash;
		} else {
			const value = values[part.name];
			if (value === undefined) throw new Error(`message: no value ${part.name}`);
			const shown =
				typeof value === "number"
					? new Intl.NumberFormat(lang).format(value)
					: value;
			if (!("kind" in part)) {
				out += shown;
				continue;
			}
			const chosen =
				part.cases.get(part.kind === "plural" ? `=${value}` : String(value)) ??
				(part.kind === "plural"
					? part.cases.get(new Intl.PluralRules(lang).select(Number(value)))
					: undefined) ??
				part.cases.get("other");
			out += write(chosen ?? [], values, lang, shown);
		}
	}
	return out;
}

export function formatMessage(source: string, lang: string, values: Values = {}): string {
	return write(parse(source), values, lang, "");
}

// What a text needs, by name: the languages must agree in this.
export function argumentsOf(source: string): string[] {
	const names = new Set<string>();
	const walk = (parts: Part[]): void => {
		for (const part of parts) {
			if ("name" in part) names.add(part.name);
			if ("kind" in part) for (const inner of part.cases.values()) walk(inner);
		}
	};
	walk(parse(source));
	return [...names].sort();
}

// Longer by two fifths, every letter accented, in brackets: what is cut, built from
// pieces or not translated at all is seen at once.
const accents: Record<string, string> = {
	a: "á", b: "ƀ", c: "ç", d: "đ", e: "é", f: "ƒ", g: "ĝ", h: "ĥ", i: "í", j: "ĵ",
	k: "ķ", l: "ļ", m: "ɱ", n: "ñ", o: "ó", p: "þ", q: "ǫ", r: "ŕ", s: "š", t: "ţ",
	u: "ú", v: "ṽ", w: "ŵ", x: "ẋ", y: "ý", z: "ž",
};

export function pseudo(text: string): string {
	const letters = [...text].map((c) => accents[c] ?? c).join("");
	const more = "~".repeat(Math.ceil(text.length * 0.4)).replace(/~{8}/g, "$& ");
	return `[${letters}${more}]`;
}
