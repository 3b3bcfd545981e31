// Departments, employees, terms, denominators and people: lists that need little of
// their own.
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { ApiError, send } from "../../lib/api";
import type { Dated, DirectoryRecord } from "../../lib/directory";
import * as format from "../../lib/format";
import { address, prefix, setQuery, usePlace } from "../../lib/router";
import type { MakeInviteReply } from "../../lib/types";
import { ProblemBox } from "../../parts/problem";
import type { View } from "../view";
import { ApiTokensPanel } from "./api-tokens";
import { RecordsTab, type ListConfig } from "./record-list";
import { recordTypes, taxonomies } from "./records";

type Reply = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const rowsOf = (member: string, next = "next_code") => (reply: Reply) => ({
	rows: (reply[member] ?? []) as Dated[],
	next: text(reply[next]),
});
// Both parts of the key of the next page in one.
const recordsOf = (sort: string) => (reply: Reply) => ({
	rows: ((reply["records"] ?? []) as DirectoryRecord[]).flatMap((record): Dated[] => (record[sort] ? [record[sort]] : [])),
	next: text(reply["next_key"]) === "" ? "" : `after_key=${encodeURIComponent(text(reply["next_key"]))}&after_day=${text(reply["next_day"])}`,
});

const departments: ListConfig = {
	tab: "departments",
	type: recordTypes.department,
	path: "/departments",
	read: rowsOf("departments"),
	columns: ["code", "parent", "valid_from_day"],
};

const employees: ListConfig = {
	tab: "employees",
	type: recordTypes.employee,
	path: "/employees",
	read: rowsOf("employees"),
	parameter: "after_code",
	search: "text",
	columns: ["code", "position", "unit", "department", "principal"],
	name: (record) => text(record["name"]) || text(record["code"]),
};

const terms: ListConfig = {
	tab: "terms",
	type: recordTypes.term,
	path: "/terms",
	read: rowsOf("terms"),
	columns: ["code", "parent", "class", "valid_from_day"],
};

const denominators: ListConfig = {
	tab: "denominators",
	type: recordTypes.denominator,
	path: "/directory/records",
	read: recordsOf("denominator"),
	parameter: (next) => next,
	columns: ["measure", "value", "valid_from_day"],
	name: (record) => text(record["unit"]),
};

const people: ListConfig = {
	tab: "people",
	type: recordTypes.principal,
	path: "/principals",
	read: rowsOf("principals", "next_name"),
	parameter: "after_name",
	search: "text",
	columns: ["name", "roles", "unit"],
	name: (record) => text(record["display_name"]) || text(record["name"]),
};

interface Props {
	open: string;
	view: View;
	may: boolean;
}

export function DepartmentsTab({ open, may }: Props) {
	return <RecordsTab config={departments} open={open} may={may} />;
}

export function EmployeesTab({ open, may, view }: Props) {
	return (
		<RecordsTab
			config={employees}
			open={open}
			may={may}
			params={{ unit: view.unit, limit: 100 }}
			values={{ unit: view.unit }}
			cell={(field, record) => (field === "unit" ? <a href={address("/directory/units", { unit: text(record["unit"]) })}>{text(record["unit"])}</a> : undefined)}
		/>
	);
}

export function TermsTab({ open, may }: Props) {
	const asked = usePlace().query["taxonomy"] ?? "";
	const taxonomy = taxonomies.find((name) => name === (open.includes("/") ? open.split("/")[0] : asked)) ?? taxonomies[0];
	return (
		<RecordsTab
			key={taxonomy}
			config={terms}
			open={open}
			may={may}
			params={{ taxonomy }}
			values={{ taxonomy }}
			filters={
				<label>
					<span>{t("field.taxonomy")}</span>
					<select class="control" value={taxonomy} onChange={(e) => setQuery({ taxonomy: e.currentTarget.value })}>
						{taxonomies.map((name) => <option key={name} value={name}>{word("taxonomy", name)}</option>)}
					</select>
				</label>
			}
		/>
	);
}

export function DenominatorsTab({ open, may }: Props) {
	return (
		<RecordsTab
			config={denominators}
			open={open}
			may={may}
			params={{ sort: "denominator", limit: 200 }}
			cell={(field, record) => (field === "value" ? format.integer(Number(record["value"])) : undefined)}
		/>
	);
}

interface Invite {
	name: string;
	link: string;
	until: string;
}

// The link by which a person sets a password.
export function PeopleTab({ open, may }: Props) {
	const [invite, setInvite] = useState<Invite | undefined>();
	const [error, setError] = useState<ApiError | undefined>();
	const make = async (name: string): Promise<void> => {
		setError(undefined);
		setInvite(undefined);
		try {
			const made = await send<MakeInviteReply>("POST", `/api/v1/principals/${encodeURIComponent(name)}/invite`, {});
			setInvite({ name, link: `${window.location.origin}${prefix()}/#/invite/${made.code}`, until: made.expires_at_us ?? "" });
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
	};
	const told = (
		<>
			{error && <ProblemBox error={error} />}
			{invite && (
				<div class="box box-good" role="status">
					<p>
						<strong><span aria-hidden="true">✓</span> {t("people.link_for", { name: invite.name })}</strong>{" "}
						{invite.until && t("people.until", { time: format.time(invite.until) })}
					</p>
					<p><input class="control wide" readOnly aria-label={t("people.link")} value={invite.link} onFocus={(e) => e.currentTarget.select()} /></p>
				</div>
			)}
		</>
	);
	const link = (record: Dated) => {
		if (record["revoked"]) return <span class="soft">{t("people.revoked")}</span>;
		if (!record["person"]) return <span class="soft">{t("people.machine")}</span>;
		return <button type="button" class="button" onClick={() => void make(text(record["name"]))}>{t("people.make_link")}</button>;
	};
	return (
		<RecordsTab
			config={people}
			open={open}
			may={may}
			params={{ limit: 100 }}
			values={{ person: "true", lang: "ru" }}
			above={told}
			row={link}
			rowTitle={t("people.invite")}
			more={(record) => !record["person"] && (
				<ApiTokensPanel name={text(record["name"])} may={may} revoked={record["revoked"] === true} />
			)}
			cell={(field, record) => (field === "unit" && !record["unit"] ? t("scope.all") : undefined)}
		/>
	);
}
