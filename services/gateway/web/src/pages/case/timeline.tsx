// What happened, in its order; what is on its way stands last and says so.
import { t, word } from "../../i18n/i18n";
import * as format from "../../lib/format";
import { useDepartments, useTerms } from "../../lib/names";
import { address } from "../../lib/router";
import type { AppealDetail, TimelineEntry } from "../../lib/types";
import { shortId } from "../../lib/uuid";
import { clockName } from "../../parts/state";
import type { Sent } from "./actions";
import { stepOf } from "./life";
import { LookupSaid, lookupOutcome } from "./lookups";

// Above this the news came so late that it is worth a word.
const LATE_MS = 3_600_000;

// What the fact said besides its text, in a line.
function Detail({ of }: { of: AppealDetail | undefined }) {
	const department = useDepartments().name;
	const remedy = useTerms("remedy").name;
	const redLine = useTerms("red_line").name;
	const kind = useTerms("kind").name;
	const topic = useTerms("topic").name;
	if (!of) return null;
	const said: string[] = [];
	if (of.kind) said.push(kind(of.kind));
	if (of.topic) said.push(topic(of.topic));
	if (of.handler) said.push(of.handler === "-" ? t("detail.nobody") : t("detail.handler", { name: of.handler }));
	if (of.unit) said.push(of.unit);
	if (of.department) said.push(department(of.department));
	if (of.clock) said.push(clockName(of.clock));
	if (of.by) said.push(t("detail.by", { n: of.by }));
	if (of.due_us) said.push(t("clock.due", { time: format.time(of.due_us) }));
	if (of.remedy) said.push(remedy(of.remedy));
	if (of.amount_minor) said.push(format.money(of.amount_minor, of.currency ?? ""));
	if (of.level) said.push(word("level", of.level));
	if (of.red_line) said.push(redLine(of.red_line));
	if (of.rating) said.push(word("rating", String(of.rating)));
	return (
		<>
			{said.length > 0 && <p class="soft">{said.join(" · ")}</p>}
			{of.other_appeal && <p><a href={address(`/appeals/${of.other_appeal}`)}><code>{shortId(of.other_appeal)}</code></a></p>}
		</>
	);
}

function Entry({ entry, told }: { entry: TimelineEntry; told: string }) {
	const at = entry.occurred_at_us ?? entry.accepted_at_us ?? "";
	const came = Date.parse(entry.accepted_at_us ?? "") - Date.parse(entry.occurred_at_us ?? "");
	return (
		<li>
			<p>
				<strong>{word("fact", entry.type ?? "")}</strong>{" "}
				{at && <time class="soft" dateTime={at} title={format.timeExact(at)}>{format.time(at)}</time>}{" "}
				<span class="soft">· {entry.source}</span>
				{came > LATE_MS && <span class="soft"> · {t("timeline.late", { late: format.duration(came) })}</span>}
			</p>
			{entry.refused && (
				<p class="mark tone-bad"><span aria-hidden="true">▲</span> {t("timeline.refused")} <span lang="en">{entry.refused.text}</span></p>
			)}
			<Detail of={entry.detail} />
			{entry.detail?.lookup && (
				<LookupSaid outcome={lookupOutcome(entry.detail.state)} status={entry.detail.status} tookMs={entry.detail.took_ms} result={entry.lookup} />
			)}
			{entry.text && entry.text !== told && <blockquote class="words" dir="auto">{entry.text}</blockquote>}
		</li>
	);
}

interface Props {
	entries: TimelineEntry[];
	told: string; // the customer's words, which stand elsewhere
	sending: Sent | undefined;
}

export function Timeline({ entries, told, sending }: Props) {
	return (
		<section class="panel" aria-labelledby="timeline-title">
			<h2 id="timeline-title">{t("timeline.title")}</h2>
			<ol class="timeline">
				{entries.map((entry, i) => <Entry key={`${entry.accepted_at_us}-${i}`} entry={entry} told={told} />)}
				{sending && (
					<li class="sending">
						<p><strong>{word("fact", stepOf(sending.action).method)}</strong> <i class="soft">{t("state.saving")}</i></p>
						{sending.text && <blockquote class="words" dir="auto">{sending.text}</blockquote>}
					</li>
				)}
			</ol>
		</section>
	);
}
