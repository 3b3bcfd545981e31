// Service centres (D10): which are open, which are being prepared, and how the plan
// of opening them goes, quarter by quarter.
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import type { CentreQuarter, Dated } from "../../lib/directory";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { setQuery, usePlace } from "../../lib/router";
import { RecordsTab, type ListConfig } from "./record-list";
import type { View } from "../view";
import { recordTypes } from "./records";
import { SlotRulesPanel } from "./slot-rules";

const states = ["CENTRE_OPEN", "CENTRE_IN_PREPARATION"] as const;

const centres: ListConfig = {
	tab: "centres",
	type: recordTypes.centre,
	path: "/centres",
	read: (reply) => ({ rows: (reply["centres"] ?? []) as Dated[], next: String(reply["next_unit"] ?? "") }),
	parameter: "after_unit",
	columns: ["open", "planned_day", "opened_day", "services", "phone"],
	name: (record) => String(record["unit"] ?? ""),
};

export function quarterText(day: string): string {
	const [year = "", month = "1"] = day.split("-");
	return t("centres.quarter", { year, n: Math.ceil(Number(month) / 3) });
}

// A bar of two parts and its numbers: opened, and still to come.
function Plan({ quarters }: { quarters: readonly CentreQuarter[] }) {
	const most = Math.max(1, ...quarters.map((q) => (q.opened ?? 0) + (q.in_preparation ?? 0)));
	return (
		<section class="panel" aria-labelledby="plan-title">
			<h2 id="plan-title">{t("centres.plan")}</h2>
			<table class="list cards">
				<thead>
					<tr>
						<th scope="col">{t("centres.in")}</th>
						<th scope="col" class="num">{t("centres.opened")}</th>
						<th scope="col" class="num">{t("centres.preparing")}</th>
						<th scope="col"><span class="unseen">{t("centres.share")}</span></th>
					</tr>
				</thead>
				<tbody>
					{quarters.map((q) => (
						<tr key={q.first_day ?? ""}>
							<th scope="row">{q.first_day ? quarterText(q.first_day) : t("centres.no_day")}</th>
							<td class="num" data-label={t("centres.opened")}>{format.integer(q.opened ?? 0)}</td>
							<td class="num" data-label={t("centres.preparing")}>{format.integer(q.in_preparation ?? 0)}</td>
							<td aria-hidden="true" class="plan-cell">
								<div class="plan-bar">
									<div class="plan-open" style={{ width: `${(100 * (q.opened ?? 0)) / most}%` }} />
									<div class="plan-coming" style={{ width: `${(100 * (q.in_preparation ?? 0)) / most}%` }} />
								</div>
							</td>
						</tr>
					))}
				</tbody>
			</table>
			<p class="soft">{t("centres.bar")}</p>
		</section>
	);
}

export function CentresTab({ open, may, view }: { open: string; may: boolean; view: View }) {
	const state = states.find((name) => name === usePlace().query["state"]) ?? "";
	const handles = view.who.roles?.includes("handler") === true;
	const works = may || handles;
	// Of all centres, whatever the list is narrowed to.
	const plan = useFetched<{ quarters?: CentreQuarter[] }>(apiPath("/centres", { limit: 1 })).data?.quarters ?? [];
	return (
		<RecordsTab
			config={centres}
			open={open}
			may={may}
			params={{ state, limit: 200 }}
			more={(record) => works && <SlotRulesPanel unit={String(record["unit"] ?? "")} may={may} visits={handles} />}
			above={plan.length > 0 && <Plan quarters={plan} />}
			filters={
				<label>
					<span>{t("field.state")}</span>
					<select class="control" value={state} onChange={(e) => setQuery({ state: e.currentTarget.value })}>
						<option value="">{t("filter.all")}</option>
						{states.map((name) => <option key={name} value={name}>{word("centre_state", name)}</option>)}
					</select>
				</label>
			}
			cell={(field, record) =>
				field !== "open" ? undefined : record["open"]
					? <span class="mark tone-good"><span aria-hidden="true">●</span> {t("centre_state.CENTRE_OPEN")}</span>
					: <span class="mark tone-idle"><span aria-hidden="true">◌</span> {t("centre_state.CENTRE_IN_PREPARATION")}</span>}
		/>
	);
}
