// One record: what it says today, what it said and will say, and what can be done.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { spans, validityOf, type Dated, type Versions } from "../../lib/directory";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { today } from "../../lib/period";
import { ProblemBox } from "../../parts/problem";
import { lastOf, valuesOf, type Field, type Values } from "../../parts/values";
import { RecordForm, Said, textOf } from "./record-form";
import { fromDay, toDay, type RecordType } from "./records";

export const shapes = { now: "●", future: "◌", past: "○" } as const;

export function Span({ from, to }: { from: string; to: string }) {
	const validity = validityOf(from, to, today());
	const text = to === ""
		? t("record.from", { from: from ? format.day(from) : t("record.always") })
		: t("record.from_to", { from: from ? format.day(from) : t("record.always"), to: format.day(to) });
	return (
		<span class={`mark span tone-${validity === "now" ? "good" : "idle"}`}>
			<span aria-hidden="true">{shapes[validity]}</span> {t(`record.${validity}`)}: {text}
		</span>
	);
}

function Facts({ fields, record }: { fields: readonly Field[]; record: Dated }) {
	const said = fields.filter((field) => textOf(field, record) !== "–");
	return (
		<dl class="facts">
			{said.map((field) => (
				<div key={field.name}><dt>{word("field", field.label ?? lastOf(field.name))}</dt><dd><Said field={field} record={record} /></dd></div>
			))}
		</dl>
	);
}

// One point of the line: what this version says otherwise than the one before it.
function Version({ fields, at, before, children }: {
	fields: readonly Field[];
	at: { record: Dated; from: string; to: string };
	before: Dated | undefined;
	children: ComponentChildren;
}) {
	const other = before ? fields.filter((f) => f.name !== "valid_from_day" && textOf(f, at.record) !== textOf(f, before)) : [];
	return (
		<li>
			<p><Span from={at.from} to={at.to} /></p>
			<ul class="changes">
				{other.map((field) => (
					<li key={field.name}>
						<b>{word("field", field.label ?? lastOf(field.name))}</b>{": "}<s><Said field={field} record={before!} /></s>{" → "}<Said field={field} record={at.record} />
					</li>
				))}
			</ul>
			{!before && <p class="soft">{t("record.first")}</p>}
			{children}
		</li>
	);
}

export type Mode = "change" | "correct" | "end" | "move";

interface Begun {
	mode: Mode;
	base: Dated;
}

interface Props {
	type: RecordType;
	record: Dated; // as the list has it, or what its key can be made of
	may: boolean; // change it
	moves?: string; // the field that "move" is about
	summary?: (record: Dated) => ComponentChildren;
	also?: (record: Dated) => ComponentChildren;
	more?: (record: Dated) => ComponentChildren; // below
	onChanged: () => void;
}

function formOf(type: RecordType, { mode, base }: Begun, moves: string | undefined): { fields: readonly Field[]; values: Values; fixed: readonly string[] } {
	const all = valuesOf(type.fields, base);
	if (mode === "correct") return { fields: type.fields, values: all, fixed: [...type.id, "valid_from_day"] };
	if (mode === "end") return { fields: [{ ...toDay, required: true }], values: { valid_to_day: today() }, fixed: [] };
	if (mode === "move")
		return {
			fields: type.fields.filter((f) => f.name === moves || f === fromDay),
			values: { valid_from_day: today(), [moves ?? ""]: all[moves ?? ""] ?? "" },
			fixed: [],
		};
	return { fields: type.fields, values: { ...all, ...(type.dated ? { valid_from_day: today() } : {}) }, fixed: type.id };
}

export function RecordPanel({ type, record, may, moves, summary, also, more, onChanged }: Props) {
	const { data, error, reload } = useFetched<Versions>(type.dated ? apiPath("/directory/versions", { key: type.key(record) }) : null);
	const [begun, setBegun] = useState<Begun | undefined>();
	const all = type.dated ? spans((data?.versions ?? []).map((v) => v[type.sort] ?? {})) : [{ record, from: "", to: "" }];
	const now = all.find((v) => validityOf(v.from, v.to, today()) === "now") ?? all[0];
	const begin = (mode: Mode, base: Dated) => (): void => setBegun({ mode, base });
	const form = begun && formOf(type, begun, moves);

	if (!now) return error ? <ProblemBox error={error} onRetry={reload} /> : <p class="empty" aria-busy="true">{t("state.loading")}</p>;
	return (
		<>
			<section class="panel" aria-labelledby="now-title">
				<h2 id="now-title">{type.dated ? t("record.today") : t("record.is")}</h2>
				{type.dated && <p><Span from={now.from} to={now.to} /></p>}
				{summary && <p class="summary">{summary(now.record)}</p>}
				<Facts fields={type.fields} record={now.record} />
				{may && (
					<p class="choices">
						<button type="button" class="button button-main" onClick={begin("change", now.record)}>{t(type.dated ? "record.change" : "record.change_now")}</button>
						{moves && <button type="button" class="button" onClick={begin("move", now.record)}>{t("record.move")}</button>}
						{type.dated && now.to === "" && <button type="button" class="button" onClick={begin("end", now.record)}>{t("record.end")}</button>}
					</p>
				)}
			</section>
			{begun && form && (
				<RecordForm
					key={`${begun.mode}/${String(begun.base.valid_from_day)}`}
					type={type}
					title={t(`record.${begun.mode}`)}
					base={begun.base}
					{...form}
					effect={t(type.dated ? `record.${begun.mode}.effect` : "record.now.effect")}
					{...(also ? { also } : {})}
					onSaved={() => {
						setBegun(undefined);
						reload();
						onChanged();
					}}
					onCancel={() => setBegun(undefined)}
				/>
			)}
			{more?.(now.record)}
			{type.dated && (
				<section class="panel" aria-labelledby="versions-title">
					<h2 id="versions-title">{t("record.versions")}</h2>
					<ol class="timeline">
						{all.map((version, i) => (
							<Version key={version.from} fields={type.fields} at={version} before={all[i + 1]?.record}>
								{may && <p><button type="button" class="button" onClick={begin("correct", version.record)}>{t("record.correct")}</button></p>}
							</Version>
						))}
					</ol>
				</section>
			)}
		</>
	);
}

// A new record.
export function NewRecord({ type, values, also, onSaved, onCancel }: {
	type: RecordType;
	values?: Values;
	also?: (record: Dated) => ComponentChildren;
	onSaved: (record: Dated) => void;
	onCancel: () => void;
}) {
	return (
		<RecordForm
			type={type}
			title={t(`record.new.${type.sort as "unit"}`)}
			fields={type.fields}
			base={{}}
			values={{ ...(type.dated ? { valid_from_day: today() } : {}), ...values }}
			fixed={[]}
			effect={t("record.add.effect")}
			{...(also ? { also } : {})}
			onSaved={onSaved}
			onCancel={onCancel}
		/>
	);
}
