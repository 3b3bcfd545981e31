// The fields of a form, one control each by their type.
import { useRef, useState } from "preact/hooks";
import { labelText, languages, t, word } from "../i18n/i18n";
import { apiPath } from "../lib/api";
import { useFetched } from "../lib/fetched";
import { toHex } from "../lib/hex";
import { unitName, useDepartments, useTerms } from "../lib/names";
import type { ListCalendarsReply, SearchUnitsReply } from "../lib/types";
import { inHours, labelLanguages, lastOf, readHours, rowsOf, rowsText, weekDays, type Field, type Values } from "./values";

export const FILE_MAX_BYTES = 512 * 1024;

interface Props {
	field: Field;
	value: string;
	options: readonly string[]; // of a choice
	me?: string;
	values?: Values; // of the whole form; a field of several parts reads its own there
	fixed?: boolean; // shown, not to be changed
	onChange: (value: string, also?: Values) => void;
}

function Select({ codes, name, value, none, required, onChange }: {
	codes: readonly string[];
	name: (code: string) => string;
	value: string;
	none: string;
	required: boolean;
	onChange: (value: string) => void;
}) {
	return (
		<select class="control" required={required} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
			<option value="">{none}</option>
			{codes.map((code) => <option key={code} value={code}>{name(code)}</option>)}
			{value !== "" && !codes.includes(value) && <option value={value}>{value}</option>}
		</select>
	);
}

function noneOf(field: Field): string {
	if (field.none) return t(field.none);
	return t(field.required ? "field.choose" : "case.no_change");
}

// Of a taxonomy, or the departments.
function useCodes(field: Field): { codes: readonly string[]; name: (code: string | undefined) => string } {
	const taxonomy = field.taxonomy ?? lastOf(field.name);
	const terms = useTerms(taxonomy === "department" ? "kind" : taxonomy);
	const departments = useDepartments();
	return taxonomy === "department" ? departments : terms;
}

function CodeField({ field, value, onChange }: Props) {
	const { codes, name } = useCodes(field);
	return <Select codes={codes} name={name} value={value} none={noneOf(field)} required={field.required === true} onChange={onChange} />;
}

function Checks({ codes, name, value, onChange }: {
	codes: readonly string[];
	name: (code: string) => string;
	value: string;
	onChange: (value: string) => void;
}) {
	const chosen = value.split(/[\s,]+/).filter((code) => code !== "");
	const all = [...codes, ...chosen.filter((code) => !codes.includes(code))];
	return (
		<span class="checks">
			{all.map((code) => (
				<label key={code} class="check">
					<input
						type="checkbox"
						checked={chosen.includes(code)}
						onChange={(e) => onChange((e.currentTarget.checked ? [...chosen, code] : chosen.filter((c) => c !== code)).join(" "))}
					/>{" "}
					<span>{name(code)}</span>
				</label>
			))}
		</span>
	);
}

function CodesField({ field, value, onChange }: Props) {
	const { codes, name } = useCodes(field);
	return <Checks codes={codes} name={name} value={value} onChange={onChange} />;
}

function CalendarField({ field, value, onChange }: Props) {
	const all = useFetched<ListCalendarsReply>(apiPath("/calendars")).data?.calendars ?? [];
	return (
		<Select
			codes={all.map((c) => c.code)}
			name={(code) => labelText(all.find((c) => c.code === code)?.names, code)}
			value={value}
			none={noneOf(field)}
			required={field.required === true}
			onChange={onChange}
		/>
	);
}

// A field of several parts: one value for each.
function LabelFields({ field, values = {}, onChange }: Props) {
	return (
		<>
			{labelLanguages.map((lang) => {
				const name = `${field.name}.${lang}`;
				const of = {
					class: "control",
					lang: lang === "zh" ? "zh-CN" : lang,
					value: values[name] ?? "",
					onInput: (e: { currentTarget: { value: string } }) => onChange("", { [name]: e.currentTarget.value }),
				};
				return (
					<label key={lang} class="part">
						<span lang={of.lang}>{languages.find((l) => l.lang === lang)?.name}</span>
						{field.type === "texts" ? <textarea rows={6} maxLength={10_000} {...of} /> : <input maxLength={200} {...of} />}
					</label>
				);
			})}
		</>
	);
}

function WeekFields({ field, values = {}, onChange }: Props) {
	return (
		<>
			{weekDays.map((day) => {
				const name = `${field.name}.${day}`;
				const value = values[name] ?? "";
				return (
					<label key={day} class="part">
						<span>{word("weekday", String(day))}</span>
						<input
							class="control"
							maxLength={100}
							placeholder={t("field.closed_day")}
							aria-invalid={readHours(value) === null}
							value={value}
							onInput={(e) => onChange("", { [name]: e.currentTarget.value })}
						/>
					</label>
				);
			})}
			<span class="soft">{t("field.week.hint")}</span>
		</>
	);
}

// Any number of rows, each with the same fields; where one goes, the next is asked for.
function RowsFields({ field, value, onChange }: Props) {
	const add = useRef<HTMLButtonElement>(null);
	const of = field.of ?? [];
	const rows = rowsOf(value);
	const label = word("field", field.label ?? lastOf(field.name));
	const put = (at: number, change: Values): void =>
		onChange(rowsText(rows.map((row, i) => (i === at ? { ...row, ...change } : row))));
	return (
		<>
			{rows.map((row, i) => (
				<div key={i} class="row" role="group" aria-label={`${label} ${i + 1}`}>
					{of.map((one) => (
						<FieldInput
							key={one.name}
							field={one}
							value={row[one.name] ?? ""}
							values={row}
							options={one.options ?? []}
							onChange={(text, also) => put(i, also ?? { [one.name]: text })}
						/>
					))}
					<button
						type="button"
						class="button"
						onClick={() => {
							onChange(rowsText(rows.filter((_, at) => at !== i)));
							add.current?.focus();
						}}
					>
						{t("field.row_drop")}<span class="unseen">: {label} {i + 1}</span>
					</button>
				</div>
			))}
			<button ref={add} type="button" class="button" disabled={rows.length >= (field.most ?? 20)} onClick={() => onChange(rowsText([...rows, {}]))}>
				{t("field.row_add")}<span class="unseen">: {label}</span>
			</button>
		</>
	);
}

// A unit by part of its name; what is sent is its code.
function UnitField({ field, value, onChange }: Props) {
	const { before } = useFetched<SearchUnitsReply>(value.length < 2 ? null : apiPath("/units/search", { text: value, limit: 12 }));
	const list = `units-${field.name}`;
	return (
		<>
			<input class="control" list={list} required={field.required === true} autocomplete="off" maxLength={63} value={value} onInput={(e) => onChange(e.currentTarget.value)} />
			<datalist id={list}>
				{(before?.units ?? []).map((unit) => <option key={unit.code} value={unit.code}>{unitName(unit, unit.code)}</option>)}
			</datalist>
		</>
	);
}

function HandlerField({ value, me, onChange }: Props) {
	return (
		<span class="choices">
			<input class="control" autocomplete="off" maxLength={63} value={value} onInput={(e) => onChange(e.currentTarget.value)} />
			<button type="button" class="button" disabled={value === me} onClick={() => onChange(me ?? "")}>{t("field.me")}</button>
		</span>
	);
}

function FileField({ value, onChange }: Props) {
	const [problem, setProblem] = useState("");
	const read = async (file: File | undefined): Promise<void> => {
		setProblem("");
		if (!file) return onChange("");
		if (file.size > FILE_MAX_BYTES) {
			setProblem(t("field.file_too_large", { n: FILE_MAX_BYTES / 1024 }));
			return onChange("");
		}
		onChange(toHex(new Uint8Array(await file.arrayBuffer())), { file_name: file.name, media_type: file.type || "text/plain" });
	};
	return (
		<>
			<input class="control" type="file" required={value === ""} onChange={(e) => void read(e.currentTarget.files?.[0])} />
			{problem && <span class="mark tone-bad" role="alert"><span aria-hidden="true">▲</span> {problem}</span>}
		</>
	);
}

function hintId(field: Field): string {
	return `hint-${field.name}`;
}

function InputField({ field, value, values, fixed, onChange }: Props) {
	const of = {
		class: "control",
		required: field.required === true,
		readOnly: fixed === true,
		...(field.hint ? { "aria-describedby": hintId(field) } : {}),
		value,
		onInput: (e: { currentTarget: { value: string } }) => onChange(e.currentTarget.value),
	};
	switch (field.type) {
		case "text":
			return <textarea rows={5} maxLength={field.max ?? 20_000} dir="auto" {...of} />;
		case "time":
			return <input type="datetime-local" {...of} />;
		case "day":
			return <input type="date" min="1970-01-01" max="2199-12-31" {...of} />;
		case "number":
			return <input type="number" min={0} max={1_000_000_000} {...of} />;
		case "amount":
			return (
				<span class="choices">
					<input type="number" min={0} max={88_000} step="any" {...of} />
					<span>{t(inHours(values?.[field.measure ?? ""]) ? "field.hours" : "field.days")}</span>
				</span>
			);
		case "money":
			return <input type="number" min={0} step="0.01" {...of} />;
		default:
			return (
				<>
					<input autocomplete="off" maxLength={field.max ?? 200} list={field.suggest && `suggest-${field.name}`} {...of} />
					{field.suggest && <datalist id={`suggest-${field.name}`}>{field.suggest.map((o) => <option key={o} value={o} />)}</datalist>}
				</>
			);
	}
}

const controls = {
	code: CodeField,
	codes: CodesField,
	calendar: CalendarField,
	unit: UnitField,
	handler: HandlerField,
	file: FileField,
	names: LabelFields,
	texts: LabelFields,
	week: WeekFields,
	rows: RowsFields,
} as const;

function Control(props: Props) {
	const { field, value, options, fixed, onChange } = props;
	const Own = field.type in controls && !fixed ? controls[field.type as keyof typeof controls] : undefined;
	const nameOf = (code: string): string => word(field.words ?? lastOf(field.name), code);
	if (Own) return <Own {...props} />;
	if (field.type === "choices") return <Checks codes={options} name={nameOf} value={value} onChange={onChange} />;
	if (field.type !== "choice" || fixed) return <InputField {...props} />;
	return (
		<Select
			codes={options}
			name={nameOf}
			value={value}
			none={field.none ? t(field.none) : t(field.required ? "field.choose" : "filter.all")}
			required={field.required === true}
			onChange={onChange}
		/>
	);
}

// Several controls in one field are a group, with a name of its own.
const groups: readonly string[] = ["names", "texts", "week", "codes", "choices", "rows"];

export function FieldInput(props: Props) {
	const { field, value, onChange } = props;
	const label = word("field", field.label ?? lastOf(field.name));
	if (field.type === "check")
		return (
			<label class="check">
				<input type="checkbox" required={field.required === true} checked={value !== ""} onChange={(e) => onChange(e.currentTarget.checked ? "true" : "")} />{" "}
				<span>{label}</span>
			</label>
		);
	if (groups.includes(field.type))
		return (
			<fieldset class="group">
				<legend>{label}</legend>
				<Control {...props} />
				{field.hint && <span class="soft">{t(field.hint)}</span>}
			</fieldset>
		);
	return (
		<div class="field">
			<label>
				<span>{label}</span>
				<Control {...props} />
			</label>
			{field.hint && <p id={hintId(field)} class="soft">{t(field.hint)}</p>}
		</div>
	);
}
