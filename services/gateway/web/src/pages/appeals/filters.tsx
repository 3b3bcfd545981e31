// The fields that a list of appeals is asked by. They stand in the address.
import { t, word } from "../../i18n/i18n";
import { useTerms } from "../../lib/names";
import { setQuery } from "../../lib/router";
import { appealStates } from "../../lib/types";

export type Order = "newest" | "due";

export interface Filter {
	order: Order;
	state: string;
	kind: string;
	topic: string;
}

export function readFilter(query: Record<string, string>): Filter {
	return {
		order: query["order"] === "due" ? "due" : "newest",
		state: (appealStates as readonly string[]).includes(query["state"] ?? "") ? query["state"]! : "",
		kind: query["kind"] ?? "",
		topic: query["topic"] ?? "",
	};
}

interface FieldProps {
	label: string;
	name: string;
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

export function Filters({ filter }: { filter: Filter }) {
	const kinds = useTerms("kind");
	const topics = useTerms("topic");
	const any = filter.state !== "" || filter.kind !== "" || filter.topic !== "";
	return (
		<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
			<Field
				label={t("filter.order")}
				name="order"
				value={filter.order}
				options={[["newest", t("filter.newest")], ["due", t("filter.due")]]}
			/>
			<Field
				label={t("field.state")}
				name="state"
				value={filter.state}
				options={appealStates.slice(1).map((s) => [s, word("state", s)])}
			/>
			<Field label={t("field.kind")} name="kind" value={filter.kind} options={kinds.codes.map((c) => [c, kinds.name(c)])} />
			<Field label={t("field.topic")} name="topic" value={filter.topic} options={topics.codes.map((c) => [c, topics.name(c)])} />
			<button type="button" class="button" disabled={!any} onClick={() => setQuery({ state: "", kind: "", topic: "" })}>
				{t("filter.clear")}
			</button>
		</form>
	);
}
