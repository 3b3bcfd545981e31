// What a customer may do with the case now. One form at a time.
import { useState } from "preact/hooks";
import { FaultList, Field, ProblemLine, SendButton, useSending } from "./form";
import type { Followed, Receipted } from "./types";
import { say, type Word } from "./words";

// Twice as long in a request, which is 1 MiB at most.
const FILE_MAX = 500_000;
type Act = "ACT_ADD" | "ACT_ATTACH" | "ACT_WITHDRAW" | "ACT_REOPEN" | "ACT_RATE";
const names: Record<Act, Word> = {
	ACT_ADD: "follow.add",
	ACT_ATTACH: "follow.file",
	ACT_WITHDRAW: "follow.withdraw",
	ACT_REOPEN: "follow.reopen",
	ACT_RATE: "follow.rate",
};
const asks: Partial<Record<Act, Word>> = {
	ACT_ADD: "follow.add.text",
	ACT_WITHDRAW: "follow.withdraw.text",
	ACT_REOPEN: "follow.reopen.text",
	ACT_RATE: "follow.rate.text",
};

// As the API has bytes.
async function hex(file: File): Promise<string> {
	const bytes = new Uint8Array(await file.arrayBuffer());
	return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

export function RatingField({ value, fault, onChange }: { value: number; fault: string | undefined; onChange: (rating: number) => void }) {
	return (
		<fieldset class={fault ? "field field-bad rating" : "field rating"}>
			<legend>{say("rating.legend")}</legend>
			{fault && <p class="fault"><span aria-hidden="true">▲</span> {fault}</p>}
			{([5, 4, 3, 2, 1] as const).map((n) => (
				<label key={n} class="check">
					<input id={n === 5 ? "f-rating" : `f-rating-${n}`} type="radio" name="rating" checked={value === n} onChange={() => onChange(n)} />
					<span>{say(`rating.${n}`)}</span>
				</label>
			))}
		</fieldset>
	);
}

export function CaseActs({ of, known, onDone }: { of: Followed; known: Receipted; onDone: () => Promise<void> }) {
	const [act, setAct] = useState<Act | undefined>();
	const [text, setText] = useState("");
	const [rating, setRating] = useState(0);
	const [file, setFile] = useState<File | undefined>();
	const [said, setSaid] = useState("");
	const sending = useSending();
	const may: Act[] = [];
	if (of.may_add) may.push("ACT_ADD", "ACT_ATTACH");
	if (of.may_rate) may.push("ACT_RATE");
	if (of.may_reopen) may.push("ACT_REOPEN");
	if (of.may_withdraw) may.push("ACT_WITHDRAW");

	const choose = (next: Act | undefined): void => {
		setAct(next);
		setText("");
		setRating(0);
		setFile(undefined);
		setSaid("");
		sending.name([]);
	};
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		const wrong: string[] = [];
		if ((act === "ACT_ADD" || act === "ACT_REOPEN") && text.trim() === "") wrong.push("text");
		if (act === "ACT_RATE" && rating === 0) wrong.push("rating");
		if (act === "ACT_ATTACH" && (!file || file.size === 0 || file.size > FILE_MAX)) wrong.push("content");
		sending.name(wrong);
		if (wrong.length > 0) return;
		const body = { ...known, act, text, ...(rating ? { rating } : {}) };
		const sent = file ? { ...body, file_name: file.name, media_type: file.type, content: await hex(file) } : body;
		if (!(await sending.post("/appeals/acts", sent))) return;
		choose(undefined);
		setSaid(say("follow.sent"));
		await onDone();
	};
	return (
		<section class="acts">
			<p role="status">{said}</p>
			<div class="row">
				{may.map((name) => (
					<button key={name} type="button" aria-expanded={act === name} onClick={() => choose(act === name ? undefined : name)}>{say(names[name])}</button>
				))}
			</div>
			{act && (
				<form noValidate onSubmit={submit}>
					<FaultList faults={sending.faults} />
					{act === "ACT_WITHDRAW" && <p>{say("follow.withdraw.sure")}</p>}
					{act === "ACT_RATE" && <RatingField value={rating} fault={sending.faults["rating"]} onChange={setRating} />}
					{act === "ACT_ATTACH" && (
						<Field name="content" label={say("follow.file")} hint={say("follow.file.hint")} faults={sending.faults}>
							{(tie) => <input {...tie} type="file" accept="image/*,application/pdf,text/plain" onChange={(e) => setFile(e.currentTarget.files?.[0])} />}
						</Field>
					)}
					{asks[act] && (
						<Field name="text" label={say(asks[act])} optional={act === "ACT_RATE" || act === "ACT_WITHDRAW"} faults={sending.faults}>
							{(tie) => <textarea {...tie} rows={4} maxLength={15000} value={text} onInput={(e) => setText(e.currentTarget.value)} />}
						</Field>
					)}
					<ProblemLine text={sending.problem} />
					<SendButton busy={sending.busy}>{say(act === "ACT_WITHDRAW" ? "follow.withdraw" : "form.send")}</SendButton>
				</form>
			)}
		</section>
	);
}
