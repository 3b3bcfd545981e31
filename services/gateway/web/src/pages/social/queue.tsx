// Points of reaction, as they are to be worked: the most urgent, then what is due first.
import { useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { useKeys } from "../../frame/keys";
import { t, word } from "../../i18n/i18n";
import { ApiError, apiPath, get, send } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import * as format from "../../lib/format";
import { useTerms } from "../../lib/names";
import { useNow } from "../../lib/now";
import { usePaged } from "../../lib/pages";
import { address, go, setQuery, usePlace } from "../../lib/router";
import { count } from "../../lib/types";
import { ListFoot, ListTable, Pair, pairName } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { walk } from "../../parts/walk";
import type { View } from "../view";
import { Absent, SocialTabs } from "./frame";
import { SelectField, TopicField } from "./fields";
import { usePoll } from "./poll";
import { reactionStates, type ListReactionsReply, type Reaction } from "./types";
import { excerpt } from "./warnings";
import { absent, className, ClockWord, currentClock, PriorityMark, ReactionMark, SentimentMark } from "./words";

const PAGE = 50;
const waiting = ["REACTION_OPEN", "REACTION_ASSIGNED", "REACTION_FORWARDED", "REACTION_RESULT"];

function save(rows: readonly Reaction[], topic: (code: string | undefined) => string): void {
	download("reactions.csv", csv([
		["reaction_id", "priority", "state", "clock", "due", "owner", "class", "sentiment", "topic", "source", "unit", "mentions", "published"],
		...rows.map((r) => [
			r.reaction_id, r.facts?.priority ?? "", r.facts?.state ?? "", currentClock(r.facts?.clocks)?.clock ?? "", currentClock(r.facts?.clocks)?.due_us ?? "",
			r.facts?.owner ?? "", className(r.facts?.mention_class), r.facts?.sentiment ?? "", topic(r.facts?.topic), r.facts?.source ?? "", r.facts?.unit ?? "",
			count(r.facts?.mentions), r.facts?.published_at_us ?? "",
		]),
	]));
}

export function QueuePage({ view }: { view: View }) {
	const { query } = usePlace();
	const asked = { state: query["state"] ?? "", owner: query["owner"] ?? "", source: query["source"] ?? "", topic: query["topic"] ?? "" };
	const me = view.who.name;
	const params = { unit: view.unit, ...asked, owner: asked.owner === "me" ? me : asked.owner };
	const list = useRef<HTMLDivElement>(null);
	const now = useNow();
	const topic = useTerms("topic").name;
	const may = view.who.roles?.includes("handler") === true;
	const [sums, setSums] = useState<{ open: number; overdue: number } | undefined>();
	const [error, setError] = useState<ApiError | undefined>();
	const [busy, setBusy] = useState("");
	// A row that was worked stays where it is, as it is now, until the list is asked anew.
	const [done, setDone] = useState<Readonly<Record<string, string>>>({});
	const [fresh, setFresh] = useState(0);
	const page = usePaged<ListReactionsReply, Reaction>(
		apiPath("/reactions", { ...params, limit: PAGE }),
		(reply) => {
			setSums({ open: count(reply.open), overdue: count(reply.overdue) });
			setFresh(0);
			return { rows: reply.reactions ?? [], next: reply.next_cursor ?? "" };
		},
	);
	const rows = page.rows ?? [];
	const reload = (): void => {
		setDone({});
		page.reload();
	};
	// Nothing moves under the reader's hand: the sums follow, new rows wait.
	usePoll(() => {
		get<ListReactionsReply>(apiPath("/reactions", { ...params, limit: 1 })).then(
			(reply) => sums && setFresh(count(reply.open) - sums.open),
			() => undefined,
		);
	});

	const act = async (r: Reaction, path: string, body: object, said: string): Promise<void> => {
		setBusy(r.reaction_id);
		setError(undefined);
		try {
			await send("POST", apiPath(`/reactions/${encodeURIComponent(r.reaction_id)}/${path}`), { ...body, revision: r.revision });
			announce(said);
			setDone((before) => ({ ...before, [r.reaction_id]: said }));
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy("");
	};
	const takeNext = async (): Promise<void> => {
		setError(undefined);
		try {
			const open = await get<ListReactionsReply>(apiPath("/reactions", { ...params, owner: "", state: "REACTION_OPEN", limit: 10 }));
			for (const r of open.reactions ?? []) {
				try {
					await send("POST", apiPath(`/reactions/${encodeURIComponent(r.reaction_id)}/assignment`), { revision: r.revision });
					return go(address(`/social/mentions/${r.reaction_id}`));
				} catch (cause) {
					// Somebody was faster: the next one.
					if (!(cause instanceof ApiError) || cause.status !== 409) throw cause;
				}
			}
			announce(t("social.queue.nothing"));
			setDone({});
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
	};
	const focused = (): Reaction | undefined => {
		const id = document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset["row"];
		return rows.find((r) => r.reaction_id === id);
	};
	const takeFocused = (): void => {
		const r = focused();
		if (may && r && !done[r.reaction_id]) void act(r, "assignment", {}, t("social.taken"));
	};
	useKeys({ j: () => walk(list.current, 1), k: () => walk(list.current, -1), n: reload, w: () => may && void takeNext(), x: takeFocused });

	if (absent(page.error)) return <Absent title={t("social.queue")} />;
	return (
		<Page
			title={t("social.queue")}
			note={sums && <>{t("social.queue.note", { n: sums.open })} {sums.overdue > 0 && <span class="mark tone-bad"><span aria-hidden="true">▲</span> {t("social.queue.overdue", { n: sums.overdue })}</span>}</>}
			actions={
				<>
					<button type="button" class="button" aria-keyshortcuts="n" onClick={reload}>{fresh > 0 ? t("live.fresh", { n: fresh }) : t("action.reload")}</button>
					{may && <button type="button" class="button" aria-keyshortcuts="w" onClick={() => void takeNext()}>{t("social.take_next")} <kbd>w</kbd></button>}
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => save(rows, topic)}>{t("action.export")}</button>
				</>
			}
		>
			<SocialTabs at="/social/queue" />
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<SelectField name="state" label={t("field.state")} value={asked.state} none={t("social.queue.waiting")} options={reactionStates.map((s) => [s, word("reaction", s)])} />
				<SelectField name="owner" label={t("field.handler")} value={asked.owner} options={[["me", t("filter.mine")]]} />
				<TopicField value={asked.topic} />
				<label>
					<span>{t("field.source")}</span>
					<input class="control" value={asked.source} maxLength={63} onChange={(e) => setQuery({ source: e.currentTarget.value.trim() })} />
				</label>
			</form>
			{error && <ProblemBox error={error} onRetry={reload} />}
			{page.error && <ProblemBox error={page.error} kept={rows.length > 0 ? t("problem.kept_list") : ""} onRetry={page.reload} />}
			<div class="panel" ref={list}>
				<ListTable
					page={page}
					title={t("social.queue")}
					columns={[t("social.mention"), t("field.priority"), t("field.clock"), t("field.state"), pairName("social.class", "field.topic"), pairName("field.unit", "field.handler"), ...(may ? [t("social.do")] : [])]}
					none={t("social.queue.none")}
				>
					{rows.map((r) => {
						const f = r.facts ?? {};
						return (
							<tr key={r.reaction_id} data-row={r.reaction_id}>
								<th scope="row" class="social-said">
									<a href={address(`/social/mentions/${r.reaction_id}`)}><bdi lang="">{excerpt(r.text) || t("social.no_text")}</bdi></a>
									<p class="soft">
										<bdi lang="">{f.source}</bdi> · {f.published_at_us && <time dateTime={f.published_at_us} title={format.timeExact(f.published_at_us)}>{format.time(f.published_at_us)}</time>}
										{count(f.mentions) > 1 && <> · {t("social.cluster.mentions", { n: count(f.mentions) })}</>}
									</p>
								</th>
								<td data-label={t("field.priority")}><PriorityMark of={f.priority} /></td>
								<td data-label={t("field.clock")}><ClockWord clocks={f.clocks} now={now} /></td>
								<td data-label={t("field.state")}><ReactionMark state={f.state} /></td>
								<td data-label={pairName("social.class", "field.topic")}>
									<Pair of={<>{className(f.mention_class)} <SentimentMark of={f.sentiment} /></>} more={topic(f.topic)} />
								</td>
								<td data-label={pairName("field.unit", "field.handler")}><Pair of={f.unit || "–"} more={f.owner} /></td>
								{may && (
									<td data-label={t("social.do")}>
										{done[r.reaction_id] ? (
											<span class="mark tone-good"><span aria-hidden="true">✓</span> {done[r.reaction_id]}</span>
										) : (
											waiting.includes(f.state ?? "") && (
												<span class="choices">
													{f.owner !== me && (
														<button type="button" class="button" disabled={busy === r.reaction_id} onClick={() => void act(r, "assignment", {}, t("social.taken"))}>{t("social.take")}</button>
													)}
													{f.owner === me && f.state === "REACTION_ASSIGNED" && (
														<button type="button" class="button" disabled={busy === r.reaction_id} onClick={() => void act(r, "assignment", { owner: "-" }, t("social.given_back"))}>{t("social.give_back")}</button>
													)}
													{(f.state === "REACTION_OPEN" || f.state === "REACTION_ASSIGNED") && (
														<select
															class="control"
															value=""
															disabled={busy === r.reaction_id}
															aria-label={t("social.dismiss_as")}
															onChange={(e) => e.currentTarget.value !== "" && void act(r, "dismissal", { reason: e.currentTarget.value }, t("social.dismissed"))}
														>
															<option value="">{t("social.dismiss")}</option>
															{["spam", "not_ours", "duplicate", "other"].map((code) => <option key={code} value={code}>{word("dismissal", code)}</option>)}
														</select>
													)}
												</span>
											)
										)}
									</td>
								)}
							</tr>
						);
					})}
				</ListTable>
			</div>
			<ListFoot page={page} />
		</Page>
	);
}
