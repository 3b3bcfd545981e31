// What happened, in its order; what is on its way stands last and says so.
import { t, word } from "../../i18n/i18n";
import * as format from "../../lib/format";
import type { TimelineEntry } from "../../lib/types";
import type { Sent } from "./actions";

const factOf = { classify: "ClassifyAppeal", answer: "AnswerAppeal", resolve: "ResolveAppeal", close: "CloseAppeal" };

// Above this the news came so late that it is worth a word.
const LATE_MS = 3_600_000;

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
						<p><strong>{word("fact", factOf[sending.action])}</strong> <i class="soft">{t("state.saving")}</i></p>
						{sending.text && <blockquote class="words" dir="auto">{sending.text}</blockquote>}
					</li>
				)}
			</ol>
		</section>
	);
}
