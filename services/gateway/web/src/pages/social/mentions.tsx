// All that was said, the newest first, by what it was found to be.
import { useRef, useState } from "preact/hooks";
import { useKeys } from "../../frame/keys";
import { t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { useTerms } from "../../lib/names";
import { usePaged } from "../../lib/pages";
import { daysParameter } from "../../lib/period";
import { address, setQuery, usePlace } from "../../lib/router";
import { count } from "../../lib/types";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { walk } from "../../parts/walk";
import type { View } from "../view";
import { SelectField, TopicField } from "./fields";
import { Absent, SocialTabs } from "./frame";
import { mentionClasses, sentiments, type ListMentionsReply, type ListSourcesReply, type Mention } from "./types";
import { excerpt } from "./warnings";
import { absent, className, ReactionMark, sentimentName, SentimentMark } from "./words";

const PAGE = 50;

function save(rows: readonly Mention[]): void {
	download("mentions.csv", csv([
		["mention_id", "published", "source", "class", "sentiment", "topic", "unit", "reach", "url"],
		...rows.map((m) => [
			m.mention_id, m.facts?.published_at_us ?? "", m.facts?.source ?? "", m.facts?.mention_class ?? "", m.facts?.sentiment ?? "",
			m.facts?.topic ?? "", m.facts?.unit ?? "", count(m.facts?.reach), m.url ?? "",
		]),
	]));
}

// Words are asked when they are sent: they are somebody's, and stand in no address.
function WordsField({ value, onAsk }: { value: string; onAsk: (text: string) => void }) {
	const [text, setText] = useState(value);
	return (
		<label class="filter-text">
			<span>{t("social.words")}</span>
			<input
				class="control"
				type="search"
				maxLength={1000}
				value={text}
				placeholder={t("social.words.hint")}
				onInput={(e) => setText(e.currentTarget.value)}
				onChange={() => onAsk(text.trim())}
			/>
		</label>
	);
}

export function MentionsPage({ view }: { view: View }) {
	const { query } = usePlace();
	const list = useRef<HTMLDivElement>(null);
	const [words, setWords] = useState("");
	const topic = useTerms("topic").name;
	const sources = useFetched<ListSourcesReply>(apiPath("/sources")).data?.sources ?? [];
	const asked = {
		unit: view.unit,
		source: query["source"] ?? "",
		mention_class: query["class"] ?? "",
		sentiment: query["sentiment"] ?? "",
		topic: query["topic"] ?? "",
		watch: query["watch"] ?? "",
		cluster_id: query["cluster"] ?? "",
		unsure: query["only"] === "unsure" ? "true" : "",
		spam: query["only"] === "spam" ? "true" : "",
	};
	const said = Object.entries(asked).filter(([, value]) => value !== "");
	const body = {
		...Object.fromEntries(said.map(([name, value]) => [name, value === "true" ? true : value])),
		days: { from_day: daysParameter(view.period).split("..")[0], to_day: daysParameter(view.period).split("..")[1] },
		query: words,
		limit: PAGE,
	};
	const page = usePaged<ListMentionsReply, Mention>(
		words === "" ? apiPath("/mentions", { ...asked, days: daysParameter(view.period), limit: PAGE }) : apiPath("/mentions/search"),
		(reply) => ({ rows: reply.mentions ?? [], next: reply.next_cursor ?? "" }),
		"cursor",
		words === "" ? undefined : body,
	);
	const rows = page.rows ?? [];
	useKeys({ j: () => walk(list.current, 1), k: () => walk(list.current, -1), n: page.reload });
	if (absent(page.error)) return <Absent title={t("social.mentions")} />;
	return (
		<Page
			title={t("social.mentions")}
			note={t("social.period", { from: format.day(view.period.from), to: format.day(view.period.to) })}
			actions={
				<>
					<button type="button" class="button" aria-keyshortcuts="n" onClick={page.reload}>{t("action.reload")}</button>
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => save(rows)}>{t("action.export")}</button>
				</>
			}
		>
			<SocialTabs at="/social/mentions" />
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<WordsField value={words} onAsk={setWords} />
				<SelectField name="source" label={t("field.source")} value={asked.source} options={sources.map((s) => [s.source ?? "", s.source ?? ""])} />
				<SelectField name="class" label={t("social.class")} value={asked.mention_class} options={mentionClasses.map((c) => [c, className(c)])} />
				<SelectField name="sentiment" label={t("social.sentiment")} value={asked.sentiment} options={sentiments.map((s) => [s, sentimentName(s)])} />
				<TopicField value={asked.topic} />
				<SelectField name="only" label={t("filter.only")} value={query["only"] ?? ""} options={[["unsure", t("social.only.unsure")], ["spam", t("social.only.spam")]]} />
				{asked.cluster_id !== "" && <button type="button" class="button" onClick={() => setQuery({ cluster: "" })}>{t("social.cluster.leave")}</button>}
				{asked.watch !== "" && <button type="button" class="button" onClick={() => setQuery({ watch: "" })}>{t("social.watch.leave", { code: asked.watch })}</button>}
			</form>
			{page.error && <ProblemBox error={page.error} kept={rows.length > 0 ? t("problem.kept_list") : ""} onRetry={page.reload} />}
			<div class="panel" ref={list}>
				<ListTable
					page={page}
					title={t("social.mentions")}
					columns={[t("social.mention"), t("social.class"), t("social.sentiment"), t("field.topic"), t("field.unit"), t("social.reach"), t("social.reaction")]}
					none={t("social.mentions.none")}
				>
					{rows.map((m) => {
						const f = m.facts ?? {};
						return (
							<tr key={m.mention_id} data-row={m.mention_id}>
								<th scope="row" class="social-said">
									<a href={address(`/social/mentions/${m.mention_id}`)}><bdi lang="">{excerpt(m.title || m.text) || t(m.erased ? "social.erased" : "social.no_text")}</bdi></a>
									<p class="soft">
										<bdi lang="">{f.source}</bdi> · {f.published_at_us && <time dateTime={f.published_at_us} title={format.timeExact(f.published_at_us)}>{format.time(f.published_at_us)}</time>}
										{m.author && <> · <bdi lang="">{m.author}</bdi></>}
									</p>
								</th>
								<td data-label={t("social.class")}><span>{className(f.mention_class)} {m.unsure && <span class="mark tone-warn"><span aria-hidden="true">?</span> {t("social.unsure")}</span>}</span></td>
								<td data-label={t("social.sentiment")}><SentimentMark of={f.sentiment} /></td>
								<td data-label={t("field.topic")}>{topic(f.topic) || "–"}</td>
								<td data-label={t("field.unit")}>{f.unit ? <a class="quiet" href={address("/social/mentions", { unit: f.unit }, "all")}>{f.unit}</a> : "–"}</td>
								<td class="num" data-label={t("social.reach")}>{format.integer(count(f.reach))}</td>
								<td data-label={t("social.reaction")}>{m.reaction ? <ReactionMark state={m.reaction.facts?.state} /> : "–"}</td>
							</tr>
						);
					})}
				</ListTable>
			</div>
			<ListFoot page={page} />
		</Page>
	);
}
