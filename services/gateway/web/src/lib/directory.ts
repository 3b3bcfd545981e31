// Records of the directory as the API has them (lib/types.ts says how), and their
// days of validity: from the first day on, until the day from which they are gone.
import { labelText } from "../i18n/i18n";
import type { Hours } from "../parts/values";
import type { Label } from "./types";

// Any record: which fields it has is in pages/directory/records.ts.
export type Dated = Record<string, unknown> & {
	names?: Label[];
	valid_from_day?: string;
	valid_to_day?: string;
};
export type DirectoryRecord = Record<string, Dated>;

export interface Versions {
	versions?: DirectoryRecord[]; // the newest first
	revision?: string;
}

export interface RecordProblems {
	problems?: { index?: number; error?: { code?: string; field?: string; text?: string } }[];
	would_change?: number;
	unchanged?: number;
}

export interface PolicyMatch {
	kind?: string;
	channel?: string;
	topic?: string;
	segment?: string;
	unit?: string;
	product?: string;
}

export interface ClockRule {
	clock?: string;
	match?: PolicyMatch;
	order?: number;
	start?: string;
	stop?: string;
	measure?: string;
	amount?: number;
	warn_before?: number;
	may_pause?: boolean;
	extension_max?: number;
	calendar?: string;
	names?: Label[];
	basis?: string;
}

export interface ReactionRule {
	match?: PolicyMatch; // kind: class of the mention; channel: its source
	order?: number;
	sentiment?: string;
	min_reach?: string;
	min_mentions?: number;
	watch?: string;
	priority?: number;
	answer_minutes?: number;
	inquiry_days?: number;
	inquiry_days_max?: number;
	report_minutes?: number;
	calendar?: string;
	appeal_kind?: string;
}

export interface SpamRule {
	burst?: number;
	copies_least?: number;
	copies_percent?: number;
	links_least?: number;
	links_percent?: number;
}

export interface Policy extends Dated {
	code: string;
	clock?: ClockRule;
	routing?: { match?: PolicyMatch; order?: number; unit?: string; department?: string; skill?: string; green_channel?: boolean };
	repeat?: { match?: PolicyMatch; window_days?: number };
	remedy?: { match?: PolicyMatch; remedy?: string; free_limit_minor?: string; limit_minor?: string; currency?: string };
	outside_appeal?: { match?: PolicyMatch; days?: number; texts?: Label[] };
	notice?: { match?: PolicyMatch; event?: string; template?: string };
	lookup?: { match?: PolicyMatch; url?: string; method?: string; shown?: { pointer?: string; names?: Label[] }[] };
	reaction?: ReactionRule;
	spam?: SpamRule;
}

export const ruleKinds = ["clock", "routing", "repeat", "remedy", "outside_appeal", "notice", "lookup", "reaction", "spam"] as const;
export type RuleKind = (typeof ruleKinds)[number];

export interface CalendarDay extends Dated {
	calendar: string;
	day: string;
	hours?: Hours[];
	like_weekday?: number;
}

export interface Calendar extends Dated {
	code: string;
	week?: { weekday: number; hours?: Hours[] }[];
}

export interface CentreQuarter {
	first_day?: string;
	opened?: number;
	in_preparation?: number;
}

export type Validity = "now" | "future" | "past";

// [from, to); to empty: open.
export function validityOf(from: string | undefined, to: string | undefined, day: string): Validity {
	if ((from ?? "") > day) return "future";
	return to && to <= day ? "past" : "now";
}

// Of versions of one record, the newest first: each with the day on which it ended,
// by itself or because the next one began.
export function spans<T extends Dated>(versions: readonly T[]): { record: T; from: string; to: string }[] {
	return versions.map((record, i) => {
		const next = versions[i - 1]?.valid_from_day ?? "";
		const own = record.valid_to_day ?? "";
		return { record, from: record.valid_from_day ?? "", to: own !== "" && (next === "" || own < next) ? own : next };
	});
}

export function nameOf(record: Dated | undefined, code: string): string {
	return labelText(record?.names, code);
}
