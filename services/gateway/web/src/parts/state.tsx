// The state of a case and of its clock: a shape and a word each, the colour third.
import { t, word } from "../i18n/i18n";
import { duration, timeExact } from "../lib/format";
import type { AppealFacts, AppealState } from "../lib/types";

const shapes: Record<AppealState, string> = {
	APPEAL_PENDING: "◌",
	APPEAL_REGISTERED: "○",
	APPEAL_CLASSIFIED: "◔",
	APPEAL_ANSWERED: "◑",
	APPEAL_RESOLVED: "◕",
	APPEAL_CLOSED: "●",
};

export function StateMark({ state, saving }: { state: AppealState | undefined; saving?: boolean }) {
	if (state === undefined) return null;
	return (
		<span class={`mark mark-${state.toLowerCase()}`}>
			<span aria-hidden="true">{shapes[state] ?? "?"}</span> {word("state", state)}
			{saving && <i class="soft"> {t("state.saving")}</i>}
		</span>
	);
}

export type ClockTone = "good" | "warn" | "bad" | "idle";

export interface ClockView {
	tone: ClockTone;
	shape: string;
	text: string;
	share: number; // of the time allowed that is used, 0..1
	title: string;
}

// What is left below this is soon: a fifth of the two days that the clock has.
const SOON_MS = 9.6 * 3_600_000;

export function clockView(facts: AppealFacts | undefined, now: number): ClockView | null {
	const due = facts?.first_response_due_us;
	const begun = facts?.registered_at_us;
	if (!facts?.first_response || !due || !begun) return null;
	const dueMs = Date.parse(due);
	const from = Date.parse(begun);
	const end = facts.first_answer_at_us ? Date.parse(facts.first_answer_at_us) : now;
	const share = Math.min(1, Math.max(0, (end - from) / Math.max(1, dueMs - from)));
	const title = t("clock.due_at", { time: timeExact(due) });
	const late = duration(end - dueMs);
	if (facts.first_response === "CLOCK_MET")
		return { tone: "good", shape: "✓", text: t("clock.met", { took: duration(end - from) }), share, title };
	if (facts.first_answer_at_us)
		return { tone: "bad", shape: "▲", text: t("clock.answered_late", { late }), share: 1, title };
	if (now >= dueMs)
		return { tone: "bad", shape: "▲", text: t("clock.overdue", { late }), share: 1, title };
	const left = dueMs - now;
	const text = t("clock.left", { left: duration(left) });
	return left < SOON_MS
		? { tone: "warn", shape: "◆", text, share, title }
		: { tone: "idle", shape: "◷", text, share, title };
}

export function ClockMark({ facts, now }: { facts: AppealFacts | undefined; now: number }) {
	const clock = clockView(facts, now);
	if (!clock) return <span class="soft">{t("clock.none")}</span>;
	return (
		<span class={`mark tone-${clock.tone}`} title={clock.title}>
			<span aria-hidden="true">{clock.shape}</span> {clock.text}
		</span>
	);
}

export function ClockBar({ facts, now }: { facts: AppealFacts | undefined; now: number }) {
	const clock = clockView(facts, now);
	if (!clock) return <p class="soft">{t("clock.none")}</p>;
	return (
		<div class={`clock tone-${clock.tone}`}>
			<div class="clock-bar" aria-hidden="true">
				<div class="clock-used" style={{ width: `${clock.share * 100}%` }} />
			</div>
			<p>
				<strong><span aria-hidden="true">{clock.shape}</span> {clock.text}</strong>{" "}
				<span class="soft">{clock.title}</span>
			</p>
		</div>
	);
}
