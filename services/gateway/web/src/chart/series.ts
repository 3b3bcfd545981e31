// The picture of a series. Bars from zero for counts; a line with its 95 % band for shares and rates;
// what is provisional hatched or dashed.
import { t } from "../i18n/i18n";
import * as format from "../lib/format";
import { figureText, forms, valueText, type Indicator } from "../lib/indicator";
import type { Point } from "../pages/overview/series-panel";
import { countsText, intervalText } from "../parts/figure";
import { drawing, frameOf, hatch, token, type Drawn } from "./drawing";

function tooltipText(point: Point | undefined): string {
	if (!point) return "";
	const lines = [
		`${format.day(point.day)}   ${figureText(point.figure)}`,
		countsText(point.figure),
		intervalText(point.figure),
		point.provisional ? t("series.provisional") : "",
	];
	return lines.filter((line) => line !== "").join("\n");
}

function bars(points: Point[]): object[] {
	return [
		{
			type: "bar",
			barMaxWidth: 32,
			data: points.map((p) => ({
				value: p.figure.value,
				itemStyle: p.provisional
					? { color: token("band"), borderColor: token("series"), decal: { ...hatch, color: token("series") } }
					: { color: token("series") },
			})),
		},
	];
}

function lines(points: Point[]): object[] {
	const hidden = { type: "line", stack: "band", symbol: "none", silent: true, lineStyle: { opacity: 0 } };
	const value = (p: Point, known: number): number | null => (p.figure.known ? known : null);
	// The dashed part begins at the last settled point, so that the line is whole.
	const first = points.findIndex((p) => p.provisional);
	const settled = first < 0 ? points.length : first;
	const line = { type: "line", symbolSize: 5, itemStyle: { color: token("series") } };
	return [
		{ ...hidden, data: points.map((p) => value(p, p.figure.low)) },
		{
			...hidden,
			areaStyle: { color: token("band"), opacity: 1 },
			data: points.map((p) => value(p, p.figure.high - p.figure.low)),
		},
		{
			...line,
			lineStyle: { color: token("series"), width: 2 },
			data: points.map((p, i) => (i < settled ? value(p, p.figure.value) : null)),
		},
		{
			...line,
			symbol: "emptyCircle",
			lineStyle: { color: token("series"), width: 2, type: "dashed" },
			data: points.map((p, i) => (i >= settled - 1 ? value(p, p.figure.value) : null)),
		},
	];
}

function options(points: Point[], indicator: Indicator): Record<string, unknown> {
	const form = forms[indicator];
	const frame = frameOf({
		keys: points.map((p) => p.day),
		keyText: format.dayShort,
		valueText: (v) => valueText(form, v),
		tooltip: (index) => tooltipText(points[index]),
		bars: form === "count",
	});
	return {
		...frame,
		yAxis: {
			...frame.yAxis,
			min: form === "share" ? undefined : 0,
			max: form === "share" ? 1 : undefined,
			scale: form === "share",
		},
		series: form === "count" ? bars(points) : lines(points),
	};
}

export function drawSeries(box: HTMLElement, points: Point[], indicator: Indicator): Drawn {
	return drawing(box, () => options(points, indicator));
}
