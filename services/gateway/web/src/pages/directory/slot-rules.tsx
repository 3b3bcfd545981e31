// How visits to a centre are booked: by service, the rule of the day and those that
// come. A rule is ended by one that gives no places from a day on.
import { useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { validityOf } from "../../lib/directory";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { useTerms } from "../../lib/names";
import { today } from "../../lib/period";
import { address } from "../../lib/router";
import { ProblemBox } from "../../parts/problem";
import { PutForm } from "../../parts/put-form";
import { ListTable } from "../../parts/list";
import type { Field, Values } from "../../parts/values";
import { Span } from "./record-page";

interface SlotRule {
	service: string;
	valid_from_day?: string;
	slot_minutes?: number;
	capacity?: number; // none: no visits
	changed_by?: string;
}

const service: Field = { name: "service", type: "code", taxonomy: "centre_service", required: true };
const from: Field = { name: "valid_from_day", type: "day", required: true };
const fields: readonly Field[] = [
	service,
	{ name: "slot_minutes", type: "number", required: true },
	{ name: "capacity", type: "number", required: true, hint: "field.capacity.hint" },
	from,
];

interface Form {
	mode: "add" | "end";
	values: Values;
}

// Of one service, the newest first: until the day on which the next one begins.
function until(rules: readonly SlotRule[], rule: SlotRule): string {
	const same = rules.filter((r) => r.service === rule.service);
	return same[same.indexOf(rule) - 1]?.valid_from_day ?? "";
}

export function SlotRulesPanel({ unit, may, visits }: { unit: string; may: boolean; visits: boolean }) {
	const { data, error, busy, reload } = useFetched<{ rules?: SlotRule[] }>(apiPath("/slot-rules", { unit }));
	const [form, setForm] = useState<Form | undefined>();
	const name = useTerms("centre_service").name;
	const rules = data?.rules ?? [];
	const add = (rule?: SlotRule): void =>
		setForm({
			mode: "add",
			values: { service: rule?.service ?? "", slot_minutes: String(rule?.slot_minutes ?? 30), capacity: String(rule?.capacity ?? 1), valid_from_day: today() },
		});
	return (
		<>
			<section class="panel" aria-labelledby="slots-title">
				<h2 id="slots-title">{t("slots.title")}</h2>
				<p class="soft">{t("slots.note")}</p>
				{error && <ProblemBox error={error} onRetry={reload} />}
				<ListTable
					page={{ rows: data && rules, more: false, busy, error, next: () => undefined }}
					title={t("slots.title")}
					columns={[t("visits.service"), t("slots.rule"), t("slots.validity"), t("slots.by"), ...(may ? [t("record.change_now")] : [])]}
					none={t("slots.empty")}
				>
					{rules.map((rule) => {
						const end = until(rules, rule);
						const open = end === "" && (rule.capacity ?? 0) > 0;
						return (
							<tr key={`${rule.service}/${rule.valid_from_day}`}>
								<th scope="row">{name(rule.service)}</th>
								<td data-label={t("slots.rule")}>
									{rule.capacity ? t("slots.is", { minutes: rule.slot_minutes ?? 0, n: rule.capacity }) : t("slots.ended")}
								</td>
								<td data-label={t("slots.validity")}><Span from={rule.valid_from_day ?? ""} to={end} /></td>
								<td data-label={t("slots.by")}><bdi>{rule.changed_by}</bdi></td>
								{may && (
									<td data-label={t("record.change_now")}>
										<span class="choices">
											{validityOf(rule.valid_from_day, end, today()) !== "past" && (
												<button type="button" class="button" onClick={() => add(rule)}>{t("record.change")}</button>
											)}
											{open && (
												<button
													type="button"
													class="button"
													onClick={() => setForm({ mode: "end", values: { service: rule.service, slot_minutes: String(rule.slot_minutes ?? 0), valid_from_day: today() } })}
												>
													{t("record.end")}
												</button>
											)}
										</span>
									</td>
								)}
							</tr>
						);
					})}
				</ListTable>
				<p class="choices">
					{may && <button type="button" class="button" onClick={() => add()}>{t("slots.add")}</button>}
					{visits && <a class="button" href={address("/visits", { centre: unit })}>{t("visits.title")}</a>}
				</p>
			</section>
			{form && (
				<PutForm
					key={`${form.mode}/${form.values["service"]}`}
					id="slot-form"
					title={form.mode === "add" ? t("slots.add") : t("slots.end", { service: name(form.values["service"]) })}
					fields={form.mode === "add" ? fields : [service, from]}
					values={form.values}
					fixed={form.mode === "add" ? [] : ["service"]}
					effect={t(form.mode === "add" ? "slots.add.effect" : "slots.end.effect", { day: format.day(today()) })}
					button={form.mode === "add" ? t("record.save") : t("record.end")}
					path="/api/v1/slot-rules"
					message={(body) => ({ unit, slot_minutes: Number(form.values["slot_minutes"]), capacity: 0, ...body })}
					onSaved={() => {
						setForm(undefined);
						reload();
					}}
					onCancel={() => setForm(undefined)}
				/>
			)}
		</>
	);
}
