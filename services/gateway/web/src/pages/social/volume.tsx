// How much is said, by hour, day or month, beside the period before: as a picture, and
// with one key as its table.
import { useRef, useState } from "preact/hooks";
import { useKeys } from "../../frame/keys";
import { t } from "../../i18n/i18n";
import { csv, download } from "../../lib/csv";
import * as format from "../../lib/format";
import { setQuery } from "../../lib/router";
import { lengthDays, type Period } from "../../lib/period";
import { Chart } from "../../parts/chart";
import { HOUR_MS, HOURS_DAYS_MAX, type Bin, type Step } from "./counts";

export function binText(bin: Bin, step: Step, short = false): string {
	if (step === "hour") return format.time(new Date(bin.from * HOUR_MS).toISOString());
	if (step === "month") return format.month(bin.key);
	return short ? format.dayShort(bin.key) : format.day(bin.key);
}

function Table({ bins, step, title }: { bins: readonly Bin[]; step: Step; title: string }) {
	return (
		<div class="scroll chart-table" tabIndex={0} role="group" aria-label={title}>
			<table class="list">
				<caption class="unseen">{title}</caption>
				<thead>
					<tr>
						<th scope="col">{t("social.when")}</th>
						<th scope="col" class="num">{t("social.mentions")}</th>
						<th scope="col" class="num">{t("social.before")}</th>
						<th scope="col">{t("social.silent")}</th>
					</tr>
				</thead>
				<tbody>
					{bins.map((bin) => (
						<tr key={bin.key}>
							<th scope="row">{binText(bin, step)} {bin.provisional && <small>{t("series.provisional")}</small>}</th>
							<td class="num">{format.integer(bin.mentions)}</td>
							<td class="num">{format.integer(bin.before)}</td>
							<td>{bin.silent.join(", ") || "–"}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

interface Props {
	bins: readonly Bin[];
	step: Step;
	period: Period;
	busy: boolean;
}

export function VolumePanel({ bins, step, period, busy }: Props) {
	const [table, setTable] = useState(false);
	useKeys({ t: () => setTable(!table) });
	// Drawn anew only when a number has changed.
	const kept = useRef<{ text: string; bins: readonly Bin[] }>({ text: "", bins: [] });
	const text = JSON.stringify(bins);
	if (text !== kept.current.text) kept.current = { text, bins };
	const drawn = kept.current.bins;
	const title = t(`social.volume.${step}`);
	const save = (): void =>
		download(`mentions-${period.from}-${period.to}.csv`, csv([
			["from", "mentions", "before", "silent", "provisional"],
			...bins.map((bin) => [new Date(bin.from * HOUR_MS).toISOString(), bin.mentions, bin.before, bin.silent.join(" "), bin.provisional ? "yes" : "no"]),
		]));
	return (
		<section class="panel" aria-labelledby="volume-title" aria-busy={busy}>
			<div class="panel-head">
				<h2 id="volume-title">{title}</h2>
				<div class="actions">
					{lengthDays(period) <= HOURS_DAYS_MAX && (
						<button type="button" class="button" aria-pressed={step === "hour"} onClick={() => setQuery({ step: step === "hour" ? "day" : "hour" }, "replace")}>
							{t("social.by_hour")}
						</button>
					)}
					<button type="button" class="button" aria-pressed={table} aria-keyshortcuts="t" onClick={() => setTable(!table)}>
						{t(table ? "series.picture" : "series.table")} <kbd>t</kbd>
					</button>
					<button type="button" class="button" disabled={bins.length === 0} onClick={save}>{t("action.export")}</button>
				</div>
			</div>
			{table ? (
				<Table bins={drawn} step={step} title={title} />
			) : (
				<Chart
					draw={() => import("../../chart/volume").then(({ drawVolume }) => (box) => drawVolume(box, drawn, step))}
					of={[drawn, step]}
					label={t("series.picture_of", { title })}
				/>
			)}
			<p class="soft">
				{t("social.volume.note")}{" "}
				{bins.some((bin) => bin.silent.length > 0) && <><span aria-hidden="true">▨</span> {t("social.volume.silent_note")}</>}
			</p>
		</section>
	);
}
