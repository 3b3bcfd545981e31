// The messages of proto/suyuan/v1/social*.proto, as lib/types.ts has those of cases.
import type { AppealClock, AppealState } from "../../lib/types";

export const mentionClasses = [
	"MENTION_CLAIM", "MENTION_QUESTION", "MENTION_SUGGESTION", "MENTION_PRAISE", "MENTION_NEWS", "MENTION_EVENT", "MENTION_SPAM", "MENTION_OTHER",
] as const;
export type MentionClass = (typeof mentionClasses)[number];
export const sentiments = ["SENTIMENT_NEGATIVE", "SENTIMENT_NEUTRAL", "SENTIMENT_POSITIVE"] as const;
export type Sentiment = (typeof sentiments)[number];
// By number, as the keys of counts have them.
export const classNumbers = [
	"", "MENTION_CLAIM", "MENTION_QUESTION", "MENTION_PRAISE", "MENTION_SUGGESTION", "MENTION_NEWS", "MENTION_EVENT", "MENTION_SPAM", "MENTION_OTHER",
] as const;
export const sentimentNumbers = ["", ...sentiments] as const;

export const reactionStates = [
	"REACTION_OPEN", "REACTION_ASSIGNED", "REACTION_ANSWERED", "REACTION_FORWARDED", "REACTION_RESULT", "REACTION_REPORTED", "REACTION_DISMISSED",
	"REACTION_MERGED",
] as const;
export type ReactionState = (typeof reactionStates)[number];

export interface MentionFacts {
	deleted?: boolean;
	source?: string;
	lang?: string;
	mention_class?: string;
	sentiment?: string;
	topic?: string;
	topics?: string[];
	element?: string;
	unit?: string;
	units?: string[];
	reach?: string;
	published_at_us?: string;
	model?: number;
	corrected?: boolean;
	spam?: boolean;
	cluster_id?: string;
	watches?: string[];
}

export interface TextSpan {
	begin?: number; // bytes of the text
	end?: number;
}

export interface ReactionFacts {
	state?: ReactionState;
	mention_id?: string;
	unit?: string;
	topic?: string;
	source?: string;
	mention_class?: string;
	sentiment?: string;
	priority?: number;
	owner?: string;
	published_at_us?: string;
	appeal_id?: string;
	clocks?: AppealClock[];
	merged_into?: string;
	mentions?: string;
}

export interface ReactionStep {
	step?: string;
	at_us?: string;
	by?: string;
	text?: string;
	url?: string;
	reason?: string;
	template?: string;
}

export interface Reaction {
	reaction_id: string;
	revision?: string;
	facts?: ReactionFacts;
	steps?: ReactionStep[];
	text?: string;
	author?: string;
	url?: string;
	appeal_state?: AppealState;
	appeal_external_id?: string;
}

export interface ListReactionsReply {
	reactions?: Reaction[];
	next_cursor?: string;
	open?: string;
	overdue?: string;
}

export interface Cluster {
	cluster_id: string;
	first_mention_id?: string;
	first_at_us?: string;
	last_at_us?: string;
	mentions?: string;
	authors?: string;
	sources?: string;
	reach?: string;
	last_hour?: string;
	mention_class?: string;
	sentiment?: string;
	topic?: string;
	unit?: string;
	text?: string;
	reaction_id?: string;
}

export interface ListClustersReply {
	clusters?: Cluster[];
	next_cursor?: string;
}

export interface Mention {
	mention_id: string;
	revision?: string;
	facts?: MentionFacts;
	external_id?: string;
	url?: string;
	author?: string;
	title?: string;
	text?: string;
	accepted_at_us?: string;
	edited_at_us?: string;
	brought_by?: string;
	feed?: string;
	class_probability?: number;
	sentiment_probability?: number;
	cluster?: Cluster;
	reaction?: Reaction;
	stars?: number;
	matched?: { watch?: string; spans?: TextSpan[] }[];
	tags?: string[];
	unsure?: boolean;
	erased?: boolean;
}

export interface ListMentionsReply {
	mentions?: Mention[];
	next_cursor?: string;
}

export interface MentionCount {
	keys?: string[];
	mentions?: string;
	reach?: string;
}

export interface GetMentionCountsReply {
	counts?: MentionCount[];
	truncated?: boolean;
}

export interface SourceGap {
	source?: string;
	from_us?: string;
	to_us?: string; // none: silent still
	usual_us?: string; // a length, not a time
}

export interface Source {
	source?: string;
	first_at_us?: string;
	last_at_us?: string;
	mentions?: string; // of the last 7 days
	silent?: boolean;
	usual_us?: string; // a length, not a time
	gaps?: SourceGap[];
}

export interface ListSourcesReply {
	sources?: Source[];
}

export interface Spike {
	spike_id: string;
	of?: string;
	code?: string;
	since_hour?: string;
	until_hour?: string;
	observed?: string;
	expected?: number;
	bound?: number;
	p_value?: number;
	baseline_days?: number;
	unit?: string;
	judged?: boolean;
	right?: boolean;
	judged_by?: string;
}

export interface ListSpikesReply {
	spikes?: Spike[];
	next_cursor?: string;
}

export const pressStates = ["PRESS_ASKED", "PRESS_AGREED", "PRESS_PUBLISHED", "PRESS_CLOSED"] as const;
export type PressState = (typeof pressStates)[number];

export interface PressQuestion {
	press_id: string;
	revision?: string;
	state?: PressState;
	medium?: string;
	asked_by?: string;
	question?: string;
	asked_at_us?: string;
	due_us?: string;
	owner?: string;
	unit?: string;
	topic?: string;
	statement?: string;
	drafted_by?: string;
	agreed_by?: string;
	agreed_at_us?: string;
	published?: { at_us?: string; where?: string; url?: string; by?: string }[];
}

export interface ListPressQuestionsReply {
	questions?: PressQuestion[];
	next_cursor?: string;
}

export interface DigestLine {
	code?: string;
	mentions?: string;
	usual?: string;
	reach?: string;
}

export interface Digest {
	day?: string;
	unit?: string;
	mentions?: string;
	usual?: string;
	classes?: DigestLine[];
	sentiments?: DigestLine[];
	topics?: DigestLine[];
	sources?: DigestLine[];
	units?: DigestLine[];
	clusters?: Cluster[];
	times?: { clock?: string; met?: string; breached?: string; running?: string; median_us?: string; p90_us?: string }[];
	spikes?: Spike[];
	gaps?: SourceGap[];
	made_at_us?: string;
	provisional?: boolean;
}

// A length that the API writes as a time since 1970.
export function lengthMs(text: string | undefined): number {
	return text === undefined ? 0 : Date.parse(text);
}
