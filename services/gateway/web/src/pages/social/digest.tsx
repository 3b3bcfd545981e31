// One day in one look: how much was said beside what is usual, what grew, how long answers
// took, what was silent. Made to be printed as well.
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { unitName, useRoot, useTerms, useUnit } from "../../lib/names";
import { dayNumber, dayText, isDay, today } from "../../lib/period";
import { address, setQuery, usePlace } from "../../lib/router";
import { count } from "../../lib/types";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { When } from "../case/facts";
import type { View } from "../view";
import { Absent, SocialTabs } from "./frame";
import { classNumbers, lengthMs, sentimentNumbers, type Digest, type DigestLine } from "./types";
import { excerpt } from "./warnings";
import { absent, Change, className, sentimentName } from "./words";

function Lines({ title, lines, name }: { title: string; lines: readonly DigestLine[] | undefined; name: (code: string) => string }) {
	if (!lines?.length) return null;
	return (
		<section class="panel">
			<table class="list cards report">
				<caption>{title}</caption>
				<thead>
					<tr>
						<th scope="col">{title}</th>
						<th scope="col" class="num">{t("social.mentions")}</th>
						<th scope="col" class="num">{t("digest.usual")}</th>
						<th scope="col" class="num">{t("social.reach")}</th>
					</tr>
				</thead>
				<tbody>
					{lines.map((line) => (
						<tr key={line.code ?? ""}>
							<th scope="row">{name(line.code ?? "")}</th>
							<td class="num" data-label={t("social.mentions")}>{format.integer(count(line.mentions))}</td>
							<td class="num" data-label={t("digest.usual")}>{format.integer(count(line.usual))}</td>
							<td class="num" data-label={t("social.reach")}>{format.integer(count(line.reach))}</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

function Times({ digest }: { digest: Digest }) {
	const times = digest.times ?? [];
	if (times.length === 0) return null;
	const took = (text: string | undefined): string => (text ? format.duration(lengthMs(text)) : "–");
	return (
		<section class="panel">
			<table class="list cards report">
				<caption>{t("digest.times")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("field.clock")}</th>
						<th scope="col" class="num">{t("digest.met")}</th>
						<th scope="col" class="num">{t("digest.breached")}</th>
						<th scope="col" class="num">{t("digest.running")}</th>
						<th scope="col" class="num">{t("digest.median")}</th>
						<th scope="col" class="num">{t("digest.p90")}</th>
					</tr>
				</thead>
				<tbody>
					{times.map((one) => (
						<tr key={one.clock}>
							<th scope="row">{word("clock", one.clock ?? "")}</th>
							<td class="num" data-label={t("digest.met")}>{format.integer(count(one.met))}</td>
							<td class="num" data-label={t("digest.breached")}>{format.integer(count(one.breached))}</td>
							<td class="num" data-label={t("digest.running")}>{format.integer(count(one.running))}</td>
							<td class="num" data-label={t("digest.median")}>{took(one.median_us)}</td>
							<td class="num" data-label={t("digest.p90")}>{took(one.p90_us)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

export function DigestPage({ view }: { view: View }) {
	const asked = usePlace().query["day"] ?? "";
	const yesterday = dayText(dayNumber(today()) - 1);
	const day = isDay(asked) ? asked : yesterday;
	const root = useRoot(view.unit, view.who);
	const known = useUnit(root === "" ? null : root);
	const topic = useTerms("topic").name;
	const reply = useFetched<Digest>(apiPath("/digest", { day, unit: view.unit }));
	const digest = reply.data;
	const title = t("digest.title", { unit: root === "" ? t("scope.all") : unitName(known?.unit, root) });
	if (absent(reply.error)) return <Absent title={title} />;
	return (
		<Page
			title={title}
			note={format.dayLong(day)}
			actions={<button type="button" class="button" disabled={!digest} onClick={() => window.print()}>{t("action.print")}</button>}
		>
			<SocialTabs at="/social/digest" />
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<label>
					<span>{t("series.day")}</span>
					<input class="control" type="date" max={today()} value={day} onChange={(e) => setQuery({ day: e.currentTarget.value })} />
				</label>
			</form>
			{reply.error && <ProblemBox error={reply.error} onRetry={reply.reload} />}
			{!digest && !reply.error && <p class="empty" aria-busy="true">{t("state.loading")}</p>}
			{digest && (
				<>
					<p class="report-total">
						<b>{format.integer(count(digest.mentions))}</b> {t("digest.mentions", { n: count(digest.mentions) })} · {t("digest.usual_is", { n: count(digest.usual) })} <Change now={count(digest.mentions)} before={count(digest.usual)} />
					</p>
					{digest.provisional && <p class="soft"><span aria-hidden="true">▨</span> {t("digest.provisional")}</p>}
					<div class="columns">
						<Lines title={t("social.classes")} lines={digest.classes} name={(code) => className(classNumbers[Number(code)])} />
						<Lines title={t("social.sentiments")} lines={digest.sentiments} name={(code) => sentimentName(sentimentNumbers[Number(code)])} />
						<Lines title={t("social.topics")} lines={digest.topics} name={(code) => (code === "" ? t("social.topic.none") : topic(code))} />
						<Lines title={t("social.sources")} lines={digest.sources} name={(code) => code} />
						<Lines title={t("units.title")} lines={digest.units} name={(code) => (code === "" ? t("social.unit.none") : code)} />
					</div>
					<Times digest={digest} />
					{(digest.clusters ?? []).length > 0 && (
						<section class="panel" aria-labelledby="digest-clusters">
							<h2 id="digest-clusters">{t("social.clusters")}</h2>
							<ul class="items">
								{digest.clusters!.map((c) => (
									<li key={c.cluster_id}>
										<p><a href={address("/social/mentions", { cluster: c.cluster_id })}>{t("social.cluster.mentions", { n: count(c.mentions) })}</a> <span class="soft">{t("digest.authors", { n: count(c.authors) })}{c.topic && ` · ${topic(c.topic)}`}</span></p>
										{c.text && <blockquote class="words" dir="auto">{excerpt(c.text)}</blockquote>}
									</li>
								))}
							</ul>
						</section>
					)}
					{(digest.gaps ?? []).length > 0 && (
						<section class="panel" aria-labelledby="digest-gaps">
							<h2 id="digest-gaps">{t("social.silent_sources")}</h2>
							<ul class="items">
								{digest.gaps!.map((gap, i) => <li key={i}><bdi lang="">{gap.source}</bdi> <span class="soft"><When at={gap.from_us} /> – {gap.to_us ? <When at={gap.to_us} /> : t("digest.still")}</span></li>)}
							</ul>
						</section>
					)}
					<p class="soft">{t("digest.made", { time: digest.made_at_us ? format.timeExact(digest.made_at_us) : "–" })}</p>
				</>
			)}
		</Page>
	);
}
