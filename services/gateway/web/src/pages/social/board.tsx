// The board: what must be answered now, what grows, how much is said and how that
// compares; every number leads to what it is made of.
import { t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { unitName, useChildren, useRoot, useTerms, useUnit } from "../../lib/names";
import { useNow } from "../../lib/now";
import { daysParameter, timesOf, today } from "../../lib/period";
import { address, setQuery, usePlace } from "../../lib/router";
import { count } from "../../lib/types";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import type { View } from "../view";
import { binsOf, earlier, linesOf, rangeOf, stepOf, sumOf, type Range } from "./counts";
import { Absent, SocialTabs } from "./frame";
import { usePoll } from "./poll";
import { SplitPanel } from "./split";
import { classNumbers, sentimentNumbers, type GetMentionCountsReply, type ListClustersReply, type ListReactionsReply, type ListSourcesReply, type ListSpikesReply, type Reaction } from "./types";
import { VolumePanel } from "./volume";
import { ClustersPanel, excerpt, SilentPanel, SpikesPanel } from "./warnings";
import { absent, Change, className, ClockWord, PriorityMark, sentimentName } from "./words";

const TOP = 5;
const CELLS_MAX = 10_000;

function NowPanel({ reactions, now }: { reactions: readonly Reaction[] | undefined; now: number }) {
	return (
		<section class="panel" aria-labelledby="now-title" aria-busy={reactions === undefined}>
			<div class="panel-head">
				<h2 id="now-title">{t("social.now")}</h2>
				<div class="actions"><a class="button" href={address("/social/queue")}>{t("social.queue.all")}</a></div>
			</div>
			<ul class="items">
				{(reactions ?? []).map((r) => (
					<li key={r.reaction_id}>
						<p>
							<PriorityMark of={r.facts?.priority} /> · <ClockWord clocks={r.facts?.clocks} now={now} />
						</p>
						<p><a href={address(`/social/mentions/${r.reaction_id}`)}><bdi lang="">{excerpt(r.text) || className(r.facts?.mention_class)}</bdi></a></p>
						<p class="soft">{r.facts?.source}{r.facts?.owner ? ` · ${r.facts.owner}` : ` · ${t("filter.nobody")}`}</p>
					</li>
				))}
			</ul>
			{reactions?.length === 0 && <p class="empty">{t("social.now.none")}</p>}
		</section>
	);
}

function Tile({ name, value, href, children }: { name: string; value: number | undefined; href: string; children?: preact.ComponentChildren }) {
	return (
		<li class="tile">
			<h2>{name}</h2>
			<p class="tile-value">{value === undefined ? <span class="soft">…</span> : <a href={href}>{format.integer(value)}</a>}</p>
			<p class="trend">{children}{"\u00a0"}</p>
		</li>
	);
}

export function BoardPage({ view }: { view: View }) {
	const { unit, period } = view;
	const { query } = usePlace();
	const source = query["source"] ?? "";
	const now = useNow();
	const step = stepOf(query["step"], period);
	const range = rangeOf(period, now);
	const old = earlier(range, period);
	const root = useRoot(unit, view.who);
	const known = useUnit(root === "" ? null : root);
	const children = useChildren(root);
	const topic = useTerms("topic").name;

	const ask = (split: string, of: Range, more: Record<string, string> = {}): string =>
		apiPath("/mention-counts", { unit, source, split_by: split, from_hour: of.from, to_hour: of.to, limit: CELLS_MAX, ...more });
	const waits = useFetched<ListReactionsReply>(apiPath("/reactions", { unit, limit: TOP }));
	const volume = useFetched<GetMentionCountsReply>(ask("SPLIT_HOUR", range));
	const volumeBefore = useFetched<GetMentionCountsReply>(ask("SPLIT_HOUR", old));
	const cells = useFetched<GetMentionCountsReply>(ask("SPLIT_CLASS,SPLIT_SENTIMENT,SPLIT_TOPIC", range));
	const cellsBefore = useFetched<GetMentionCountsReply>(ask("SPLIT_CLASS,SPLIT_SENTIMENT,SPLIT_TOPIC", old));
	const places = useFetched<GetMentionCountsReply>(ask("SPLIT_SOURCE,SPLIT_UNIT", range, { unit: root }));
	const placesBefore = useFetched<GetMentionCountsReply>(ask("SPLIT_SOURCE,SPLIT_UNIT", old, { unit: root }));
	const clusters = useFetched<ListClustersReply>(apiPath("/clusters", { unit, days: daysParameter(period), limit: TOP }));
	const spikes = useFetched<ListSpikesReply>(apiPath("/spikes", { unit, days: daysParameter(period), limit: TOP }));
	const sources = useFetched<ListSourcesReply>(apiPath("/sources"));
	usePoll(() => {
		for (const one of [waits, volume, cells, places, clusters, spikes, sources]) one.reload();
	});

	const title = t("social.title", { unit: root === "" ? t("scope.all") : unitName(known?.unit, root) });
	if ([waits, volume].some((one) => absent(one.error))) return <Absent title={title} />;

	const all = sources.data?.sources ?? [];
	const shownSources = source === "" ? all : all.filter((one) => one.source === source);
	const bins = volume.before ? binsOf(range, range.from - old.from, step, volume.before.counts ?? [], volumeBefore.before?.counts ?? [], shownSources) : [];
	const lines = (at: number, of: typeof cells, before: typeof cells) => of.before && linesOf(at, of.before.counts ?? [], before.before?.counts ?? []);
	const sum = volume.before && sumOf(volume.before.counts);
	const negative = lines(1, cells, cellsBefore)?.find((line) => line.code === "1");
	const list = (more: Record<string, string>): string => address("/social/mentions", { source, ...more });
	const error = [waits, volume, cells, places, clusters, spikes, sources].find((one) => one.error)?.error;
	const until = timesOf(period).to_us < new Date(now).toISOString() ? period.to : today();
	return (
		<Page title={title} note={t("social.period", { from: format.day(period.from), to: format.day(until) })}>
			<SocialTabs at="/social" />
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<label>
					<span>{t("field.source")}</span>
					<select class="control" value={source} onChange={(e) => setQuery({ source: e.currentTarget.value })}>
						<option value="">{t("filter.all")}</option>
						{all.map((one) => <option key={one.source} value={one.source}>{one.source}</option>)}
						{source !== "" && !all.some((one) => one.source === source) && <option value={source}>{source}</option>}
					</select>
				</label>
			</form>
			{error && <ProblemBox error={error} kept={volume.before && t("problem.kept_numbers")} onRetry={volume.reload} />}
			<ul class="tiles social-tiles" aria-busy={volume.before === undefined}>
				<Tile name={t("social.open")} value={waits.before && count(waits.before.open)} href={address("/social/queue")}>{t("social.open.note")}</Tile>
				<Tile name={t("social.overdue")} value={waits.before && count(waits.before.overdue)} href={address("/social/queue")}>
					{count(waits.before?.overdue) > 0 && <span class="mark tone-bad"><span aria-hidden="true">▲</span> {t("social.overdue.note")}</span>}
				</Tile>
				<Tile name={t("social.mentions")} value={sum} href={list({})}>
					{sum !== undefined && volumeBefore.before && <Change now={sum} before={sumOf(volumeBefore.before.counts)} />}
				</Tile>
				<Tile name={t("social.negative")} value={cells.before && (negative?.mentions ?? 0)} href={list({ sentiment: "SENTIMENT_NEGATIVE" })}>
					{cells.before && cellsBefore.before && <Change now={negative?.mentions ?? 0} before={negative?.before ?? 0} />}
				</Tile>
			</ul>
			<div class="columns">
				<NowPanel reactions={waits.before?.reactions ?? (waits.before && [])} now={now} />
				<ClustersPanel clusters={clusters.before && (clusters.before.clusters ?? [])} />
			</div>
			<VolumePanel bins={bins} step={step} period={period} busy={volume.before === undefined} />
			<div class="columns social-splits">
				<SplitPanel id="classes-title" title={t("social.classes")} lines={lines(0, cells, cellsBefore)} name={(code) => className(classNumbers[Number(code)])} href={(code) => list({ class: classNumbers[Number(code)] ?? "" })} />
				<SplitPanel
					id="sentiments-title"
					title={t("social.sentiments")}
					lines={lines(1, cells, cellsBefore)}
					name={(code) => sentimentName(sentimentNumbers[Number(code)])}
					href={(code) => list({ sentiment: sentimentNumbers[Number(code)] ?? "" })}
					tone={(code) => ["idle", "bad", "idle", "good"][Number(code)] ?? "idle"}
				/>
				<SplitPanel id="topics-title" title={t("social.topics")} lines={lines(2, cells, cellsBefore)} name={(code) => (code === "" ? t("social.topic.none") : topic(code))} href={(code) => list({ topic: code })} />
				<SplitPanel id="sources-title" title={t("social.sources")} lines={lines(0, places, placesBefore)} name={(code) => code} href={(code) => list({ source: code })} />
				<SplitPanel
					id="places-title"
					title={t("units.title")}
					lines={lines(1, places, placesBefore)}
					name={(code) => (code === "" ? t("social.unit.none") : code === root ? t("units.own") : children.name(code))}
					href={(code) => address("/social", code === "" ? {} : { unit: code }, "all")}
				/>
				<div>
					<SpikesPanel spikes={spikes.before && (spikes.before.spikes ?? [])} topic={topic} />
					<SilentPanel sources={sources.before && all} />
				</div>
			</div>
		</Page>
	);
}
