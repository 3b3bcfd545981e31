// The fields of a step's form, one control each by their type.
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import { unitName, useTerms } from "../../lib/names";
import type { SearchUnitsReply } from "../../lib/types";
import { useDepartments } from "./facts";
import type { Field } from "./life";

export type Values = Record<string, string>;

export const FILE_MAX_BYTES = 512 * 1024;

interface Props {
	field: Field;
	value: string;
	options: readonly string[]; // of a choice
	me: string;
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

function CodeField({ field, value, onChange }: Props) {
	const terms = useTerms(field.name === "department" ? "kind" : (field.taxonomy ?? field.name));
	const departments = useDepartments();
	const { codes, name } = field.name === "department" ? departments : terms;
	const none = t(field.required ? "field.choose" : "case.no_change");
	return <Select codes={codes} name={name} value={value} none={none} required={field.required === true} onChange={onChange} />;
}

// A unit by part of its name; what is sent is its code.
function UnitField({ value, onChange }: Props) {
	const { before } = useFetched<SearchUnitsReply>(value.length < 2 ? null : apiPath("/units/search", { text: value, limit: 12 }));
	return (
		<>
			<input class="control" list="units-found" autocomplete="off" maxLength={63} value={value} onInput={(e) => onChange(e.currentTarget.value)} />
			<datalist id="units-found">
				{(before?.units ?? []).map((unit) => <option key={unit.code} value={unit.code}>{unitName(unit, unit.code)}</option>)}
			</datalist>
		</>
	);
}

function HandlerField({ value, me, onChange }: Props) {
	return (
		<span class="choices">
			<input class="control" autocomplete="off" maxLength={63} value={value} onInput={(e) => onChange(e.currentTarget.value)} />
			<button type="button" class="button" disabled={value === me} onClick={() => onChange(me)}>{t("field.me")}</button>
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
		const bytes = new Uint8Array(await file.arrayBuffer());
		let binary = "";
		for (const byte of bytes) binary += String.fromCharCode(byte);
		onChange(btoa(binary), { file_name: file.name, media_type: file.type || "text/plain" });
	};
	return (
		<>
			<input class="control" type="file" required={value === ""} onChange={(e) => void read(e.currentTarget.files?.[0])} />
			{problem && <span class="mark tone-bad" role="alert"><span aria-hidden="true">▲</span> {problem}</span>}
		</>
	);
}

export function StepField(props: Props) {
	const { field, value, options, onChange } = props;
	const label = word("field", field.label ?? field.name);
	const required = field.required === true;
	if (field.type === "check")
		return (
			<label class="check">
				<input type="checkbox" required={required} checked={value !== ""} onChange={(e) => onChange(e.currentTarget.checked ? "true" : "")} />{" "}
				<span>{label}</span>
			</label>
		);
	return (
		<label>
			<span>{label}</span>
			{field.type === "code" && <CodeField {...props} />}
			{field.type === "unit" && <UnitField {...props} />}
			{field.type === "handler" && <HandlerField {...props} />}
			{field.type === "file" && <FileField {...props} />}
			{field.type === "choice" && (
				<Select
					codes={options}
					name={(code) => word(field.name, code)}
					value={value}
					none={t(required ? "field.choose" : "filter.all")}
					required={required}
					onChange={onChange}
				/>
			)}
			{field.type === "time" && (
				<input class="control" type="datetime-local" required={required} value={value} onInput={(e) => onChange(e.currentTarget.value)} />
			)}
			{field.type === "number" && (
				<input class="control" type="number" min={1} max={100_000} required={required} value={value} onInput={(e) => onChange(e.currentTarget.value)} />
			)}
			{field.type === "money" && (
				<input class="control" type="number" min={0} step="0.01" required={required} value={value} onInput={(e) => onChange(e.currentTarget.value)} />
			)}
			{(field.type === "line" || field.type === "appeal") && (
				<input class="control" autocomplete="off" maxLength={128} required={required} value={value} onInput={(e) => onChange(e.currentTarget.value)} />
			)}
		</label>
	);
}

// What of the values is sent, in the types of the message.
export function bodyOf(fields: readonly Field[], values: Values): Record<string, unknown> {
	const body: Record<string, unknown> = {};
	for (const { name, type } of fields) {
		const value = (values[name] ?? "").trim();
		if (value === "") continue;
		if (type === "time") body[name] = new Date(value).toISOString();
		else if (type === "number" || name === "rating") body[name] = Number(value);
		else if (type === "money") body[name] = String(Math.round(Number(value) * 100));
		else if (type === "check") body[name] = true;
		else body[name] = value;
		if (type === "file") {
			body["file_name"] = values["file_name"] ?? "";
			body["media_type"] = values["media_type"] ?? "";
		}
	}
	return body;
}
