// The state of a case and of its clock: a shape and a word each, the colour third.
import { t, word } from "../i18n/i18n";
import { duration, time, timeExact } from "../lib/format";
import type { AppealClock, AppealFacts, AppealState } from "../lib/types";

const shapes: Record<AppealState, string> = {
	APPEAL_PENDING: "◌",
	APPEAL_REGISTERED: "○",
	APPEAL_CLASSIFIED: "◔",
	APPEAL_ANSWERED: "◑",
	APPEAL_RESOLVED: "◕",
	APPEAL_CLOSED: "●",
	APPEAL_ROUTED: "◔",
	APPEAL_INVESTIGATED: "◑",
	APPEAL_INFORMED: "◕",
	APPEAL_REOPENED: "↻",
	APPEAL_WITHDRAWN: "⊘",
	APPEAL_MERGED: "⊕",
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

// Less than this part of the whole time left is soon.
const SOON_SHARE = 0.2;

export function clockName(code: string | undefined): string {
	return word("clock", code ?? "");
}

export function clockView(clock: AppealClock | undefined, now: number): ClockView | null {
	if (!clock?.state || !clock.due_us || !clock.started_at_us) return null;
	const due = Date.parse(clock.due_us);
	const from = Date.parse(clock.started_at_us);
	const stopped = clock.stopped_at_us ? Date.parse(clock.stopped_at_us) : 0;
	const end = stopped || now;
	const share = Math.min(1, Math.max(0, (end - from) / Math.max(1, due - from)));
	const title = t("clock.due_at", { clock: clockName(clock.clock), time: timeExact(clock.due_us) });
	const late = duration(end - due);
	if (clock.state === "CLOCK_MET")
		return { tone: "good", shape: "✓", text: t("clock.met", { took: duration(end - from) }), share, title };
	if (clock.state === "CLOCK_PAUSED")
		return { tone: "idle", shape: "‖", text: t("clock.paused", { left: duration(Math.max(0, due - now)) }), share, title };
	if (stopped !== 0)
		return { tone: "bad", shape: "▲", text: t("clock.answered_late", { late }), share: 1, title };
	if (now >= due)
		return { tone: "bad", shape: "▲", text: t("clock.overdue", { late }), share: 1, title };
	const left = due - now;
	const text = t("clock.left", { left: duration(left) });
	const warned = clock.warn_us ? now >= Date.parse(clock.warn_us) : left < SOON_SHARE * (due - from);
	return warned
		? { tone: "warn", shape: "◆", text, share, title }
		: { tone: "idle", shape: "◷", text, share, title };
}

// The clock that a list shows: of those that run the one due first, else the one
// that ended worst.
export function clockOf(facts: AppealFacts | undefined): AppealClock | undefined {
	const clocks = facts?.clocks ?? [];
	const running = clocks.filter((c) => !c.stopped_at_us && c.due_us);
	const first = (a: AppealClock, b: AppealClock): number => Date.parse(a.due_us ?? "") - Date.parse(b.due_us ?? "");
	return running.sort(first)[0] ?? clocks.find((c) => c.state === "CLOCK_BREACHED") ?? clocks.at(-1);
}

export function ClockMark({ facts, now }: { facts: AppealFacts | undefined; now: number }) {
	const of = clockOf(facts);
	const clock = clockView(of, now);
	if (!clock) return <span class="soft">{t("clock.none")}</span>;
	return (
		<span class={`mark tone-${clock.tone}`} title={clock.title}>
			<span aria-hidden="true">{clock.shape}</span> {clock.text} <small class="soft">{clockName(of?.clock)}</small>
		</span>
	);
}

function ClockBar({ of, now }: { of: AppealClock; now: number }) {
	const clock = clockView(of, now);
	if (!clock) return null;
	return (
		<li class={`clock tone-${clock.tone}`}>
			<p>
				<strong>{clockName(of.clock)}: <span aria-hidden="true">{clock.shape}</span> {clock.text}</strong>{" "}
				<span class="soft">{t("clock.due", { time: time(of.due_us!) })}</span>
				{of.extended ? <span class="soft"> · {t("clock.extended")}</span> : null}
			</p>
			<div class="clock-bar" aria-hidden="true">
				<div class="clock-used" style={{ width: `${clock.share * 100}%` }} />
			</div>
		</li>
	);
}

// All clocks of a case: those that run, by what is due first, before those that ended.
export function ClockBars({ facts, now }: { facts: AppealFacts | undefined; now: number }) {
	const clocks = [...(facts?.clocks ?? [])].sort(
		(a, b) => Number(Boolean(a.stopped_at_us)) - Number(Boolean(b.stopped_at_us)) || Date.parse(a.due_us ?? "") - Date.parse(b.due_us ?? ""),
	);
	if (clocks.length === 0) return <p class="soft">{t("clock.none")}</p>;
	return <ul class="clocks" aria-label={t("clock.title")}>{clocks.map((c) => <ClockBar key={c.clock} of={c} now={now} />)}</ul>;
}

// What sets a case apart: a word each, as short as a list needs.
export function Flags({ facts }: { facts: AppealFacts | undefined }) {
	const f = facts ?? {};
	const flags: [string, string, string][] = [];
	if (f.green_channel) flags.push(["good", "▸", t("flag.green")]);
	if (f.escalation) flags.push(["bad", "↑", word("level", f.escalation)]);
	if (f.red_line && f.red_line_outcome !== "RED_LINE_DISMISSED") flags.push(["bad", "⛔", t("flag.red_line")]);
	if (f.repeat_of) flags.push(["warn", "↻", t(f.repeat_provisional ? "flag.repeat_provisional" : "flag.repeat")]);
	if (f.reopened) flags.push(["warn", "↺", t("flag.reopened", { n: f.reopened })]);
	return (
		<>
			{flags.map(([tone, shape, text]) => (
				<span key={text} class={`mark tone-${tone}`}><span aria-hidden="true">{shape}</span> {text} </span>
			))}
		</>
	);
}
