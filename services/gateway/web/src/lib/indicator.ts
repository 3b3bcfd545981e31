// Indicators as the pages show them: counts, shares, rates; each with what it is
// made of. Two figures are called different only when neither's 95 % interval
// reaches the other's: what may be chance gets no arrow.
import { decimal, integer, percent, rate, signed } from "./format";
import { count, type Cell } from "./types";

export const indicators = [
	"appeals",
	"complaints",
	"first_response_timely",
	"resolution_rate",
	"complaints_per_10k_customers",
] as const;
export type Indicator = (typeof indicators)[number];
export type Form = "count" | "share" | "rate";

export const forms: Record<Indicator, Form> = {
	appeals: "count",
	complaints: "count",
	first_response_timely: "share",
	resolution_rate: "share",
	complaints_per_10k_customers: "rate",
};

// Whether more of it is better; 0: neither.
export const wish: Record<Indicator, -1 | 0 | 1> = {
	appeals: 0,
	complaints: 0,
	first_response_timely: 1,
	resolution_rate: 1,
	complaints_per_10k_customers: -1,
};

export interface Figure {
	indicator: Indicator;
	known: boolean;
	numerator: number;
	denominator: number;
	value: number;
	low: number;
	high: number;
}

export function isIndicator(text: string | undefined): text is Indicator {
	return (indicators as readonly string[]).includes(text ?? "");
}

export function figureOf(indicator: Indicator, cell: Cell | undefined): Figure {
	const numerator = count(cell?.numerator);
	const denominator = count(cell?.denominator);
	const counted = forms[indicator] === "count";
	return {
		indicator,
		known: counted || (cell?.has_value === true && denominator > 0),
		numerator,
		denominator,
		value: counted ? numerator : (cell?.value ?? 0),
		low: cell?.low ?? 0,
		high: cell?.high ?? 0,
	};
}

export function find(cells: Cell[] | undefined, indicator: Indicator): Figure {
	return figureOf(
		indicator,
		cells?.find((cell) => cell.indicator === indicator),
	);
}

export function valueText(form: Form, value: number): string {
	if (form === "share") return percent(value);
	return form === "rate" ? rate(value) : integer(value);
}

export function figureText(figure: Figure): string {
	return figure.known ? valueText(forms[figure.indicator], figure.value) : "–";
}

export type Difference = "higher" | "lower" | "alike" | "unknown";

export function compare(now: Figure, before: Figure): Difference {
	if (!now.known || !before.known) return "unknown";
	if (forms[now.indicator] === "count") {
		if (before.numerator === 0) return "unknown";
		// Two Poisson counts: their difference against its deviation.
		const difference = now.numerator - before.numerator;
		const bound = 1.96 * Math.sqrt(now.numerator + before.numerator);
		if (Math.abs(difference) <= bound) return "alike";
		return difference > 0 ? "higher" : "lower";
	}
	if (now.low > before.high) return "higher";
	return now.high < before.low ? "lower" : "alike";
}

// Where a part stands against the value of the whole that it belongs to.
export function against(part: Figure, whole: Figure): Difference {
	if (!part.known || !whole.known || forms[part.indicator] === "count") return "unknown";
	if (part.low > whole.value) return "higher";
	return part.high < whole.value ? "lower" : "alike";
}

export function tone(difference: Difference, indicator: Indicator): "good" | "bad" | "idle" {
	const sign = difference === "higher" ? 1 : difference === "lower" ? -1 : 0;
	const judged = sign * wish[indicator];
	return judged > 0 ? "good" : judged < 0 ? "bad" : "idle";
}

// From here on "times as many" is easier to grasp than percent.
const TIMES_FROM = 3;

// "+3.2 %" or "×4.1" of a count or rate; percentage points of a share, without
// their unit.
export function changeText(now: Figure, before: Figure): string {
	if (forms[now.indicator] === "share")
		return signed((now.value - before.value) * 100, (n) => decimal(n, 1));
	if (before.value === 0) return signed(now.value, rate);
	const ratio = now.value / before.value;
	return ratio >= TIMES_FROM ? `×${decimal(ratio, 1)}` : signed(ratio - 1, percent);
}
