// One's own case: where it stands, in words and dates, and what can be done with it.
import { useEffect, useRef, useState } from "preact/hooks";
import { labelText } from "../i18n/lang";
import { CaseActs } from "./acts";
import { FaultList, Field, ProblemLine, SendButton, useSending } from "./form";
import { taken } from "./kept";
import type { Followed, Receipted } from "./types";
import { say, sayOf, timeText } from "./words";

const marks: Record<string, string> = { STEP_DONE: "✓", STEP_DONE_LATE: "✓", STEP_OVERDUE: "▲", STEP_DROPPED: "–" };

function Steps({ of }: { of: Followed }) {
	return (
		<section>
			<h3>{say("follow.steps")}</h3>
			<ol class="steps">
				{(of.steps ?? []).map((s) => (
					<li key={s.step} class={s.state === "STEP_OVERDUE" ? "late" : s.done_at_us ? "done" : ""}>
						<span aria-hidden="true">{marks[s.state ?? ""] ?? "○"}</span>
						<div>
							<b>{s.names?.length ? labelText(s.names, "") : say("follow.step")}</b>
							<p>{sayOf("step", s.state ?? "STEP_NONE", "step.STEP_NONE")}{", "}{s.done_at_us ? say("follow.done_at", { at: timeText(s.done_at_us) }) : s.due_us ? say("follow.due", { at: timeText(s.due_us) }) : ""}</p>
						</div>
					</li>
				))}
			</ol>
		</section>
	);
}

function Words({ of }: { of: Followed }) {
	return (
		<section>
			<h3>{say("follow.words")}</h3>
			<ol class="words">
				{(of.words ?? []).map((w, i) => (
					<li key={i} class={w.own ? "own" : ""}>
						<p class="soft"><b>{sayOf("word", w.kind ?? "", "word.WORD_NONE")}</b>{" · "}{say(w.own ? "follow.you" : "follow.we")}{" · "}{timeText(w.at_us)}</p>
						{w.text && <blockquote dir="auto">{w.text}</blockquote>}
					</li>
				))}
			</ol>
		</section>
	);
}

function Promises({ of }: { of: Followed }) {
	if (!of.promises?.length) return null;
	return (
		<section>
			<h3>{say("follow.promises")}</h3>
			<ul class="words">
				{of.promises.map((p, i) => (
					<li key={i}>
						<blockquote dir="auto">{p.text}</blockquote>
						<p class="soft">{sayOf("step", p.state ?? "STEP_NONE", "step.STEP_NONE")}{p.due_us ? `, ${say("follow.due", { at: timeText(p.due_us) })}` : ""}</p>
					</li>
				))}
			</ul>
		</section>
	);
}

function Case({ of, known, onChanged, onOther }: { of: Followed; known: Receipted; onChanged: () => Promise<void>; onOther: () => void }) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus(), [of.state]);
	const about = [labelText(of.kind_names, ""), labelText(of.topic_names, of.topic ?? ""), labelText(of.unit_names, of.unit ?? "")].filter(Boolean);
	return (
		<>
			<div class="state">
				<h2 tabIndex={-1} ref={heading}>{sayOf("state", of.state ?? "PUBLIC_NONE", "state.PUBLIC_NONE")}</h2>
				<p><code>{of.number}</code></p>
				<p>{about.map((a, i) => <span key={i} class="code">{i > 0 ? " · " : ""}{a}</span>)}</p>
				{of.lodged_at_us && <p class="soft">{say("follow.lodged", { at: timeText(of.lodged_at_us) })}</p>}
			</div>
			<Steps of={of} />
			<Promises of={of} />
			<Words of={of} />
			{of.outside_appeal_until_us && (
				<section class="box">
					<p>{say("follow.outside", { at: timeText(of.outside_appeal_until_us) })}</p>
					{of.outside_appeal_texts && <p class="code">{labelText(of.outside_appeal_texts, "")}</p>}
				</section>
			)}
			<CaseActs of={of} known={known} onDone={onChanged} />
			<p><button type="button" class="quiet" onClick={onOther}>{say("follow.other")}</button></p>
		</>
	);
}

export function FollowPage() {
	const [known, setKnown] = useState<Receipted>({ number: "", code: "" });
	const [seen, setSeen] = useState<Followed | undefined>();
	const sending = useSending();
	const show = async (of: Receipted): Promise<void> => {
		const next = await sending.post<Followed>("/appeals/follow", { number: of.number.trim().toUpperCase(), code: of.code.trim() });
		if (next) setSeen(next);
	};
	useEffect(() => {
		const receipt = taken();
		if (!receipt) return;
		setKnown(receipt);
		void show(receipt);
	}, []);
	if (seen)
		return (
			<Case
				of={seen}
				known={{ number: seen.number, code: known.code.trim() }}
				onChanged={() => show(known)}
				onOther={() => { setSeen(undefined); setKnown({ number: "", code: "" }); }}
			/>
		);
	return (
		<form noValidate onSubmit={(e) => { e.preventDefault(); void show(known); }}>
			<FaultList faults={sending.faults} />
			<Field name="number" label={say("done.number")} faults={{}}>
				{(tie) => <input {...tie} autocomplete="off" autocapitalize="characters" spellcheck={false} maxLength={40} value={known.number} onInput={(e) => setKnown({ ...known, number: e.currentTarget.value })} />}
			</Field>
			<Field name="code" label={say("done.code")} faults={sending.faults}>
				{(tie) => <input {...tie} autocomplete="off" autocapitalize="none" spellcheck={false} maxLength={60} value={known.code} onInput={(e) => setKnown({ ...known, code: e.currentTarget.value })} />}
			</Field>
			<ProblemLine text={sending.problem} />
			<SendButton busy={sending.busy}>{say("follow.show")}</SendButton>
		</form>
	);
}
