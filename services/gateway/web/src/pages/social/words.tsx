// What the pages of this section say the same way: classes, sentiments, states.
import { t, word } from "../../i18n/i18n";
import { ApiError } from "../../lib/api";
import * as format from "../../lib/format";
import { compare, changeText, figureOf } from "../../lib/indicator";
import { differenceShape } from "../../parts/figure";
import { clockView } from "../../parts/state";
import type { AppealClock } from "../../lib/types";
import type { ReactionState } from "./types";

export function className(code: string | undefined): string {
	return code ? word("mention_class", code.replace("MENTION_", "").toLowerCase()) : t("social.class.none");
}

export function sentimentName(code: string | undefined): string {
	return code ? word("sentiment", code) : t("social.sentiment.none");
}

const sentimentShapes: Record<string, [string, string]> = {
	SENTIMENT_NEGATIVE: ["−", "bad"],
	SENTIMENT_NEUTRAL: ["○", "idle"],
	SENTIMENT_POSITIVE: ["+", "good"],
};

export function SentimentMark({ of }: { of: string | undefined }) {
	const [shape, tone] = sentimentShapes[of ?? ""] ?? ["·", "idle"];
	return <span class={`mark tone-${tone}`}><span aria-hidden="true">{shape}</span> {sentimentName(of)}</span>;
}

const stateShapes: Record<ReactionState, [string, string]> = {
	REACTION_OPEN: ["○", "warn"],
	REACTION_ASSIGNED: ["◔", "warn"],
	REACTION_ANSWERED: ["●", "good"],
	REACTION_FORWARDED: ["◑", "idle"],
	REACTION_RESULT: ["◕", "warn"],
	REACTION_REPORTED: ["●", "good"],
	REACTION_DISMISSED: ["⊘", "idle"],
	REACTION_MERGED: ["⊕", "idle"],
};

export function ReactionMark({ state }: { state: ReactionState | undefined }) {
	if (!state) return null;
	const [shape, tone] = stateShapes[state];
	return <span class={`mark tone-${tone}`}><span aria-hidden="true">{shape}</span> {word("reaction", state)}</span>;
}

export function PriorityMark({ of }: { of: number | undefined }) {
	const n = of ?? 3;
	return <span class={n <= 2 ? "mark tone-bad" : "mark"} title={t("social.priority.title")}><span aria-hidden="true">{n <= 2 ? "▲" : n === 3 ? "◆" : "▽"}</span> {t("social.priority", { n })}</span>;
}

// The clock that runs, or the last.
export function currentClock(clocks: readonly AppealClock[] | undefined): AppealClock | undefined {
	return clocks?.find((clock) => !clock.stopped_at_us) ?? clocks?.[clocks.length - 1];
}

export function ClockWord({ clocks, now }: { clocks: readonly AppealClock[] | undefined; now: number }) {
	const of = currentClock(clocks);
	const view = clockView(of, now);
	if (!view) return <span class="soft">{t("clock.none")}</span>;
	return (
		<span class={`mark tone-${view.tone}`} title={view.title}>
			<span aria-hidden="true">{view.shape}</span> {view.text} <small class="soft">{word("clock", of?.clock ?? "")}</small>
		</span>
	);
}

// More, fewer, or no more than chance.
export function Change({ now, before }: { now: number; before: number }) {
	const [n, b] = [now, before].map((numerator) => figureOf("appeals", { numerator: String(numerator) })) as [ReturnType<typeof figureOf>, ReturnType<typeof figureOf>];
	const difference = compare(n, b);
	const text = difference === "unknown" ? t("trend.unknown") : difference === "alike" ? t("trend.alike", { before: format.integer(before) }) : t("trend.percent", { change: changeText(n, b), before: format.integer(before) });
	return <span class="soft"><span aria-hidden="true">{differenceShape[difference]}</span> {text}</span>;
}

// The installation has no social service.
export function absent(error: ApiError | undefined): boolean {
	return error?.status === 501;
}

// Only what a browser may open; what came from outside is not trusted to be a link.
export function Outside({ url }: { url: string | undefined }) {
	if (!url) return null;
	if (!/^https?:\/\//i.test(url)) return <bdi lang="">{url}</bdi>;
	return <a href={url} target="_blank" rel="noopener noreferrer nofollow">{t("social.there")} <span aria-hidden="true">↗</span></a>;
}
