// What an organisation has written for everybody, by what stands below what: a public
// article at the top with others below it is a section of its own ("How to pay",
// "Publications"), with the title that it was given; what is left are the questions.
import type { FaqEntry } from "./types";

const top = (entry: FaqEntry): boolean => !entry.parent;

export function sectionsOf(entries: readonly FaqEntry[]): FaqEntry[] {
	return entries.filter((entry) => top(entry) && entries.some((below) => below.parent === entry.code));
}

// The newest first: of publications that is what is looked for.
export function below(entries: readonly FaqEntry[], code: string): FaqEntry[] {
	return entries.filter((entry) => entry.parent === code).sort((a, b) => (b.changed_at_us ?? "").localeCompare(a.changed_at_us ?? ""));
}

export function questionsOf(entries: readonly FaqEntry[]): FaqEntry[] {
	const codes = sectionsOf(entries).map((section) => section.code);
	return entries.filter((entry) => !codes.includes(entry.code) && !codes.includes(entry.parent ?? ""));
}
