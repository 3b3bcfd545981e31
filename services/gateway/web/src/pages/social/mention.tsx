// One mention: what was said and what it was found to be, its copies, how long is left to
// react and what was done; what can be done stands beside it.
import { useState } from "preact/hooks";
import { useKeys } from "../../frame/keys";
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { useTerms } from "../../lib/names";
import { useNow } from "../../lib/now";
import { address, go } from "../../lib/router";
import { count } from "../../lib/types";
import { shortId } from "../../lib/uuid";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { ClockBars, StateMark } from "../../parts/state";
import { When } from "../case/facts";
import { partsOf } from "../listen/marked";
import type { View } from "../view";
import { CorrectPanel } from "./correct";
import { Absent, SocialTabs } from "./frame";
import { usePoll } from "./poll";
import { ReactionActions } from "./react";
import type { ListMentionsReply, Mention, Reaction } from "./types";
import { excerpt } from "./warnings";
import { absent, className, Outside, PriorityMark, ReactionMark, SentimentMark } from "./words";

function probability(of: number | undefined): string {
	return of ? t("social.probability", { p: format.percent(of) }) : "";
}

function TextPanel({ mention }: { mention: Mention }) {
	const f = mention.facts ?? {};
	const matched = mention.matched ?? [];
	const parts = partsOf(mention.text ?? "", matched.flatMap((match) => match.spans ?? []));
	return (
		<section class="panel" aria-labelledby="text-title">
			<h2 id="text-title">{mention.title ? <bdi lang="">{mention.title}</bdi> : t("social.said")}</h2>
			<p class="soft">
				<bdi lang="">{f.source}</bdi> · <When at={f.published_at_us} />
				{mention.author && <> · <bdi lang="">{mention.author}</bdi></>}
				{mention.url && <> · <Outside url={mention.url} /></>}
			</p>
			{f.deleted || mention.erased || !mention.text ? (
				<p class="empty">{t(mention.erased ? "social.erased" : f.deleted ? "social.deleted" : "social.no_text")}</p>
			) : (
				<blockquote class="words social-text" dir="auto">{parts.map((part, i) => (part.place ? <mark key={i}>{part.text}</mark> : part.text))}</blockquote>
			)}
			{matched.length > 0 && <p class="soft">{t("social.matched", { rules: matched.map((match) => match.watch).join(", ") })}</p>}
			{mention.edited_at_us && <p class="soft">{t("social.edited", { time: format.time(mention.edited_at_us) })}</p>}
			<p class="soft">{t("customer.audited")}</p>
		</section>
	);
}

function FoundPanel({ mention }: { mention: Mention }) {
	const f = mention.facts ?? {};
	const topic = useTerms("topic").name;
	const element = useTerms("element").name;
	return (
		<section class="panel" aria-labelledby="found-title">
			<h2 id="found-title">{t("social.found")}</h2>
			<dl class="facts">
				<div><dt>{t("social.class")}</dt><dd>{className(f.mention_class)} <small class="soft">{probability(mention.class_probability)}</small></dd></div>
				<div><dt>{t("social.sentiment")}</dt><dd><SentimentMark of={f.sentiment} /> <small class="soft">{probability(mention.sentiment_probability)}</small></dd></div>
				<div><dt>{t("field.topic")}</dt><dd>{(f.topics ?? (f.topic ? [f.topic] : [])).map(topic).join(", ") || t("social.topic.none")}</dd></div>
				{f.element && <div><dt>{t("field.element")}</dt><dd>{element(f.element)}</dd></div>}
				<div><dt>{t("field.unit")}</dt><dd>{f.unit ? <a href={address("/social", { unit: f.unit })}>{f.unit}</a> : t("social.unit.none")}</dd></div>
				{(f.units?.length ?? 0) > 1 && <div><dt>{t("social.candidates")}</dt><dd>{f.units!.join(", ")}</dd></div>}
				<div><dt>{t("social.reach")}</dt><dd>{format.integer(count(f.reach))}</dd></div>
				{mention.stars ? <div><dt>{t("social.stars")}</dt><dd>{t("social.stars.of", { n: mention.stars })}</dd></div> : null}
				<div><dt>{t("social.judged_by")}</dt><dd>{t(f.corrected ? "social.judged.person" : f.model ? "social.judged.model" : "social.judged.rules", { n: f.model ?? 0 })}</dd></div>
			</dl>
			{mention.unsure && <p class="mark tone-warn"><span aria-hidden="true">?</span> {t("social.unsure.note")}</p>}
		</section>
	);
}

function ClusterPanel({ mention }: { mention: Mention }) {
	const c = mention.cluster;
	const copies = useFetched<ListMentionsReply>(c ? apiPath("/mentions", { cluster_id: c.cluster_id, limit: 10 }) : null);
	if (!c) return null;
	return (
		<section class="panel" aria-labelledby="cluster-title">
			<h2 id="cluster-title">{t("social.cluster.title")}</h2>
			<p>
				<a href={address("/social/mentions", { cluster: c.cluster_id })}>{t("social.cluster.mentions", { n: count(c.mentions) })}</a>{" "}
				<span class="soft">{t("social.cluster.by", { authors: count(c.authors), sources: count(c.sources) })} · {t("social.cluster.reach", { n: count(c.reach) })} · <When at={c.first_at_us} />–<When at={c.last_at_us} /></span>
			</p>
			<ul class="items">
				{(copies.data?.mentions ?? []).filter((m) => m.mention_id !== mention.mention_id).map((m) => (
					<li key={m.mention_id}>
						<a href={address(`/social/mentions/${m.mention_id}`)}><bdi lang="">{excerpt(m.text) || shortId(m.mention_id)}</bdi></a>{" "}
						<span class="soft"><bdi lang="">{m.facts?.source}</bdi>{m.author && <> · <bdi lang="">{m.author}</bdi></>} · <When at={m.facts?.published_at_us} /></span>
					</li>
				))}
			</ul>
		</section>
	);
}

function StepsPanel({ reaction }: { reaction: Reaction }) {
	return (
		<section class="panel" aria-labelledby="steps-title">
			<h2 id="steps-title">{t("social.steps")}</h2>
			<ol class="timeline">
				{(reaction.steps ?? []).map((s, i) => (
					<li key={i}>
						<p><strong>{word("reaction_step", s.step ?? "")}</strong> <span class="soft"><When at={s.at_us} />{s.by && ` · ${s.by}`}</span></p>
						{s.reason && <p class="soft">{s.step === "dismissed" ? word("dismissal", s.reason) : <code>{s.reason}</code>}</p>}
						{s.text && <blockquote class="words" dir="auto">{s.text}</blockquote>}
						{s.url && <p><Outside url={s.url} /></p>}
					</li>
				))}
			</ol>
		</section>
	);
}

function AppealPanel({ reaction }: { reaction: Reaction }) {
	const id = reaction.facts?.appeal_id;
	if (!id) return null;
	return (
		<section class="panel" aria-labelledby="appeal-title">
			<h2 id="appeal-title">{t("social.appeal")}</h2>
			<p><a href={address(`/appeals/${id}`)}>{t("social.appeal.open", { id: shortId(id) })}</a> <StateMark state={reaction.appeal_state} /></p>
		</section>
	);
}

export function MentionPage({ id, view }: { id: string; view: View }) {
	const mention = useFetched<Mention>(apiPath(`/mentions/${encodeURIComponent(id)}`));
	// A reaction stands under the id of its mention.
	const reaction = useFetched<Reaction>(apiPath(`/reactions/${encodeURIComponent(id)}`));
	const [said, setSaid] = useState("");
	const now = useNow(10_000);
	const may = view.who.roles?.includes("handler") === true;
	useKeys({ u: () => go(address("/social/queue")) });
	usePoll(() => {
		mention.reload();
		if (reaction.data) reaction.reload();
	});
	const title = t("social.mention.title", { id: shortId(id) });
	if (absent(mention.error)) return <Absent title={title} />;
	const m = mention.data;
	if (!m)
		return (
			<Page title={title}>
				<SocialTabs at="" />
				{mention.error ? <ProblemBox error={mention.error} onRetry={mention.reload} /> : <p class="empty" aria-busy="true">{t("state.loading")}</p>}
			</Page>
		);
	const r = reaction.data;
	const done = (what: string): void => {
		setSaid(what);
		reaction.reload();
		mention.reload();
	};
	return (
		<Page
			title={title}
			note={r ? <><ReactionMark state={r.facts?.state} /> <PriorityMark of={r.facts?.priority} /> {r.facts?.owner && <span>{t("social.owner", { name: r.facts.owner })}</span>}</> : t("social.reaction.none")}
			actions={<a class="button" href={address("/social/queue")} aria-keyshortcuts="u">{t("social.to_queue")} <kbd>u</kbd></a>}
		>
			<SocialTabs at="" />
			{r?.facts?.merged_into && <p class="box box-warn"><a href={address(`/social/mentions/${r.facts.merged_into}`)}>{t("social.merged")}</a></p>}
			{r && <ClockBars facts={r.facts?.clocks ? { clocks: r.facts.clocks } : {}} now={now} />}
			<div class="case">
				<div>
					<TextPanel mention={m} />
					<FoundPanel mention={m} />
					<ClusterPanel mention={m} />
				</div>
				<div>
					{said !== "" && <div class="box box-good" role="status"><p><strong><span aria-hidden="true">✓</span> {said}</strong></p></div>}
					{may && <ReactionActions mention={m} reaction={r} me={view.who.name} onDone={done} />}
					{r && <AppealPanel reaction={r} />}
					{r && <StepsPanel reaction={r} />}
					{may && <CorrectPanel mention={m} onDone={done} />}
				</div>
			</div>
		</Page>
	);
}
