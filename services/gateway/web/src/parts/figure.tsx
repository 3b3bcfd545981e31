// One number with all that belongs to it: unit, base, interval, change.
import { t, type Key } from "../i18n/i18n";
import {
	changeText,
	compare,
	figureText,
	forms,
	tone,
	valueText,
	type Difference,
	type Figure,
} from "../lib/indicator";

export const differenceShape: Record<Difference, string> = {
	higher: "▲",
	lower: "▼",
	alike: "≈",
	unknown: "·",
};

// The counts a ratio is made of, for hover and for screen readers.
export function countsText(figure: Figure): string {
	const { numerator, denominator, indicator, known } = figure;
	if (forms[indicator] === "count") return t("figure.count", { n: numerator });
	if (!known) return t("figure.no_base");
	return t("figure.counts", { numerator, denominator });
}

function baseText(figure: Figure): string {
	const form = forms[figure.indicator];
	if (!figure.known) return t(form === "rate" ? "figure.no_customers" : "figure.no_base");
	if (form === "share") return t("figure.base", { n: figure.denominator });
	if (form === "rate") return t("figure.base_customers", { n: figure.denominator });
	return t("figure.base_count");
}

export function intervalText(figure: Figure): string {
	const form = forms[figure.indicator];
	if (form === "count" || !figure.known) return "";
	return t("figure.interval", { low: valueText(form, figure.low), high: valueText(form, figure.high) });
}

function Trend({ now, before }: { now: Figure; before: Figure }) {
	const difference = compare(now, before);
	if (difference === "unknown")
		return <p class="trend soft">{t("trend.unknown")}</p>;
	const form = forms[now.indicator];
	const old = figureText(before);
	const text =
		difference === "alike"
			? t("trend.alike", { before: old })
			: t(form === "share" ? "trend.points" : "trend.percent", {
					change: changeText(now, before),
					before: old,
				});
	return (
		<p class={`trend tone-${tone(difference, now.indicator)}`} title={countsText(before)}>
			<span aria-hidden="true">{differenceShape[difference]}</span> {text}
		</p>
	);
}

interface TileProps {
	now: Figure | undefined; // undefined: not there yet
	before: Figure | undefined;
	label: Key;
	href: string;
	chosen: boolean;
	onChoose: () => void;
}

export function Tile({ now, before, label, href, chosen, onChoose }: TileProps) {
	return (
		<li class={chosen ? "tile tile-chosen" : "tile"}>
			<h2>
				<button type="button" class="tile-name" aria-pressed={chosen} onClick={onChoose}>
					{t(label)}
				</button>
			</h2>
			<p class="tile-value">
				{now ? (
					<a href={href} title={countsText(now)}>{figureText(now)}</a>
				) : (
					<span class="soft" aria-label={t("state.loading")}>…</span>
				)}
			</p>
			<p class="tile-base soft">
				{now ? baseText(now) : "\u00a0"}
				{now && intervalText(now) && <><br />{intervalText(now)}</>}
			</p>
			{now && before ? <Trend now={now} before={before} /> : <p class="trend">{"\u00a0"}</p>}
		</li>
	);
}

