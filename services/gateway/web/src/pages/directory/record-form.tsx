// One form for every sort of record: asks, lets the directory check without doing,
// says what would change in words, and saves then.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { t, word } from "../../i18n/i18n";
import { ApiError, send } from "../../lib/api";
import type { Dated, RecordProblems } from "../../lib/directory";
import * as format from "../../lib/format";
import type { Label } from "../../lib/types";
import { uuid } from "../../lib/uuid";
import { FieldInput } from "../../parts/fields";
import { ProblemBox } from "../../parts/problem";
import { bodyOf, hoursText, lastOf, missing, valueAt, valuesOf, type Field, type Hours, type Values } from "../../parts/values";
import type { RecordType } from "./records";

// A value of a record, for people.
export function shown(field: Field, value: unknown): string {
	if (value === undefined || value === null || value === "") return "–";
	switch (field.type) {
		case "check":
			return t("field.yes");
		case "day":
			return format.day(String(value));
		case "money":
			return format.decimal(Number(value) / 100, 2);
		case "choice":
			return word(field.words ?? lastOf(field.name), String(value));
		case "choices":
			return (value as string[]).map((v) => word(field.words ?? lastOf(field.name), v)).join(", ");
		case "codes":
			return (value as string[]).join(", ");
		case "names":
		case "texts":
			return (value as { text?: string }[]).map((label) => label.text).join(" · ");
		case "rows":
			return (value as Dated[])
				.map((row) => (field.of ?? []).map((one) => textOf(one, row)).filter((text) => text !== "–").join(" "))
				.join("; ");
		case "week":
			return (value as { weekday: number; hours?: Hours[] }[])
				.map((day) => `${word("weekday", String(day.weekday))} ${hoursText(day.hours)}`)
				.join(", ");
		default:
			return String(value);
	}
}

export function amountText(field: Field, record: Dated): string {
	const values = valuesOf([field], record);
	const value = values[field.name];
	if (!value) return "–";
	const measure = String(valueAt(record, field.measure ?? ""));
	return `${format.rate(Number(value))} ${t(measure.endsWith("_TIME") ? "field.hours" : "field.days")}`;
}

export function textOf(field: Field, record: Dated): string {
	return field.type === "amount" ? amountText(field, record) : shown(field, valueAt(record, field.name));
}

// The same where it is shown: each text in its own language.
export function Said({ field, record }: { field: Field; record: Dated }) {
	const value = valueAt(record, field.name);
	if ((field.type !== "names" && field.type !== "texts") || !Array.isArray(value)) return <bdi>{textOf(field, record)}</bdi>;
	return (
		<>
			{(value as Label[]).map((label, i) => (
				<bdi key={label.lang}>{i > 0 && " · "}<span lang={label.lang}>{label.text}</span></bdi>
			))}
		</>
	);
}

interface Props {
	type: RecordType;
	title: string;
	fields: readonly Field[]; // those asked for now; the rest stays as in base
	base: Dated; // what is changed; {} for a new one
	values: Values; // to begin with
	fixed: readonly string[]; // shown, not to be changed
	effect: string; // what saving does, in a sentence
	also?: (record: Dated) => ComponentChildren; // shown when the check went well
	onSaved: (record: Dated) => void;
	onCancel: () => void;
}

export function RecordForm({ type, title, fields, base, values: first, fixed, effect, also, onSaved, onCancel }: Props) {
	const [values, setValues] = useState<Values>(first);
	const [checked, setChecked] = useState<Dated | undefined>();
	const [problems, setProblems] = useState<RecordProblems | undefined>();
	const [error, setError] = useState<ApiError | undefined>();
	const [busy, setBusy] = useState(false);
	const attempt = useRef({ body: "", key: "" });
	const wants = missing(fields, values);

	// What is not asked for stays; what is asked for and left empty goes.
	const record = (): Dated => {
		const kept = type.fields.filter((field) => !fields.includes(field));
		return { ...bodyOf([...kept, ...fields], { ...valuesOf(kept, base), ...values }) };
	};
	const attempted = async (step: () => Promise<void>): Promise<void> => {
		setBusy(true);
		setError(undefined);
		try {
			await step();
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	const check = (event: Event): void => {
		event.preventDefault();
		if (wants || busy) return;
		void attempted(async () => {
			const made = record();
			const found = await send<RecordProblems>("POST", "/api/v1/directory/checks", { records: [{ [type.sort]: made }] });
			setProblems(found);
			setChecked((found.problems ?? []).length === 0 && found.would_change ? made : undefined);
		});
	};
	const save = (): void => {
		if (!checked || busy) return;
		void attempted(async () => {
			const body = JSON.stringify(checked);
			if (attempt.current.body !== body) attempt.current = { body, key: uuid() };
			await send("POST", "/api/v1/directory/records", { record: { [type.sort]: checked } }, attempt.current.key);
			announce(t("record.saved"));
			onSaved(checked);
		});
	};
	const faults = problems?.problems ?? [];
	const changes = checked ? fields.filter((field) => textOf(field, base) !== textOf(field, checked)) : [];

	return (
		<section class="panel" aria-labelledby="form-title">
			<h2 id="form-title">{title}</h2>
			<form class="form form-wide" onSubmit={check}>
				{fields.map((field) => (
					<FieldInput
						key={field.name}
						field={field}
						value={values[field.name] ?? ""}
						values={values}
						options={field.options ?? []}
						fixed={fixed.includes(field.name)}
						onChange={(value, also) => {
							setValues((before) => ({ ...before, ...(also ?? { [field.name]: value }) }));
							setChecked(undefined);
							setProblems(undefined);
						}}
					/>
				))}
				<p class="soft form-all">{effect}</p>
				<div class="form-all choices">
					<button class="button button-main" disabled={busy || wants !== undefined || checked !== undefined}>
						{busy ? t("state.waiting") : t("record.check")}
					</button>
					<button type="button" class="button" onClick={onCancel}>{t("action.cancel")}</button>
					{wants && <span class="soft">{t("record.wants", { field: word("field", wants.label ?? lastOf(wants.name)) })}</span>}
				</div>
			</form>
			{error && <ProblemBox error={error} kept={t("action.kept")} />}
			{faults.map((p, i) => (
				<div key={i} class="box box-bad" role="alert">
					<p><strong><span aria-hidden="true">▲</span> {t("record.refused")}</strong></p>
					<p><b>{word("field", lastOf(p.error?.field ?? ""))}</b>{": "}<span lang="en">{p.error?.text}</span></p>
				</div>
			))}
			{problems && faults.length === 0 && !checked && <p class="box" role="status">{t("record.unchanged")}</p>}
			{checked && (
				<div class="box box-good" role="status">
					<p><strong><span aria-hidden="true">✓</span> {t("record.would")}</strong></p>
					<ul class="changes">
						{changes.map((field) => (
							<li key={field.name}>
								<b>{word("field", field.label ?? lastOf(field.name))}</b>{": "}
								{textOf(field, base) !== "–" && <><s><Said field={field} record={base} /></s>{" → "}</>}
								<Said field={field} record={checked} />
							</li>
						))}
					</ul>
					<p><button type="button" class="button button-main" disabled={busy} onClick={save}>{busy ? t("state.saving") : t("record.save")}</button></p>
				</div>
			)}
			{checked && also?.(checked)}
		</section>
	);
}
