// Messages of the social service that these pages alone show.
import type { Label } from "../../lib/types";
import type { TextSpan } from "../social/types";

export interface Watch extends Record<string, unknown> {
	code: string;
	names?: Label[];
	query?: string;
	version?: number;
	ended?: boolean;
	sensitivity?: number;
	reaction?: boolean;
	owner?: string;
	unit?: string;
	changed_at_us?: string;
	changed_by?: string;
	hits?: string | undefined;
	judged?: string | undefined;
	right?: string | undefined;
	precision_low?: number | undefined;
	precision_high?: number | undefined;
}
export interface ListWatchesReply {
	watches?: Watch[];
	next_cursor?: string;
}
export interface WatchProblem {
	column?: number; // characters from 1
	text?: string;
}
export interface PreviewWatchReply {
	problem?: WatchProblem;
	looked_at?: string;
	hits?: string;
	sampled?: boolean;
	total?: string;
	examples?: {
		mention_id?: string;
		source?: string;
		published_at_us?: string;
		text?: string;
		span_begin?: number[];
		span_end?: number[];
	}[];
	formatted?: string;
}

export interface ModelScore {
	head?: string;
	lang?: string; // none: all
	label?: string; // none: macro mean
	n?: string;
	f1?: number;
	f1_low?: number;
	f1_high?: number;
	f1_in_use?: number; // -1: there is none
}
export interface Model {
	version?: number; // none: the profile's rules
	state?: "MODEL_CANDIDATE" | "MODEL_IN_USE" | "MODEL_RETIRED";
	made_by?: string;
	made_at_us?: string;
	note?: string;
	bytes?: string;
	examples?: string;
	scores?: ModelScore[];
	in_use_since_us?: string;
	used_by?: string;
}
export interface ListModelsReply {
	models?: Model[];
	labels?: string;
	labels_since?: string;
}
export interface ExplainMentionReply {
	label?: string;
	probability?: number;
	threshold?: number;
	model?: number;
	words?: (TextSpan & { weight?: number; text?: string })[];
}

export interface FeedState {
	asked_at_us?: string;
	answered_at_us?: string;
	next_at_us?: string;
	failures?: number;
	problem?: string;
	mentions?: string;
	last_mention_at_us?: string;
	bytes?: string;
	unchanged?: string;
	refused?: string;
}
export interface Feed extends Record<string, unknown> {
	code: string;
	names?: Label[];
	kind?: "FEED_RSS" | "FEED_JSON" | "FEED_MAIL";
	source?: string;
	url?: string;
	ended?: boolean;
	version?: number;
	state?: FeedState;
}
export interface ListFeedsReply {
	feeds?: Feed[];
	next_cursor?: string;
}
export interface TryFeedReply {
	problem?: string; // none: it works
	field?: string;
	items?: number;
	refused?: number;
	mentions?: { external_id?: string; url?: string; title?: string; text?: string; published_at_us?: string }[];
	status?: number;
	bytes?: string;
}
