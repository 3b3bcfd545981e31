// Complaining, asking and applying are one form; an application chooses an activity
// and is told its time.
import { useState } from "preact/hooks";
import { labelText } from "../i18n/lang";
import { address } from "../lib/router";
import { Field, FaultList, nobody, personFaults, PersonFields, ProblemLine, Receipt, SendButton, useSending } from "./form";
import { useLoaded } from "./loaded";
import { keep } from "./kept";
import type { Choice, Choices, Receipted } from "./types";
import { UnitField } from "./unit-field";
import { Wait } from "./wait";
import { say } from "./words";

export type Purpose = "complain" | "ask" | "apply";
const kinds: Record<Purpose, string> = { complain: "complaint", ask: "enquiry", apply: "statement" };

function leadText(choice: Choice | undefined): string {
	if (!choice?.lead_days) return "";
	return say(choice.lead_working_days ? "lodge.lead.working" : "lodge.lead.calendar", { n: choice.lead_days });
}

export function LodgePage({ purpose }: { purpose: Purpose }) {
	const choices = useLoaded<Choices>("/choices");
	const [kind, setKind] = useState("");
	const [topic, setTopic] = useState("");
	const [unit, setUnit] = useState("");
	const [text, setText] = useState("");
	const [person, setPerson] = useState(nobody);
	const [consent, setConsent] = useState(false);
	const [website, setWebsite] = useState("");
	const [receipt, setReceipt] = useState<Receipted | undefined>();
	const sending = useSending();

	if (receipt)
		return (
			<Receipt title={say("done.title")} number={receipt.number} code={receipt.code}>
				<p><a class="main" href={address("/public/follow")} onClick={() => keep(receipt)}>{say("done.follow")}</a></p>
			</Receipt>
		);
	if (!choices.data) return <Wait of={choices} />;
	const apply = purpose === "apply";
	const topics = (apply ? choices.data.activities : choices.data.topics) ?? [];
	if (apply && topics.length === 0) return <p>{say("lodge.activity.none")}</p>;
	const known = choices.data.kinds ?? [];
	// A directory that has not the kind of this purpose: people choose one of its own.
	const fixed = known.some((k) => k.code === kinds[purpose]) ? kinds[purpose] : "";

	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		const missing = [
			...(fixed === "" && kind === "" ? ["kind"] : []),
			...(topic === "" ? ["topic"] : []),
			...(unit === "" ? ["unit"] : []),
			...(text.trim() === "" ? ["text"] : []),
			...personFaults(person, consent),
		];
		sending.name(missing);
		if (missing.length > 0) return;
		const done = await sending.post<Receipted>("/appeals", { kind: fixed || kind, topic, unit, text, person, consent, website });
		if (done) setReceipt(done);
	};
	const lead = leadText(topics.find((c) => c.code === topic));
	return (
		<form onSubmit={submit} noValidate>
			<FaultList faults={sending.faults} />
			<p class="soft">{say("form.required")}</p>
			{fixed === "" && (
				<Field name="kind" label={say("lodge.kind")} faults={sending.faults}>
					{(tie) => (
						<select {...tie} value={kind} onChange={(e) => setKind(e.currentTarget.value)}>
							<option value="">{say("form.choose")}</option>
							{known.map((c) => <option key={c.code} value={c.code}>{labelText(c.names, c.code)}</option>)}
						</select>
					)}
				</Field>
			)}
			<Field name="topic" label={say(apply ? "lodge.activity" : "lodge.topic")} faults={sending.faults} {...(lead ? { hint: lead } : {})}>
				{(tie) => (
					<select {...tie} value={topic} onChange={(e) => setTopic(e.currentTarget.value)}>
						<option value="">{say("form.choose")}</option>
						{topics.map((c) => <option key={c.code} value={c.code}>{labelText(c.names, c.code)}</option>)}
					</select>
				)}
			</Field>
			<UnitField value={unit} faults={sending.faults} onChange={setUnit} />
			<Field name="text" label={say(apply ? "lodge.text.apply" : purpose === "ask" ? "lodge.text.ask" : "lodge.text")} faults={sending.faults}>
				{(tie) => <textarea {...tie} rows={6} maxLength={15000} value={text} onInput={(e) => setText(e.currentTarget.value)} />}
			</Field>
			<PersonFields value={person} consent={consent} website={website} faults={sending.faults} onChange={setPerson} onConsent={setConsent} onWebsite={setWebsite} />
			<ProblemLine text={sending.problem} />
			<SendButton busy={sending.busy}>{say("form.send")}</SendButton>
		</form>
	);
}
