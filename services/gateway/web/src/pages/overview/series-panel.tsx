// One indicator over the days or months of the period: as a picture, and with one
// key as the table that it is drawn from.
import { useEffect, useRef, useState } from "preact/hooks";
import { useKeys } from "../../frame/keys";
import { t, type Key } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { figureOf, figureText, forms, type Figure, type Indicator } from "../../lib/indicator";
import { dayOf, daysParameter, isProvisional, lengthDays, today, type Period } from "../../lib/period";
import type { GetSeriesReply } from "../../lib/types";
import { Chart } from "../../parts/chart";
import { countsText, intervalText } from "../../parts/figure";
import { ProblemBox } from "../../parts/problem";

export interface Point {
	day: string;
	figure: Figure;
	provisional: boolean;
}

// Above this many days a picture of days is a picture of nothing.
const DAYS_MAX = 92;

interface Props {
	unit: string;
	period: Period;
	indicator: Indicator;
	at: number; // asks again when the figures above were
}

function Table({ points, title }: { points: Point[]; title: string }) {
	return (
		<div class="scroll chart-table" tabIndex={0} role="group" aria-label={title}>
			<table class="list">
				<caption class="unseen">{title}</caption>
				<thead>
					<tr>
						<th scope="col">{t("series.day")}</th>
						<th scope="col" class="num">{t("series.value")}</th>
						<th scope="col">{t("series.counts")}</th>
						<th scope="col">{t("series.interval")}</th>
					</tr>
				</thead>
				<tbody>
					{points.map((p) => (
						<tr key={p.day}>
							<th scope="row">
								{format.day(p.day)} {p.provisional && <small>{t("series.provisional")}</small>}
							</th>
							<td class="num">{figureText(p.figure)}</td>
							<td>{countsText(p.figure)}</td>
							<td>{intervalText(p.figure)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

function save(points: Point[], indicator: Indicator, period: Period): void {
	const head = ["day", "indicator", "numerator", "denominator", "value", "low", "high", "provisional"];
	const rows = points.map((p) => [
		p.day,
		indicator,
		p.figure.numerator,
		p.figure.denominator,
		p.figure.known ? p.figure.value : "",
		p.figure.known ? p.figure.low : "",
		p.figure.known ? p.figure.high : "",
		p.provisional ? "yes" : "no",
	]);
	download(`${indicator}-${period.from}-${period.to}.csv`, csv([head, ...rows]));
}

export function SeriesPanel({ unit, period, indicator, at }: Props) {
	const [table, setTable] = useState(false);
	const months = lengthDays(period) > DAYS_MAX;
	const reply = useFetched<GetSeriesReply>(
		apiPath("/series", {
			unit,
			indicator,
			days: daysParameter(period),
			step: months ? "BY_MONTH" : "BY_DAY",
		}),
	);
	const asked = useRef(at);
	useEffect(() => {
		if (asked.current !== 0 && at !== asked.current) reply.reload();
		asked.current = at;
	}, [at]);
	useKeys({ t: () => setTable(!table) });

	// The same points as long as the reply is the same: the picture is not
	// drawn anew with every event that is counted beside it.
	const drawn = useRef<{ of: GetSeriesReply | undefined; points: Point[] }>({ of: undefined, points: [] });
	if (reply.data !== undefined && drawn.current.of !== reply.data)
		drawn.current = {
			of: reply.data,
			points: (reply.data.points ?? []).map((cell) => {
				const day = dayOf(cell.dimensions?.[0] ?? "0");
				return { day, figure: figureOf(indicator, cell), provisional: isProvisional(day, today()) };
			}),
		};
	const points = drawn.current.points;
	const title = t(`series.${indicator}.${months ? "months" : "days"}` as Key);
	const notes: Key = forms[indicator] === "count" ? "series.note_bars" : "series.note_band";
	return (
		<section class="panel" aria-labelledby="series-title" aria-busy={reply.busy}>
			<div class="panel-head">
				<h2 id="series-title">{title}</h2>
				<div class="actions">
					<button type="button" class="button" aria-pressed={table} aria-keyshortcuts="t" onClick={() => setTable(!table)}>
						{t(table ? "series.picture" : "series.table")} <kbd>t</kbd>
					</button>
					<button type="button" class="button" onClick={() => save(points, indicator, period)}>
						{t("action.export")}
					</button>
				</div>
			</div>
			{reply.error && <ProblemBox error={reply.error} onRetry={reply.reload} />}
			{table ? (
				<Table points={points} title={title} />
			) : (
				<Chart
					draw={() => import("../../chart/series").then(({ drawSeries }) => (box) => drawSeries(box, points, indicator))}
					of={[points, indicator]}
					label={t("series.picture_of", { title })}
				/>
			)}
			<p class="soft">{t(notes)}</p>
		</section>
	);
}
