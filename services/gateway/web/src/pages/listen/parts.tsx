// What the pages of listening share: text with places marked, how precise something
// is, and judging it.
import { useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { t, type Key } from "../../i18n/i18n";
import { ApiError } from "../../lib/api";
import * as format from "../../lib/format";
import { problemText } from "../../parts/problem";
import { around, partsOf, type Place } from "./marked";

// Words of people outside: never more than text, whatever it says.
export function MarkedText({ text, places, most, lang }: { text: string; places: readonly Place[]; most?: number; lang?: string | undefined }) {
	const parts = partsOf(text, places);
	return (
		<blockquote class="words said" dir="auto" lang={lang || "und"}>
			{(most ? around(parts, most) : parts).map((part, i) => (part.place ? <mark key={i}>{part.text}</mark> : part.text))}
		</blockquote>
	);
}

// A share that people counted: with its interval and its base, or that there is none.
export function Share({ of, n, low, high, none }: { of: number; n: number; low: number; high: number; none: Key }) {
	if (n === 0) return <span class="soft">{t(none)}</span>;
	return (
		<span title={t("figure.counts", { numerator: of, denominator: n })}>
			{format.percent(of / n)}{" "}
			<small class="soft">{t("figure.interval", { low: format.percent(low), high: format.percent(high) })} · {t("listen.judged", { n })}</small>
		</span>
	);
}

interface JudgeProps {
	what: string; // of which thing, for who does not see the row
	now: boolean | undefined; // how it was judged; undefined: not yet
	yes: Key;
	no: Key;
	onJudge: (right: boolean) => Promise<void>;
}

// Two buttons; the pressed one is what was said. It can be said again, otherwise.
export function Judge({ what, now, yes, no, onJudge }: JudgeProps) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const judge = (right: boolean): void => {
		setBusy(true);
		setError(undefined);
		onJudge(right).then(
			() => {
				setBusy(false);
				announce(t("record.saved"));
			},
			(cause: unknown) => {
				setBusy(false);
				setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
			},
		);
	};
	return (
		<span class="inline" role="group" aria-label={what}>
			<button type="button" class="button" aria-pressed={now === true} disabled={busy} onClick={() => judge(true)}>
				<span aria-hidden="true">✓</span> {t(yes)}
			</button>
			<button type="button" class="button" aria-pressed={now === false} disabled={busy} onClick={() => judge(false)}>
				<span aria-hidden="true">✕</span> {t(no)}
			</button>
			{error && <span class="tone-bad" role="alert"><span aria-hidden="true">▲</span> {problemText(error)}</span>}
		</span>
	);
}
