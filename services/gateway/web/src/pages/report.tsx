// The report of appeals of a quarter, or of any days: by kind, and within each kind by
// how it came and by what it is about; beside the period before and the same days a
// year earlier. Made to be printed as well.
import { t, word } from "../i18n/i18n";
import { apiPath } from "../lib/api";
import { csv, download } from "../lib/csv";
import { useFetched } from "../lib/fetched";
import * as format from "../lib/format";
import { changeText, compare, figureOf } from "../lib/indicator";
import { unitName, useRoot, useTerms, useUnit, type NameOf } from "../lib/names";
import { daysParameter, dayNumber, dayText, quarterBefore, type Period } from "../lib/period";
import { setQuery } from "../lib/router";
import { count } from "../lib/types";
import { differenceShape } from "../parts/figure";
import { Page } from "../parts/page";
import { ProblemBox } from "../parts/problem";
import type { View } from "./view";

interface Row {
	margin?: string;
	kind?: string;
	code?: string;
	count?: string;
	share_of_all?: number;
	share_of_kind?: number;
	of_all?: string;
	of_kind?: string;
	before?: string;
	year_before?: string;
}

interface Days {
	from_day?: string;
	to_day?: string;
}

interface GetAppealReportReply {
	days?: Days;
	days_before?: Days;
	days_year_before?: Days;
	rows?: Row[];
	events_behind?: string;
}

// Half open, as the API has it; said with both days in it.
function span(days: Days | undefined): string {
	if (!days?.from_day || !days.to_day) return "–";
	return `${format.day(days.from_day)} – ${format.day(dayText(dayNumber(days.to_day) - 1))}`;
}

interface Names {
	kind: NameOf;
	topic: NameOf;
}

function nameOf(row: Row, names: Names): string {
	switch (row.margin) {
		case "kind":
			return names.kind(row.kind);
		case "channel_class":
			return row.code ? word("class", row.code) : t("report.no_class");
		case "topic":
			return row.code ? names.topic(row.code) : t("case.not_classified");
		default:
			return t("report.all");
	}
}

// A count with its share, and what that is a share of.
function Cell({ row, of }: { row: Row | undefined; of: "all" | "kind" }) {
	if (!row) return <span class="soft">–</span>;
	const base = count(of === "all" ? row.of_all : row.of_kind);
	const n = count(row.count);
	const share = (of === "all" ? row.share_of_all : row.share_of_kind) ?? 0;
	return (
		<span title={t("figure.counts", { numerator: n, denominator: base })}>
			{format.integer(n)} {base > 0 && <small class="soft">{format.percent(share)}</small>}
		</span>
	);
}

const byCount = (a: Row, b: Row): number => count(b.count) - count(a.count);

// As the source has it: kinds side by side; below them the ways they came, in parts of
// all appeals, and the topics, in parts of the kind.
function Grid({ rows, names }: { rows: readonly Row[]; names: Names }) {
	const kinds = rows.filter((row) => row.margin === "kind").sort(byCount);
	const find = (margin: string, kind: string | undefined, code: string | undefined): Row | undefined =>
		rows.find((row) => row.margin === margin && row.kind === kind && row.code === code);
	const codes = (margin: string): (string | undefined)[] => {
		const sums = new Map<string | undefined, number>();
		for (const row of rows) if (row.margin === margin) sums.set(row.code, (sums.get(row.code) ?? 0) + count(row.count));
		return [...sums].sort((a, b) => b[1] - a[1]).map(([code]) => code);
	};
	const parts = [
		{ margin: "channel_class", title: t("report.by_channel"), of: "all" },
		{ margin: "topic", title: t("report.by_topic"), of: "kind" },
	] as const;
	return (
		<table class="list cards report">
			<caption>{t("report.grid")}</caption>
			<thead>
				<tr>
					<td />
					{kinds.map((kind) => <th key={kind.kind} scope="col" class="num">{names.kind(kind.kind)}</th>)}
				</tr>
			</thead>
			<tbody>
				<tr class="report-sum">
					<th scope="row">{t("report.of_all")}</th>
					{kinds.map((kind) => <td key={kind.kind} class="num" data-label={names.kind(kind.kind)}><Cell row={kind} of="all" /></td>)}
				</tr>
			</tbody>
			{parts.map((part) => (
				<tbody key={part.margin}>
					<tr class="report-part"><th scope="rowgroup" colSpan={kinds.length + 1}>{part.title}</th></tr>
					{codes(part.margin).map((code) => (
						<tr key={code ?? ""}>
							<th scope="row">{nameOf({ margin: part.margin, ...(code ? { code } : {}) }, names)}</th>
							{kinds.map((kind) => (
								<td key={kind.kind} class="num" data-label={names.kind(kind.kind)}><Cell row={find(part.margin, kind.kind, code)} of={part.of} /></td>
							))}
						</tr>
					))}
				</tbody>
			))}
		</table>
	);
}

// More, fewer, or no more than chance; the count before beside it.
function Change({ now, before }: { now: number; before: number }) {
	const [n, b] = [now, before].map((numerator) => figureOf("appeals", { numerator: String(numerator) })) as [ReturnType<typeof figureOf>, ReturnType<typeof figureOf>];
	const difference = compare(n, b);
	return (
		<span>
			{format.integer(before)}{" "}
			{difference !== "unknown" && (
				<small class="soft">
					<span aria-hidden="true">{differenceShape[difference]}</span> {difference === "alike" ? t("report.alike") : changeText(n, b)}
				</small>
			)}
		</span>
	);
}

function Comparison({ reply, names }: { reply: GetAppealReportReply; names: Names }) {
	const rows = reply.rows ?? [];
	const kinds = rows.filter((row) => row.margin === "kind").sort(byCount);
	const ordered = [
		...rows.filter((row) => row.margin === "all"),
		...kinds.flatMap((kind) => [
			kind,
			...["channel_class", "topic"].flatMap((margin) => rows.filter((row) => row.margin === margin && row.kind === kind.kind).sort(byCount)),
		]),
	];
	const columns = [t("report.now"), t("report.before"), t("report.year_before")] as const;
	return (
		<table class="list cards report">
			<caption>{t("report.compared")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("report.what")}</th>
					<th scope="col" class="num">{columns[0]}<br /><small>{span(reply.days)}</small></th>
					<th scope="col" class="num">{columns[1]}<br /><small>{span(reply.days_before)}</small></th>
					<th scope="col" class="num">{columns[2]}<br /><small>{span(reply.days_year_before)}</small></th>
				</tr>
			</thead>
			<tbody>
				{ordered.map((row) => (
					<tr key={`${row.margin}/${row.kind ?? ""}/${row.code ?? ""}`} class={row.margin === "all" || row.margin === "kind" ? "report-sum" : "report-below"}>
						<th scope="row">{nameOf(row, names)}</th>
						<td class="num" data-label={columns[0]}>{format.integer(count(row.count))}</td>
						<td class="num" data-label={columns[1]}><Change now={count(row.count)} before={count(row.before)} /></td>
						<td class="num" data-label={columns[2]}><Change now={count(row.count)} before={count(row.year_before)} /></td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

function saveCsv(rows: readonly Row[], names: Names, period: Period): void {
	download(`report-${period.from}-${period.to}.csv`, csv([
		["margin", "kind", "code", "name", "count", "of_all", "share_of_all", "of_kind", "share_of_kind", "before", "year_before"],
		...rows.map((row) => [
			row.margin ?? "", row.kind ?? "", row.code ?? "", nameOf(row, names), count(row.count), count(row.of_all), row.share_of_all ?? 0,
			count(row.of_kind), row.share_of_kind ?? 0, count(row.before), count(row.year_before),
		]),
	]));
}

export function ReportPage({ view }: { view: View }) {
	const { period } = view;
	const root = useRoot(view.unit, view.who);
	const known = useUnit(root === "" ? null : root);
	const names: Names = { kind: useTerms("kind").name, topic: useTerms("topic").name };
	const { data, error, busy, reload } = useFetched<GetAppealReportReply>(apiPath("/reports/appeals", { unit: view.unit, days: daysParameter(period) }));
	const rows = data?.rows ?? [];
	const behind = count(data?.events_behind);
	const all = count(rows.find((row) => row.margin === "all")?.count);
	const quarters = [0, 1, 2, 3, 4].map((n) => quarterBefore(new Date(), n));
	return (
		<Page
			title={t("report.title", { unit: root === "" ? t("scope.all") : unitName(known?.unit, root) })}
			note={t("overview.period", { from: format.day(period.from), to: format.day(period.to) })}
			actions={
				<>
					<button type="button" class="button" disabled={all === 0} onClick={() => window.print()}>{t("action.print")}</button>
					<button type="button" class="button" disabled={all === 0} onClick={() => saveCsv(rows, names, period)}>{t("action.export")}</button>
				</>
			}
		>
			<div class="filters" role="group" aria-label={t("report.quarters")}>
				{quarters.map((quarter) => (
					<button
						key={quarter.id}
						type="button"
						class="button"
						aria-pressed={quarter.id === period.id}
						onClick={() => setQuery({ period: quarter.id })}
					>
						{t("centres.quarter", { year: quarter.from.slice(0, 4), n: Math.ceil(Number(quarter.from.slice(5, 7)) / 3) })}
					</button>
				))}
			</div>
			{error && <ProblemBox error={error} onRetry={reload} />}
			<section class="panel" aria-busy={busy} aria-label={t("report.grid")}>
				{data && all === 0 && <p class="empty">{t("units.empty")}</p>}
				{!data && !error && <p class="empty">{t("state.loading")}</p>}
				{all > 0 && (
					<>
						<p class="report-total"><b>{format.integer(all)}</b> {t("report.total", { n: all })}</p>
						<Grid rows={rows} names={names} />
						<p class="soft screen-only">{t("report.grid.note")}</p>
					</>
				)}
			</section>
			{data && all > 0 && (
				<section class="panel" aria-label={t("report.compared")}>
					<Comparison reply={data} names={names} />
					<p class="soft">{t("report.compared.note")}</p>
				</section>
			)}
			<p class="provisional soft">{behind > 0 && <span><span aria-hidden="true">▨</span> {t("overview.behind", { n: behind })}</span>}</p>
			<p class="print-only soft">{t("report.made", { time: format.timeExact(new Date().toISOString()), name: view.who.display_name || view.who.name })}</p>
		</Page>
	);
}
