// The visits of a day to a centre, for those who receive them, to be printed too. No
// file is offered: it would be a copy of personal data that nobody erases.
import { t } from "../i18n/i18n";
import { apiPath } from "../lib/api";
import { useFetched } from "../lib/fetched";
import * as format from "../lib/format";
import { unitName, useTerms, useUnit } from "../lib/names";
import { dayNumber, dayText, isDay, today } from "../lib/period";
import { address, setQuery, usePlace } from "../lib/router";
import { ListFoot, ListTable } from "../parts/list";
import { Page } from "../parts/page";
import { ProblemBox } from "../parts/problem";
import { clockText } from "../parts/values";
import type { View } from "./view";

interface Booking {
	number: string;
	service?: string;
	minute?: number;
	name?: string;
	phone?: string;
	email?: string;
}

function CentreName({ unit }: { unit: string }) {
	const known = useUnit(unit)?.unit;
	return <option value={unit}>{unitName(known, unit)}</option>;
}

export function VisitsPage({ view }: { view: View }) {
	const { query } = usePlace();
	const day = isDay(query["day"] ?? "") ? query["day"]! : today();
	const centres = useFetched<{ centres?: { unit: string }[] }>(apiPath("/centres", { state: "CENTRE_OPEN", limit: 500 })).data?.centres;
	const all = (centres ?? []).map((centre) => centre.unit);
	const centre = query["centre"] || all.find((unit) => unit === view.unit) || (all.length === 1 ? all[0]! : "");
	const known = useUnit(centre === "" ? null : centre)?.unit;
	const service = useTerms("centre_service").name;
	const { data, error, busy, reload } = useFetched<{ bookings?: Booking[] }>(centre === "" ? null : apiPath("/bookings", { unit: centre, day }));
	const rows = data?.bookings ?? [];
	const go = (days: number): void => setQuery({ day: dayText(dayNumber(day) + days) });
	const name = centre === "" ? "" : unitName(known, centre);
	const none = centre !== "" ? t("visits.none") : centres && all.length === 0 ? t("visits.no_centre") : t("visits.choose");
	return (
		<Page
			title={name === "" ? t("visits.title") : t("visits.of", { unit: name })}
			note={format.dayLong(day)}
			actions={
				<>
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => window.print()}>{t("action.print")}</button>
					<button type="button" class="button" disabled={centre === ""} onClick={reload}>{t("action.reload")}</button>
					<a class="button" href={address("/directory/centres")}>{t("directory.tab.centres")}</a>
				</>
			}
		>
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<label>
					<span>{t("visits.centre")}</span>
					<select class="control" value={centre} onChange={(e) => setQuery({ centre: e.currentTarget.value })}>
						<option value="">{t("field.choose")}</option>
						{all.map((unit) => <CentreName key={unit} unit={unit} />)}
						{centre !== "" && !all.includes(centre) && <option value={centre}>{name}</option>}
					</select>
				</label>
				<label>
					<span>{t("visits.day")}</span>
					<input class="control" type="date" value={day} onChange={(e) => isDay(e.currentTarget.value) && setQuery({ day: e.currentTarget.value })} />
				</label>
				<button type="button" class="button" onClick={() => go(-1)}>{t("visits.before")}</button>
				<button type="button" class="button" onClick={() => go(1)}>{t("visits.after")}</button>
			</form>
			{error && <ProblemBox error={error} onRetry={reload} />}
			<div class="panel">
				<ListTable
					page={{ rows: centre === "" || error ? [] : data && rows, more: false, busy: centre !== "" && busy, error, next: () => undefined }}
					title={t("visits.title")}
					columns={[t("visits.at"), t("visits.service"), t("customer.name"), t("customer.phone"), t("customer.email"), t("field.number")]}
					none={error ? "" : none}
				>
					{rows.map((row) => (
						<tr key={row.number}>
							<th scope="row">{clockText(row.minute ?? 0)}</th>
							<td data-label={t("visits.service")}>{service(row.service)}</td>
							<td data-label={t("customer.name")}><bdi lang="">{row.name}</bdi></td>
							<td data-label={t("customer.phone")}>{row.phone ? <bdi>{row.phone}</bdi> : "–"}</td>
							<td data-label={t("customer.email")}>{row.email ? <bdi lang="">{row.email}</bdi> : "–"}</td>
							<td data-label={t("field.number")}><code>{row.number}</code></td>
						</tr>
					))}
				</ListTable>
			</div>
			<ListFoot page={{ rows, more: false, busy, error, next: () => undefined }} />
			<p class="soft">{t("visits.audited")}</p>
		</Page>
	);
}
