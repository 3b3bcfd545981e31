// An office, found by a part of its name: a search field and a list, which every
// screen reader and phone knows.
import { useEffect, useState } from "preact/hooks";
import { labelText } from "../i18n/lang";
import { Field, type Faults } from "./form";
import { useLoaded } from "./loaded";
import type { Choice } from "./types";
import { say } from "./words";

export function UnitField({ value, faults, onChange }: { value: string; faults: Faults; onChange: (unit: string) => void }) {
	const [text, setText] = useState("");
	const [asked, setAsked] = useState("");
	const found = useLoaded<{ units?: Choice[] }>("/units", { text: asked });
	useEffect(() => {
		const timer = setTimeout(() => setAsked(text.trim()), 300);
		return () => clearTimeout(timer);
	}, [text]);
	const units = found.data?.units ?? [];
	return (
		<>
			<Field name="unit.find" label={say("lodge.unit.find")} hint={say("lodge.unit.hint")} faults={{}}>
				{(tie) => <input {...tie} type="search" autocomplete="off" maxLength={90} value={text} onInput={(e) => { setText(e.currentTarget.value); onChange(""); }} />}
			</Field>
			<Field name="unit" label={say("lodge.unit")} faults={faults}>
				{(tie) => (
					<select {...tie} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
						<option value="">{say("form.choose")}</option>
						{units.map((u) => <option key={u.code} value={u.code}>{labelText(u.names, u.code)}</option>)}
					</select>
				)}
			</Field>
			<p class="soft" role="status">{found.data && units.length === 0 ? say("lodge.unit.none") : ""}</p>
		</>
	);
}
