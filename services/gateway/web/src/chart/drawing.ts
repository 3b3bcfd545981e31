// What all pictures share: ECharts on a canvas, loaded when the first one is shown;
// its colours, axes and tooltip. The tooltip is drawn too: the policy of the pages lets
// no HTML with styles in.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

export const hatch = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4 };

export function token(name: string): string {
	return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

interface Framed {
	keys: string[];
	keyText: (key: string) => string;
	valueText: (value: number) => string;
	tooltip: (index: number) => string;
	bars: boolean; // counts, as bars from zero
}

type Options = Record<string, unknown>;

export function frameOf({ keys, keyText, valueText, tooltip, bars }: Framed): Options & { yAxis: Options } {
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
			axisPointer: { type: bars ? "shadow" : "line" },
			formatter: (shown: unknown) => tooltip((shown as { dataIndex: number }[])[0]?.dataIndex ?? -1),
		},
		xAxis: {
			type: "category",
			data: keys,
			axisLine: { lineStyle: { color: token("edge") } },
			axisTick: { show: false },
			axisLabel: { ...text, hideOverlap: true, formatter: keyText },
		},
		yAxis: {
			type: "value",
			min: 0,
			splitNumber: 4,
			minInterval: bars ? 1 : undefined,
			splitLine: { lineStyle: { color: token("rule") } },
			axisLabel: { ...text, formatter: valueText },
		},
	};
}

export interface Drawn {
	repaint: () => void;
	dispose: () => void;
}

export function drawing(box: HTMLElement, options: () => Options): Drawn {
	const chart = echarts.init(box, undefined, { renderer: "canvas" });
	const repaint = (): void => chart.setOption(options(), true);
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
