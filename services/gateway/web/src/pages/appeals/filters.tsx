// The fields that a list of appeals is asked by. They stand in the address.
import { useEffect, useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { useDepartments, useTerms } from "../../lib/names";
import { setQuery } from "../../lib/router";
import { appealStates, escalationLevels } from "../../lib/types";

export const orders = ["due", "newest", "waiting"] as const;
export type Order = (typeof orders)[number];
export const orderOf: Record<Order, string | undefined> = {
	due: "DUE_FIRST",
	newest: undefined,
	waiting: "WAITING_FIRST",
};

// By what of the address ("" = not asked); sent to ListAppeals under the same names,
// but for handler and only, which have words of their own.
export const names = ["state", "kind", "topic", "channel", "segment", "department", "handler", "min_escalation", "only", "text"] as const;
type Name = (typeof names)[number];
export type Filter = Record<Name, string> & { order: Order };

// A list that is narrowed to what needs somebody.
const onlyOf: Record<string, string> = {
	open: "open_only",
	breached: "breached_only",
	green: "green_only",
	repeats: "repeats_only",
};

export function readFilter(query: Record<string, string>): Filter {
	const order = orders.find((o) => o === query["order"]) ?? "due";
	const given = Object.fromEntries(names.map((name) => [name, query[name] ?? ""])) as Record<Name, string>;
	if (!(appealStates as readonly string[]).includes(given.state)) given.state = "";
	if (!(given.only in onlyOf)) given.only = "";
	return { ...given, order };
}

export function paramsOf({ order, handler, only, ...rest }: Filter, me: string): Record<string, string | undefined> {
	return {
		...rest,
		handler: handler === "me" ? me : handler === "nobody" ? "-" : handler,
		...(only === "" ? {} : { [onlyOf[only]!]: "true" }),
		order: orderOf[order],
	};
}

// Back from the parameters of a list to what stands in the address.
export function filterOfParams(params: Record<string, string>, me: string): Record<string, string> {
	const handler = params["handler"] ?? "";
	const order = orders.find((o) => (orderOf[o] ?? "NEWEST_FIRST") === (params["order"] ?? "NEWEST_FIRST"));
	return {
		...Object.fromEntries(names.map((name) => [name, params[name] ?? ""])),
		handler: handler === me ? "me" : handler === "-" ? "nobody" : handler,
		only: Object.keys(onlyOf).find((code) => params[onlyOf[code]!] === "true") ?? "",
		order: order === "due" ? "" : (order ?? ""), // which is where a list begins
	};
}

// The same as the body of a question: only what is asked, truth as truth. Found words
// come newest first, whatever order the list has.
export function bodyOfParams(params: Record<string, string | number | undefined>): Record<string, unknown> {
	const said = Object.entries(params).filter(([name, value]) => value !== undefined && value !== "" && name !== "order");
	return Object.fromEntries(said.map(([name, value]) => [name, name.endsWith("_only") ? value === "true" : value]));
}

interface FieldProps {
	name: Name | "order";
	label: string;
	value: string;
	options: [string, string][];
}

function Field({ label, name, value, options }: FieldProps) {
	const known = value === "" || options.some(([code]) => code === value);
	return (
		<label>
			<span>{label}</span>
			<select class="control" name={name} value={value} onChange={(e) => setQuery({ [name]: e.currentTarget.value })}>
				{name !== "order" && <option value="">{t("filter.all")}</option>}
				{options.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
				{!known && <option value={value}>{value}</option>}
			</select>
		</label>
	);
}

function useOptions(taxonomy: string): [string, string][] {
	const terms = useTerms(taxonomy);
	return terms.codes.map((code) => [code, terms.name(code)]);
}

// Words of the cases; asked when the typing pauses.
function TextField({ value }: { value: string }) {
	const [text, setText] = useState(value);
	useEffect(() => setText(value), [value]);
	useEffect(() => {
		if (text === value) return;
		const timer = setTimeout(() => setQuery({ text }), 400);
		return () => clearTimeout(timer);
	}, [text]);
	return (
		<label class="filter-text">
			<span>{t("filter.text")}</span>
			<input class="control" type="search" maxLength={200} value={text} placeholder={t("filter.text_hint")} onInput={(e) => setText(e.currentTarget.value)} />
		</label>
	);
}

export function Filters({ filter }: { filter: Filter }) {
	const departments = useDepartments();
	const kinds = useOptions("kind");
	const topics = useOptions("topic");
	const channels = useOptions("channel");
	const segments = useOptions("segment");
	const seldom: Name[] = ["channel", "segment", "department", "min_escalation"];
	const any = names.some((name) => filter[name] !== "");
	return (
		<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
			<Field label={t("filter.order")} name="order" value={filter.order} options={orders.map((o) => [o, t(`filter.${o}`)])} />
			<TextField value={filter.text} />
			<Field
				label={t("filter.handler")}
				name="handler"
				value={filter.handler}
				options={[["me", t("filter.mine")], ["nobody", t("filter.nobody")]]}
			/>
			<Field
				label={t("filter.only")}
				name="only"
				value={filter.only}
				options={Object.keys(onlyOf).map((code) => [code, word("only", code)])}
			/>
			<Field label={t("field.state")} name="state" value={filter.state} options={appealStates.slice(1).map((s) => [s, word("state", s)])} />
			<Field label={t("field.kind")} name="kind" value={filter.kind} options={kinds} />
			<Field label={t("field.topic")} name="topic" value={filter.topic} options={topics} />
			<details open={seldom.some((name) => filter[name] !== "")}>
				<summary class="button">{t("filter.more")}</summary>
				<div class="filters">
					<Field label={t("field.channel")} name="channel" value={filter.channel} options={channels} />
					<Field label={t("field.segment")} name="segment" value={filter.segment} options={segments} />
					<Field label={t("field.department")} name="department" value={filter.department} options={departments.codes.map((c) => [c, departments.name(c)])} />
					<Field
						label={t("filter.min_escalation")}
						name="min_escalation"
						value={filter.min_escalation}
						options={escalationLevels.map((l) => [l, word("level", l)])}
					/>
				</div>
			</details>
			<button type="button" class="button" disabled={!any} onClick={() => setQuery(Object.fromEntries(names.map((name) => [name, ""])))}>
				{t("filter.clear")}
			</button>
		</form>
	);
}
