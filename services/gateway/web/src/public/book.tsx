// A visit to a centre: which, what for, when; the emptiest time is offered first.
import { useState } from "preact/hooks";
import { labelText } from "../i18n/lang";
import { address, setQuery, usePlace } from "../lib/router";
import { FaultList, Field, nobody, personFaults, PersonFields, ProblemLine, Receipt, SendButton, useSending } from "./form";
import { useLoaded } from "./loaded";
import type { Centre, Choices, Receipted, Slot } from "./types";
import { Wait } from "./wait";
import { clockText, dayText, say } from "./words";

const idOf = (slot: Slot): string => `${slot.day} ${slot.minute ?? 0}`;

export function BookPage() {
	const centres = useLoaded<{ centres?: Centre[] }>("/centres");
	const choices = useLoaded<Choices>("/choices");
	const unit = usePlace().query["centre"] ?? "";
	const [service, setService] = useState("");
	const [chosen, setChosen] = useState("");
	const [person, setPerson] = useState(nobody);
	const [consent, setConsent] = useState(false);
	const [website, setWebsite] = useState("");
	const [receipt, setReceipt] = useState<Receipted | undefined>();
	const [again, setAgain] = useState(0);
	const sending = useSending();
	const slots = useLoaded<{ slots?: Slot[]; suggested?: Slot }>(unit && service ? "/slots" : "", { unit, service }, again);

	const open = (centres.data?.centres ?? []).filter((c) => (c.booked ?? []).length > 0);
	const centre = open.find((c) => c.unit === unit);
	if (receipt) {
		const [day = "", minute = "0"] = chosen.split(" ");
		return (
			<Receipt title={say("book.done")} number={receipt.number} code={receipt.code}>
				<p class="when">{dayText(day)}{", "}{clockText(Number(minute))}{centre ? <span class="code">{" · "}{labelText(centre.names, centre.unit)}</span> : null}</p>
				<p><a href={address("/public/cancel")}>{say("book.cancel")}</a></p>
			</Receipt>
		);
	}
	if (!centres.data || !choices.data) return <Wait of={centres.error ? centres : choices} />;
	if (open.length === 0) return <p>{say("book.none")}</p>;

	const free = slots.data?.slots ?? [];
	const suggested = slots.data?.suggested;
	const slot = free.find((s) => idOf(s) === chosen) ?? (suggested ? free.find((s) => idOf(s) === idOf(suggested)) : undefined);
	const days = [...new Set(free.map((s) => s.day))];
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		const missing = [...(unit === "" ? ["unit"] : []), ...(service === "" ? ["service"] : []), ...(slot ? [] : ["minute"]), ...personFaults(person, consent)];
		sending.name(missing);
		if (missing.length > 0 || !slot) return;
		setChosen(idOf(slot));
		const done = await sending.post<Receipted>("/bookings", { unit, service, day: slot.day, minute: slot.minute ?? 0, person, consent, website });
		if (done) setReceipt(done);
		else setAgain(again + 1);
	};
	const names = new Map((choices.data.services ?? []).map((s) => [s.code, labelText(s.names, s.code)]));
	return (
		<form noValidate onSubmit={submit}>
			<FaultList faults={sending.faults} />
			<Field name="unit" label={say("book.centre")} faults={sending.faults}>
				{(tie) => (
					<select {...tie} value={unit} onChange={(e) => { setQuery({ centre: e.currentTarget.value }, "replace"); setService(""); setChosen(""); }}>
						<option value="">{say("form.choose")}</option>
						{open.map((c) => <option key={c.unit} value={c.unit}>{labelText(c.names, c.unit)}</option>)}
					</select>
				)}
			</Field>
			{centre && (
				<Field name="service" label={say("book.service")} faults={sending.faults}>
					{(tie) => (
						<select {...tie} value={service} onChange={(e) => { setService(e.currentTarget.value); setChosen(""); }}>
							<option value="">{say("form.choose")}</option>
							{(centre.booked ?? []).map((s) => <option key={s} value={s}>{names.get(s) ?? s}</option>)}
						</select>
					)}
				</Field>
			)}
			{service !== "" && !slots.data && <Wait of={slots} />}
			{slots.data && free.length === 0 && <p role="status">{say("book.full")}</p>}
			{slot && (
				<fieldset>
					<legend>{say("book.slot")}</legend>
					<Field name="day" label={say("book.day")} faults={{}}>
						{(tie) => (
							<select {...tie} value={slot.day} onChange={(e) => { const first = free.find((s) => s.day === e.currentTarget.value); if (first) setChosen(idOf(first)); }}>
								{days.map((d) => <option key={d} value={d}>{dayText(d)}</option>)}
							</select>
						)}
					</Field>
					<Field name="minute" label={say("book.time")} faults={sending.faults} {...(suggested && idOf(slot) === idOf(suggested) ? { hint: say("book.suggested") } : {})}>
						{(tie) => (
							<select {...tie} value={idOf(slot)} onChange={(e) => setChosen(e.currentTarget.value)}>
								{free.filter((s) => s.day === slot.day).map((s) => (
									<option key={idOf(s)} value={idOf(s)}>
										{say("book.free", { time: clockText(s.minute ?? 0), n: s.free ?? 0 })}
									</option>
								))}
							</select>
						)}
					</Field>
				</fieldset>
			)}
			{slot && <PersonFields value={person} consent={consent} website={website} faults={sending.faults} onChange={setPerson} onConsent={setConsent} onWebsite={setWebsite} />}
			<ProblemLine text={sending.problem} />
			{slot && <SendButton busy={sending.busy}>{say("book.send")}</SendButton>}
			<p><a href={address("/public/cancel")}>{say("book.cancel")}</a></p>
		</form>
	);
}

export function CancelPage() {
	const [known, setKnown] = useState<Receipted>({ number: "", code: "" });
	const [done, setDone] = useState(false);
	const sending = useSending();
	if (done) return <p role="status" class="box">{say("book.cancelled")}</p>;
	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (await sending.post("/bookings/cancellation", { number: known.number.trim().toUpperCase(), code: known.code.trim() })) setDone(true);
	};
	return (
		<form noValidate onSubmit={submit}>
			<FaultList faults={sending.faults} />
			<Field name="number" label={say("done.number")} faults={{}}>
				{(tie) => <input {...tie} autocomplete="off" spellcheck={false} maxLength={40} value={known.number} onInput={(e) => setKnown({ ...known, number: e.currentTarget.value })} />}
			</Field>
			<Field name="code" label={say("done.code")} faults={sending.faults}>
				{(tie) => <input {...tie} autocomplete="off" autocapitalize="none" spellcheck={false} maxLength={60} value={known.code} onInput={(e) => setKnown({ ...known, code: e.currentTarget.value })} />}
			</Field>
			<ProblemLine text={sending.problem} />
			<SendButton busy={sending.busy}>{say("book.cancel")}</SendButton>
		</form>
	);
}
