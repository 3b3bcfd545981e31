// Where mentions come from: which source is silent, by its own rhythm, and when each
// was; and what has grown beyond chance.
import { may } from "../../frame/sections";
import { t, word } from "../../i18n/i18n";
import { apiPath, send } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { useTerms } from "../../lib/names";
import { useNow } from "../../lib/now";
import { usePaged } from "../../lib/pages";
import { daysParameter } from "../../lib/period";
import { address, setQuery, usePlace } from "../../lib/router";
import { count } from "../../lib/types";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { When } from "../case/facts";
import { lengthMs, type ListSourcesReply, type ListSpikesReply, type Source, type SourceGap, type Spike } from "../social/types";
import type { View } from "../view";
import { hourTime, wilson } from "./marked";
import { Judge, Share } from "./parts";
import { SocialTabs } from "../social/frame";

const GAPS_MS = 31 * 86_400_000;

// 31 days up to now, a stretch of silence where there was one.
function GapsBar({ source, now }: { source: Source; now: number }) {
	const begin = now - GAPS_MS;
	const share = (at: number): number => (100 * Math.min(Math.max(at - begin, 0), GAPS_MS)) / GAPS_MS;
	const stretches: { kind: string; to: number }[] = [];
	const known = share(source.first_at_us ? Date.parse(source.first_at_us) : begin);
	if (known > 0) stretches.push({ kind: "none", to: known });
	for (const gap of [...(source.gaps ?? [])].sort((a, b) => (a.from_us ?? "").localeCompare(b.from_us ?? ""))) {
		stretches.push({ kind: "talk", to: share(Date.parse(gap.from_us ?? "")) });
		stretches.push({ kind: "gap", to: share(gap.to_us ? Date.parse(gap.to_us) : now) });
	}
	stretches.push({ kind: "talk", to: 100 });
	let at = 0;
	return (
		<span class="gaps-bar" aria-hidden="true">
			{stretches.map(({ kind, to }, i) => {
				const width = Math.max(0, to - at);
				at = Math.max(at, to);
				return <span key={i} class={`gaps-${kind}`} style={{ width: `${width}%` }} />;
			})}
		</span>
	);
}

function GapText({ gap, now }: { gap: SourceGap; now: number }) {
	const took = (gap.to_us ? Date.parse(gap.to_us) : now) - Date.parse(gap.from_us ?? "");
	return (
		<li>
			<When at={gap.from_us} /> – {gap.to_us ? <When at={gap.to_us} /> : t("source.still")}: {format.duration(took)}{" "}
			<span class="soft">{t("source.usual", { time: format.duration(lengthMs(gap.usual_us)) })}</span>
		</li>
	);
}

function Sources() {
	const { data, error, busy, reload } = useFetched<ListSourcesReply>(apiPath("/sources"));
	const now = useNow();
	// What is silent stands first: that is why one looks here.
	const rows = [...(data?.sources ?? [])].sort((a, b) => Number(b.silent ?? false) - Number(a.silent ?? false) || count(b.mentions) - count(a.mentions));
	const saveCsv = (): void =>
		download("sources.csv", csv([
			["source", "silent", "last_at", "mentions_7_days", "usual_ms", "gap_from", "gap_to"],
			...rows.flatMap((s) => {
				const head = [s.source ?? "", s.silent ? 1 : 0, s.last_at_us ?? "", count(s.mentions), lengthMs(s.usual_us)];
				return s.gaps?.length ? s.gaps.map((g) => [...head, g.from_us ?? "", g.to_us ?? ""]) : [[...head, "", ""]];
			}),
		]));
	return (
		<section class="panel" aria-labelledby="sources-title">
			<div class="panel-head">
				<h2 id="sources-title">{t("source.title")}</h2>
				<button type="button" class="button" disabled={rows.length === 0} onClick={saveCsv}>{t("action.export")}<span class="unseen">: {t("source.title")}</span></button>
			</div>
			<p class="soft">{t("source.note")}</p>
			{error && <ProblemBox error={error} onRetry={reload} />}
			<ListTable
				page={{ rows: data && rows, more: false, busy, error, next: () => undefined }}
				title={t("source.title")}
				columns={[t("field.source"), t("field.state"), t("source.last"), t("source.week"), t("source.usually"), t("source.gaps")]}
				none={t("source.empty")}
			>
				{rows.map((s) => (
					<tr key={s.source}>
						<th scope="row">{s.source}</th>
						<td data-label={t("field.state")}>
							{s.silent
								? <span class="mark tone-bad"><span aria-hidden="true">▲</span> {t("source.silent", { time: format.duration(now - Date.parse(s.last_at_us ?? "")) })}</span>
								: <span class="mark tone-good"><span aria-hidden="true">●</span> {t("source.talks")}</span>}
						</td>
						<td data-label={t("source.last")}><When at={s.last_at_us} /></td>
						<td data-label={t("source.week")} class="num">{format.integer(count(s.mentions))}</td>
						<td data-label={t("source.usually")}>{s.usual_us ? format.duration(lengthMs(s.usual_us)) : <span class="soft">{t("source.too_new")}</span>}</td>
						<td data-label={t("source.gaps")} class="gaps-cell">
							<div>
								<GapsBar source={s} now={now} />
								{s.gaps?.length ? (
									<details>
										<summary>{t("source.n_gaps", { n: s.gaps.length })}</summary>
										<ul>{s.gaps.map((gap) => <GapText key={gap.from_us} gap={gap} now={now} />)}</ul>
									</details>
								) : <span class="soft">{t("source.no_gaps")}</span>}
							</div>
						</td>
					</tr>
				))}
			</ListTable>
		</section>
	);
}

function SpikeName({ spike }: { spike: Spike }) {
	const topic = useTerms("topic").name;
	const code = spike.code ?? "";
	if (spike.of === "SPIKE_OF_WATCH") return <a href={address(`/social/watches/${encodeURIComponent(code)}`)}>{code}</a>;
	return <>{spike.of === "SPIKE_OF_TOPIC" ? topic(code) : code}</>;
}

function Spikes({ view }: { view: View }) {
	const lasting = usePlace().query["lasting"] === "1";
	const page = usePaged<ListSpikesReply, Spike>(
		apiPath("/spikes", { days: daysParameter(view.period), unit: view.unit, limit: 100, ...(lasting ? { lasting: "true" } : {}) }),
		(reply) => ({ rows: reply.spikes ?? [], next: reply.next_cursor ?? "" }),
	);
	const rows = page.rows ?? [];
	const judges = may(view.who, ["handler"]);
	const judged = rows.filter((s) => s.judged);
	const real = judged.filter((s) => s.right).length;
	const { low, high } = wilson(real, judged.length);
	const saveCsv = (): void =>
		download("spikes.csv", csv([
			["spike_id", "of", "code", "since", "until", "observed", "expected", "bound", "p_value", "baseline_days", "judged", "right", "judged_by"],
			...rows.map((s) => [
				s.spike_id, s.of ?? "", s.code ?? "", hourTime(s.since_hour ?? "0"), s.until_hour ? hourTime(s.until_hour) : "", count(s.observed), s.expected ?? 0,
				s.bound ?? 0, s.p_value ?? 0, s.baseline_days ?? 0, s.judged ? 1 : 0, s.right ? 1 : 0, s.judged_by ?? "",
			]),
		]));
	return (
		<section class="panel" aria-labelledby="spikes-title">
			<div class="panel-head">
				<h2 id="spikes-title">{t("spike.title")}</h2>
				<span class="choices">
					<button type="button" class="button" aria-pressed={lasting} onClick={() => setQuery({ lasting: lasting ? "" : "1" })}>{t("spike.lasting")}</button>
					<button type="button" class="button" disabled={rows.length === 0} onClick={saveCsv}>{t("action.export")}<span class="unseen">: {t("spike.title")}</span></button>
				</span>
			</div>
			<p class="soft">{t("spike.note")}</p>
			{judged.length > 0 && <p>{t("spike.real_share")} <Share of={real} n={judged.length} low={low} high={high} none="listen.not_judged" /></p>}
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			<ListTable
				page={page}
				title={t("spike.title")}
				columns={[t("spike.of"), t("field.state"), t("spike.observed"), t("spike.expected"), t("spike.chance"), t("spike.judged")]}
				none={t("spike.empty")}
			>
				{rows.map((s) => (
					<tr key={s.spike_id}>
						<th scope="row"><span class="soft">{word("spike_of", s.of ?? "")}:</span> <SpikeName spike={s} /></th>
						<td data-label={t("field.state")}>
							<span>
								{s.until_hour
									? <span class="mark tone-idle"><span aria-hidden="true">○</span> {t("spike.over")}</span>
									: <span class="mark tone-warn"><span aria-hidden="true">◆</span> {t("spike.lasts")}</span>}{" "}
								<small class="soft"><When at={hourTime(s.since_hour ?? "0")} />{s.until_hour && <> – <When at={hourTime(s.until_hour)} /></>}</small>
							</span>
						</td>
						<td data-label={t("spike.observed")} class="num"><b>{format.integer(count(s.observed))}</b></td>
						<td data-label={t("spike.expected")}>
							<span>
								{format.decimal(s.expected ?? 0, 1)}{" "}
								<small class="soft">{t("spike.bound", { n: format.decimal(s.bound ?? 0, 1) })} · {t("spike.base", { n: s.baseline_days ?? 0 })}</small>
							</span>
						</td>
						<td data-label={t("spike.chance")}>{format.chance(s.p_value ?? 0)}</td>
						<td data-label={t("spike.judged")}>
							<span>
								{judges ? (
									<Judge
										what={`${t("spike.judged")}: ${s.code}`}
										now={s.judged ? s.right === true : undefined}
										yes="spike.real"
										no="spike.false"
										onJudge={async (right) => {
											await send("POST", `/api/v1/spikes/${encodeURIComponent(s.spike_id)}/judgement`, { right });
											page.change((row) => (row.spike_id === s.spike_id ? { ...row, judged: true, right, judged_by: view.who.name } : row));
										}}
									/>
								) : s.judged ? t(s.right ? "spike.real" : "spike.false") : "–"}
								{s.judged && s.judged_by && <small class="soft"> <bdi>{s.judged_by}</bdi></small>}
							</span>
						</td>
					</tr>
				))}
			</ListTable>
			<ListFoot page={page} />
		</section>
	);
}

export function SourcesPage({ view }: { view: View }) {
	return (
		<Page title={t("social.origins")} note={t("source.page_note")}>
			<SocialTabs at="/social/sources" />
			<Sources />
			<Spikes view={view} />
		</Page>
	);
}
