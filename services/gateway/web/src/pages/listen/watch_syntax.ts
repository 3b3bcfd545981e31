// A watch rule as coloured pieces for its editor. What is wrong with a rule, only the
// service says; here every text has pieces, and these put together are the text.

export type WatchPiece = {
	kind: "keyword" | "near" | "bracket" | "phrase" | "open" | "field" | "word" | "wildcard" | "space";
	text: string;
};

// "open" is a quote without its end. Quotes and brackets are those that an input
// method makes, too; a field takes its value with it.
const quote = String.raw`"(?:\\.|[^"\\])*"|«[^»]*»|“[^”]*”|„[^”“]*[”“]`;
const piece = new RegExp(
	[
		String.raw`(?<space>\s+)`,
		String.raw`(?<bracket>[()（）])`,
		`(?<phrase>${quote})`,
		String.raw`(?<open>["«“„].*)`,
		String.raw`(?<field>(?:source|lang|class|sentiment|topic|unit|author)[:：](?:${quote}|[^\s()（）"«“„]*)|reach[<>=＜＞＝]+\d*)`,
		String.raw`(?<word>[^\s()（）"«“„]+)`,
	].join("|"),
	"gisu",
);

function kindOfWord(word: string): WatchPiece["kind"] {
	if (word === "AND" || word === "OR" || word === "NOT") return "keyword";
	if (/^NEAR\/\d+$/.test(word)) return "near";
	return /[*?~]/.test(word) ? "wildcard" : "word";
}

export function watchPieces(rule: string): WatchPiece[] {
	return Array.from(rule.matchAll(piece), (match) => {
		const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] ?? "word";
		return { kind: kind === "word" ? kindOfWord(match[0]) : (kind as WatchPiece["kind"]), text: match[0] };
	});
}
