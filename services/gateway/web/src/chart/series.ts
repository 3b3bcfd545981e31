// The picture of a series, with ECharts on a canvas; loaded when the first one is
// shown. Bars from zero for counts; a line with its 95 % band for shares and rates;
// what is provisional hatched or dashed. The tooltip is drawn too: the policy of the
// pages lets no HTML with styles in.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { t } from "../i18n/i18n";
import * as format from "../lib/format";
import { figureText, forms, valueText, type Indicator } from "../lib/indicator";
import type { Point } from "../pages/overview/series-panel";
import { countsText, intervalText } from "../parts/figure";

echarts.use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

function token(name: string): string {
	return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

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

const hatch = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4 };

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
	const text = { color: token("ink-soft"), fontFamily: token("font"), fontSize: 12 };
	return {
		animation: false,
		aria: { enabled: false },
		textStyle: { fontFamily: token("font") },
		grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
		tooltip: {
			trigger: "axis",
			renderMode: "richText",
			confine: true,
			backgroundColor: token("surface"),
			borderColor: token("edge"),
			textStyle: { color: token("ink"), fontFamily: token("font"), fontSize: 12 },
			axisPointer: { type: form === "count" ? "shadow" : "line" },
			formatter: (shown: unknown) => {
				const index = (shown as { dataIndex: number }[])[0]?.dataIndex;
				return tooltipText(points[index ?? -1]);
			},
		},
		xAxis: {
			type: "category",
			data: points.map((p) => p.day),
			axisLine: { lineStyle: { color: token("edge") } },
			axisTick: { show: false },
			axisLabel: { ...text, hideOverlap: true, formatter: (d: string) => format.dayShort(d) },
		},
		yAxis: {
			type: "value",
			min: form === "share" ? undefined : 0,
			max: form === "share" ? 1 : undefined,
			scale: form === "share",
			splitNumber: 4,
			minInterval: form === "count" ? 1 : undefined,
			splitLine: { lineStyle: { color: token("rule") } },
			axisLabel: { ...text, formatter: (v: number) => valueText(form, v) },
		},
		series: form === "count" ? bars(points) : lines(points),
	};
}

export interface Drawn {
	repaint: () => void;
	dispose: () => void;
}

export function drawSeries(box: HTMLElement, points: Point[], indicator: Indicator): Drawn {
	const chart = echarts.init(box, undefined, { renderer: "canvas" });
	const repaint = (): void => chart.setOption(options(points, indicator), true);
	const watch = new ResizeObserver(() => chart.resize());
	repaint();
	watch.observe(box);
	return {
		repaint,
		dispose: () => {
			watch.disconnect();
			chart.dispose();
		},
	};
}
