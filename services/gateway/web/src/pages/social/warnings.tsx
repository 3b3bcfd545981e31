// What grows and what is out of the ordinary: clusters, spikes, sources that are silent.
import { t, word } from "../../i18n/i18n";
import * as format from "../../lib/format";
import { address } from "../../lib/router";
import { count } from "../../lib/types";
import { When } from "../case/facts";
import { HOUR_MS } from "./counts";
import { lengthMs, type Cluster, type Source, type Spike } from "./types";
import { className, SentimentMark } from "./words";

const EXCERPT = 160;

export function excerpt(text: string | undefined): string {
	const letters = [...(text ?? "")];
	return letters.length > EXCERPT ? `${letters.slice(0, EXCERPT).join("")} …` : (text ?? "");
}

export function ClustersPanel({ clusters }: { clusters: readonly Cluster[] | undefined }) {
	return (
		<section class="panel" aria-labelledby="clusters-title" aria-busy={clusters === undefined}>
			<h2 id="clusters-title">{t("social.clusters")}</h2>
			<ul class="items">
				{(clusters ?? []).map((c) => (
					<li key={c.cluster_id}>
						<p>
							<a href={address("/social/mentions", { cluster: c.cluster_id })}>{t("social.cluster.mentions", { n: count(c.mentions) })}</a>{" "}
							<span class="soft">{t("social.cluster.by", { authors: count(c.authors), sources: count(c.sources) })}</span>{" "}
							{count(c.last_hour) > 0 && <span class="mark tone-warn"><span aria-hidden="true">▲</span> {t("social.cluster.hour", { n: count(c.last_hour) })}</span>}
						</p>
						<p class="soft">{className(c.mention_class)} · <SentimentMark of={c.sentiment} /> · <When at={c.first_at_us} />–<When at={c.last_at_us} /></p>
						{c.text && <blockquote class="words" dir="auto">{excerpt(c.text)}</blockquote>}
					</li>
				))}
			</ul>
			{clusters?.length === 0 && <p class="empty">{t("social.clusters.none")}</p>}
		</section>
	);
}

function hourText(hour: string | undefined): string {
	return format.time(new Date(count(hour) * HOUR_MS).toISOString());
}

// Whether one was real is said where all of them are.
export function SpikesPanel({ spikes, topic }: { spikes: readonly Spike[] | undefined; topic: (code: string | undefined) => string }) {
	return (
		<section class="panel" aria-labelledby="spikes-title" aria-busy={spikes === undefined}>
			<div class="panel-head">
				<h2 id="spikes-title">{t("social.spikes")}</h2>
				<div class="actions"><a class="button" href={address("/social/sources")}>{t("social.origins")}</a></div>
			</div>
			<ul class="items">
				{(spikes ?? []).map((s) => (
					<li key={s.spike_id}>
						<p>
							<strong>{word("spike", s.of ?? "")}: {s.of === "SPIKE_OF_TOPIC" ? topic(s.code) : s.code}</strong>{" "}
							<span class={s.until_hour ? "mark" : "mark tone-warn"}>
								<span aria-hidden="true">{s.until_hour ? "○" : "▲"}</span>{" "}
								{s.until_hour ? t("social.spike.ended", { time: hourText(s.until_hour) }) : t("social.spike.lasts", { time: hourText(s.since_hour) })}
							</span>
						</p>
						<p>{t("social.spike.what", { n: count(s.observed), expected: format.decimal(s.expected ?? 0, 1), bound: format.decimal(s.bound ?? 0, 1), days: s.baseline_days ?? 0 })}</p>
						{s.judged && <p class="soft">{t(s.right ? "social.spike.right" : "social.spike.wrong")}</p>}
					</li>
				))}
			</ul>
			{spikes?.length === 0 && <p class="empty">{t("social.spikes.none")}</p>}
		</section>
	);
}

export function SilentPanel({ sources }: { sources: readonly Source[] | undefined }) {
	const silent = (sources ?? []).filter((source) => source.silent);
	return (
		<section class="panel" aria-labelledby="silent-title" aria-busy={sources === undefined}>
			<h2 id="silent-title">{t("social.silent_sources")}</h2>
			<ul class="items">
				{silent.map((source) => (
					<li key={source.source}>
						<span class="mark tone-bad"><span aria-hidden="true">▨</span> <bdi lang="">{source.source}</bdi></span>{" "}
						<span class="soft">{t("social.silent.since", { time: source.last_at_us ? format.time(source.last_at_us) : "–", usual: format.duration(lengthMs(source.usual_us)) })}</span>
					</li>
				))}
			</ul>
			{sources && silent.length === 0 && <p class="soft">{t("social.silent.none", { n: sources.length })}</p>}
		</section>
	);
}
