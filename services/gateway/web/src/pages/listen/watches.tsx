// The watch rules: what each looks for, how much it has found and how often rightly.
import { useRef, useState } from "preact/hooks";
import { useKeys } from "../../frame/keys";
import { may } from "../../frame/sections";
import { labelText, t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import * as format from "../../lib/format";
import { usePaged } from "../../lib/pages";
import { address, setQuery, usePlace } from "../../lib/router";
import { count } from "../../lib/types";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { walk } from "../../parts/walk";
import { When } from "../case/facts";
import type { View } from "../view";
import { Share } from "./parts";
import { RuleText } from "./rule-editor";
import { SocialTabs } from "../social/frame";
import type { ListWatchesReply, Watch } from "./types";

export function Precision({ watch }: { watch: Watch }) {
	return (
		<Share
			of={count(watch.right)} n={count(watch.judged)}
			low={watch.precision_low ?? 0} high={watch.precision_high ?? 0} none="listen.not_judged"
		/>
	);
}

export function WatchMark({ ended }: { ended: boolean | undefined }) {
	return ended
		? <span class="mark tone-idle"><span aria-hidden="true">○</span> {t("listen.ended")}</span>
		: <span class="mark tone-good"><span aria-hidden="true">●</span> {t("listen.watching")}</span>;
}

function saveCsv(rows: Watch[]): void {
	download("watches.csv", csv([
		["code", "version", "name", "query", "unit", "ended", "reaction", "hits", "judged", "right", "precision_low", "precision_high", "changed_at", "changed_by"],
		...rows.map((w) => [
			w.code, w.version ?? 0, labelText(w.names, w.code), w.query ?? "", w.unit ?? "", w.ended ? 1 : 0, w.reaction ? 1 : 0,
			count(w.hits), count(w.judged), count(w.right), w.precision_low ?? 0, w.precision_high ?? 0, w.changed_at_us ?? "", w.changed_by ?? "",
		]),
	]));
}

export function WatchesPage({ view }: { view: View }) {
	const [text, setText] = useState("");
	const list = useRef<HTMLDivElement>(null);
	const ended = usePlace().query["ended"] === "1";
	const page = usePaged<ListWatchesReply, Watch>(
		apiPath("/watches", { limit: 1000, ...(ended ? { ended: "true" } : {}) }),
		(reply) => ({ rows: reply.watches ?? [], next: reply.next_cursor ?? "" }),
	);
	useKeys({ j: () => walk(list.current, 1), k: () => walk(list.current, -1) });
	const wanted = text.trim().toLocaleLowerCase();
	const rows = (page.rows ?? []).filter((w) => `${labelText(w.names, "")} ${w.code} ${w.query}`.toLocaleLowerCase().includes(wanted));
	return (
		<Page
			title={t("social.watches")}
			note={t("watch.note")}
			actions={
				<>
					{may(view.who, ["handler"]) && <a class="button button-main" href={address("/social/watches/+")}>{t("watch.new")}</a>}
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => saveCsv(rows)}>{t("action.export")}</button>
				</>
			}
		>
			<SocialTabs at="/social/watches" />
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<label class="filter-text">
					<span>{t("directory.search")}</span>
					<input class="control" type="search" maxLength={100} value={text} onInput={(e) => setText(e.currentTarget.value)} />
				</label>
				<button type="button" class="button" aria-pressed={ended} onClick={() => setQuery({ ended: ended ? "" : "1" })}>{t("listen.with_ended")}</button>
			</form>
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			<div class="panel" ref={list}>
				<ListTable
					page={{ ...page, rows: page.rows && rows }}
					title={t("social.watches")}
					columns={[t("field.names"), t("watch.rule"), t("watch.hits"), t("watch.precision"), t("field.state"), t("field.unit"), t("watch.changed")]}
					none={t(text === "" ? "watch.empty" : "watch.none")}
				>
					{rows.map((w) => (
						<tr key={w.code} data-row>
							<th scope="row"><a href={address(`/social/watches/${encodeURIComponent(w.code)}`)}>{labelText(w.names, w.code)}</a> <small class="soft"><code>{w.code}</code></small></th>
							<td data-label={t("watch.rule")}><RuleText rule={w.query ?? ""} short /></td>
							<td data-label={t("watch.hits")} class="num">{format.integer(count(w.hits))}</td>
							<td data-label={t("watch.precision")}><Precision watch={w} /></td>
							<td data-label={t("field.state")}>
								<span>
									<WatchMark ended={w.ended} />
									{w.reaction && <> <span class="mark tone-warn"><span aria-hidden="true">◆</span> {t("watch.reacts")}</span></>}
								</span>
							</td>
							<td data-label={t("field.unit")}>{w.unit || t("scope.all")}</td>
							<td data-label={t("watch.changed")}><span><When at={w.changed_at_us} /> <small class="soft"><bdi>{w.changed_by}</bdi></small></span></td>
						</tr>
					))}
				</ListTable>
			</div>
			<ListFoot page={{ ...page, rows }} />
		</Page>
	);
}
