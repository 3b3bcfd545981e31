// The picture of how much is said: bars of now, a line of the same stretch before; what
// has not ended hatched, and hours in which a source was silent hatched behind.
import { t } from "../i18n/i18n";
import * as format from "../lib/format";
import type { Bin, Step } from "../pages/social/counts";
import { binText } from "../pages/social/volume";
import { drawing, frameOf, hatch, token, type Drawn } from "./drawing";

function tooltipText(bin: Bin | undefined, step: Step): string {
	if (!bin) return "";
	return [
		binText(bin, step),
		t("social.volume.now", { n: bin.mentions }),
		t("social.volume.before", { n: bin.before }),
		bin.silent.length > 0 ? t("social.volume.silent", { sources: bin.silent.join(", ") }) : "",
		bin.provisional ? t("series.provisional") : "",
	].filter((line) => line !== "").join("\n");
}

function options(bins: readonly Bin[], step: Step): Record<string, unknown> {
	const most = Math.max(1, ...bins.map((bin) => Math.max(bin.mentions, bin.before)));
	const quiet = { color: "transparent", borderWidth: 0, decal: { ...hatch, color: token("edge") } };
	return {
		...frameOf({
			keys: bins.map((bin) => bin.key),
			keyText: (key) => {
				const bin = bins.find((one) => one.key === key);
				return bin ? binText(bin, step, true) : key;
			},
			valueText: format.integer,
			tooltip: (index) => tooltipText(bins[index], step),
			bars: true,
		}),
		series: [
			{ type: "bar", barWidth: "100%", barGap: "-100%", silent: true, z: 1, itemStyle: quiet, data: bins.map((bin) => (bin.silent.length > 0 ? most : null)) },
			{
				type: "bar",
				barMaxWidth: 32,
				z: 2,
				data: bins.map((bin) => ({
					value: bin.mentions,
					itemStyle: bin.provisional
						? { color: token("band"), borderColor: token("series"), decal: { ...hatch, color: token("series") } }
						: { color: token("series") },
				})),
			},
			{ type: "line", z: 3, symbol: "none", silent: true, lineStyle: { color: token("ink-soft"), width: 1.5, type: "dashed" }, data: bins.map((bin) => bin.before) },
		],
	};
}

export function drawVolume(box: HTMLElement, bins: readonly Bin[], step: Step): Drawn {
	return drawing(box, () => options(bins, step));
}
