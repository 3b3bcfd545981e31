// What a rule has found, and whether rightly: that is its precision.
import { useState } from "preact/hooks";
import { may } from "../../frame/sections";
import { labelText, t } from "../../i18n/i18n";
import { apiPath, send } from "../../lib/api";
import { usePaged } from "../../lib/pages";
import { daysParameter } from "../../lib/period";
import { address } from "../../lib/router";
import { ListMore } from "../../parts/list";
import { ProblemBox } from "../../parts/problem";
import { When } from "../case/facts";
import type { ListMentionsReply, Mention } from "../social/types";
import { className, sentimentName } from "../social/words";
import type { View } from "../view";
import { Judge, MarkedText } from "./parts";
import type { Watch } from "./types";

const HIT = 400;

function Hit({ mention, watch, judges, judged, onJudge }: {
	mention: Mention;
	watch: Watch;
	judges: boolean;
	judged: boolean | undefined;
	onJudge: (right: boolean) => Promise<void>;
}) {
	const facts = mention.facts ?? {};
	const text = mention.text ?? "";
	return (
		<li>
			<p class="soft">
				<a href={address(`/social/mentions/${mention.mention_id}`)}><When at={facts.published_at_us} /></a> · {facts.source} · {className(facts.mention_class)} · {sentimentName(facts.sentiment)}
			</p>
			{text !== "" && <MarkedText text={text} lang={facts.lang} most={HIT} places={mention.matched?.find((m) => m.watch === watch.code)?.spans ?? []} />}
			{judges && <Judge what={t("watch.judge")} now={judged} yes="listen.right" no="listen.wrong" onJudge={onJudge} />}
		</li>
	);
}

export function WatchHits({ watch, view, onJudged }: { watch: Watch; view: View; onJudged: () => void }) {
	const [judged, setJudged] = useState<Record<string, boolean>>({});
	const page = usePaged<ListMentionsReply, Mention>(
		apiPath("/mentions", { watch: watch.code, days: daysParameter(view.period), unit: view.unit, limit: 20 }),
		(reply) => ({ rows: reply.mentions ?? [], next: reply.next_cursor ?? "" }),
	);
	const judges = may(view.who, ["handler"]);
	return (
		<section class="panel" aria-labelledby="hits-title">
			<h2 id="hits-title">{t("watch.found", { name: labelText(watch.names, watch.code) })}</h2>
			<p class="soft">{t(judges ? "watch.found.note" : "listen.no_texts")}</p>
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			{page.rows?.length === 0 && <p class="empty">{t("watch.found.empty")}</p>}
			{!page.rows && !page.error && <p class="empty" aria-busy="true">{t("state.loading")}</p>}
			<ol class="said-list">
				{(page.rows ?? []).map((mention) => (
					<Hit
						key={mention.mention_id}
						mention={mention}
						watch={watch}
						judges={judges}
						judged={judged[mention.mention_id]}
						onJudge={async (right) => {
							await send("POST", `/api/v1/watches/${encodeURIComponent(watch.code)}/judgements`, { mention_id: mention.mention_id, right });
							setJudged((before) => ({ ...before, [mention.mention_id]: right }));
							onJudged();
						}}
					/>
				))}
			</ol>
			<p class="list-foot"><ListMore page={page} /></p>
		</section>
	);
}
