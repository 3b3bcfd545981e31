// The units below, each with all figures. A ratio is marked only when it can be told
// apart from the whole: an order of figures that chance made is no ranking.
import { t, type Key } from "../../i18n/i18n";
import type { ApiError } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import {
	against,
	figureOf,
	figureText,
	find,
	forms,
	indicators,
	isIndicator,
	tone,
	type Figure,
	type Indicator,
} from "../../lib/indicator";
import { useChildren } from "../../lib/names";
import { address, setQuery, usePlace } from "../../lib/router";
import type { Cell, GetCellsReply } from "../../lib/types";
import { countsText, differenceShape, intervalText } from "../../parts/figure";
import { ProblemBox } from "../../parts/problem";

interface Row {
	code: string;
	name: string;
	own: boolean; // what stands at the asked unit itself
	figures: Record<Indicator, Figure>;
}

interface Props {
	unit: string;
	reply: GetCellsReply | undefined;
	whole: Cell[] | undefined;
	busy: boolean;
	error: ApiError | undefined;
	onRetry: () => void;
}

function rowsOf(reply: GetCellsReply | undefined, unit: string, name: (code: string) => string): Row[] {
	const byUnit = new Map<string, Cell[]>();
	for (const cell of reply?.cells ?? []) {
		const code = cell.dimensions?.[0] ?? "";
		byUnit.set(code, [...(byUnit.get(code) ?? []), cell]);
	}
	return [...byUnit].map(([code, cells]) => ({
		code,
		own: code === unit,
		name: code === unit ? t("units.own") : name(code),
		figures: Object.fromEntries(
			indicators.map((id) => [id, figureOf(id, cells.find((c) => c.indicator === id))]),
		) as Record<Indicator, Figure>,
	}));
}

// "-appeals": by appeals, the most first.
function sorted(rows: Row[], sort: string): Row[] {
	const down = sort.startsWith("-");
	const key = down ? sort.slice(1) : sort;
	const out = [...rows].sort((a, b) => {
		if (!isIndicator(key)) return a.name.localeCompare(b.name);
		const [x, y] = [a.figures[key], b.figures[key]];
		if (x.known !== y.known) return x.known ? (down ? 1 : -1) : down ? -1 : 1;
		return x.value - y.value || b.code.localeCompare(a.code);
	});
	return down ? out.reverse() : out;
}

function save(rows: Row[]): void {
	const head = ["unit", "name", ...indicators.flatMap((id) =>
		forms[id] === "count" ? [id] : [`${id}_numerator`, `${id}_denominator`, id, `${id}_low`, `${id}_high`],
	)];
	const body = rows.map((row) => [row.code, row.name, ...indicators.flatMap((id) => {
		const f = row.figures[id];
		if (forms[id] === "count") return [f.numerator];
		return [f.numerator, f.denominator, ...(f.known ? [f.value, f.low, f.high] : ["", "", ""])];
	})]);
	download("units.csv", csv([head, ...body]));
}

function FigureCell({ figure, whole }: { figure: Figure; whole: Figure }) {
	const difference = against(figure, whole);
	const marked = difference === "higher" || difference === "lower";
	return (
		<td class="num" title={[countsText(figure), intervalText(figure)].filter(Boolean).join("\n")}>
			{marked && (
				<span class={`tone-${tone(difference, figure.indicator)}`}>
					<span aria-hidden="true">{differenceShape[difference]}</span>
					<span class="unseen">{t(difference === "higher" ? "units.above" : "units.below")}</span>{" "}
				</span>
			)}
			{figureText(figure)}
		</td>
	);
}

function SortHead({ id, sort, label }: { id: string; sort: string; label: string }) {
	const down = sort === `-${id}`;
	const up = sort === id;
	return (
		<th scope="col" class={id === "name" ? "" : "num"} aria-sort={down ? "descending" : up ? "ascending" : "none"}>
			<button
				type="button"
				class="sort"
				onClick={() => setQuery({ sort: down || (id === "name" && !up) ? id : `-${id}` }, "replace")}
			>
				{label} <span aria-hidden="true">{down ? "↓" : up ? "↑" : "↕"}</span>
			</button>
		</th>
	);
}

export function UnitsPanel({ unit, reply, whole, busy, error, onRetry }: Props) {
	const sort = usePlace().query["sort"] ?? "-appeals";
	const { name, units } = useChildren(unit);
	const rows = sorted(rowsOf(reply, unit, name), sort);
	const title = t("units.title");
	return (
		<section class="panel" aria-labelledby="units-title" aria-busy={busy}>
			<div class="panel-head">
				<h2 id="units-title">{title}</h2>
				<div class="actions">
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => save(rows)}>
						{t("action.export")}
					</button>
				</div>
			</div>
			<p class="soft">{t("units.note")}</p>
			{error && <ProblemBox error={error} onRetry={onRetry} />}
			<div class="scroll units-table" tabIndex={0} role="group" aria-labelledby="units-title">
				<table class="list">
					<caption class="unseen">{title}</caption>
					<thead>
						<tr>
							<SortHead id="name" sort={sort} label={t("units.unit")} />
							{indicators.map((id) => (
								<SortHead key={id} id={id} sort={sort} label={t(`indicator.short.${id}` as Key)} />
							))}
						</tr>
					</thead>
					<tbody>
						{rows.map((row) => (
							<tr key={row.code}>
								<th scope="row">
									{row.own ? row.name : <a href={address("/", { unit: row.code, sort })}>{row.name}</a>}{" "}
									<small class="soft">{row.code}</small>
								</th>
								{indicators.map((id) => (
									<FigureCell key={id} figure={row.figures[id]} whole={find(whole, id)} />
								))}
							</tr>
						))}
						{rows.length === 0 && (
							<tr>
								<td colSpan={indicators.length + 1} class="empty">
									{reply === undefined
										? t("state.loading")
										: t(units.length === 0 && unit !== "" ? "units.leaf" : "units.empty")}
								</td>
							</tr>
						)}
					</tbody>
				</table>
			</div>
		</section>
	);
}
