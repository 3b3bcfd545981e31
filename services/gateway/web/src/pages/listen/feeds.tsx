// Feeds: where the service itself goes and looks, how each of them does, and trying one
// before it is saved.
import { useState } from "preact/hooks";
import { may } from "../../frame/sections";
import { labelText, t, word } from "../../i18n/i18n";
import { ApiError, apiPath, search, send } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import * as format from "../../lib/format";
import { usePaged } from "../../lib/pages";
import { setQuery, usePlace } from "../../lib/router";
import { count } from "../../lib/types";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { PutForm } from "../../parts/put-form";
import { bodyOf, valuesOf } from "../../parts/values";
import { When } from "../case/facts";
import type { View } from "../view";
import { DoButton } from "./do-button";
import { fieldsOf } from "./feed-fields";
import { SocialTabs } from "../social/frame";
import type { Feed, ListFeedsReply, TryFeedReply } from "./types";

function Health({ feed }: { feed: Feed }) {
	const state = feed.state ?? {};
	if (feed.ended) return <span class="mark tone-idle"><span aria-hidden="true">○</span> {t("listen.ended")}</span>;
	if (state.failures)
		return (
			<span class="tone-bad">
				<span class="mark"><span aria-hidden="true">▲</span> {t("feed.fails", { n: state.failures })}</span>{" "}
				<small lang="en">{state.problem}</small>
			</span>
		);
	if (!state.answered_at_us) return <span class="mark tone-warn"><span aria-hidden="true">◌</span> {t("feed.not_yet")}</span>;
	return <span class="mark tone-good"><span aria-hidden="true">●</span> {t("feed.works")}</span>;
}

function Tried({ reply }: { reply: TryFeedReply }) {
	const of = [
		...(reply.status ? [t("feed.status", { n: reply.status })] : []),
		...(count(reply.bytes) > 0 ? [format.bytes(count(reply.bytes))] : []),
	].join(", ");
	if (reply.problem)
		return (
			<div class="box box-bad" role="alert">
				<p>
					<strong><span aria-hidden="true">▲</span> {t("feed.tried.bad")}</strong>{" "}
					{reply.field && <b>{word("field", reply.field.replace(/^mapping\./, "map_"))}: </b>}<span lang="en">{reply.problem}</span>
				</p>
				{of !== "" && <p class="soft">{of}</p>}
			</div>
		);
	return (
		<div class="found">
			<p role="status">
				<strong class="tone-good"><span aria-hidden="true">✓</span> {t("feed.tried", { n: reply.items ?? 0 })}</strong>{" "}
				{reply.refused ? <span class="tone-warn">{t("feed.tried.refused", { n: reply.refused })}</span> : null} <span class="soft">{of}</span>
			</p>
			<ol class="said-list">
				{(reply.mentions ?? []).map((m) => (
					<li key={m.external_id}>
						<p class="soft"><When at={m.published_at_us} /> · <code>{m.external_id}</code></p>
						{m.title && <p><strong><bdi>{m.title}</bdi></strong></p>}
						<blockquote class="words said" dir="auto" lang="und">{m.text}</blockquote>
					</li>
				))}
			</ol>
		</div>
	);
}

// Fetches once, with what stands in the form; nothing is stored.
function Trial({ body, ready }: { body: Record<string, unknown>; ready: boolean }) {
	const [tried, setTried] = useState<{ of: string; reply: TryFeedReply } | undefined>();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const written = JSON.stringify(body);
	const look = async (): Promise<void> => {
		setBusy(true);
		setError(undefined);
		try {
			setTried({ of: written, reply: await search<TryFeedReply>("/api/v1/feeds/trial", { feed: body }) });
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	return (
		<div class="form-all">
			<button type="button" class="button" disabled={busy || !ready} onClick={() => void look()}>{busy ? t("state.waiting") : t("feed.try")}</button>
			{error && <ProblemBox error={error} />}
			{tried?.of === written && <Tried reply={tried.reply} />}
		</div>
	);
}

function saveCsv(rows: Feed[]): void {
	download("feeds.csv", csv([
		["code", "name", "kind", "url", "source", "ended", "asked_at", "answered_at", "next_at", "failures", "problem", "mentions", "last_mention_at", "refused", "bytes", "unchanged"],
		...rows.map((f) => {
			const s = f.state ?? {};
			return [
				f.code, labelText(f.names, f.code), f.kind ?? "", f.url ?? "", f.source ?? "", f.ended ? 1 : 0, s.asked_at_us ?? "", s.answered_at_us ?? "", s.next_at_us ?? "",
				s.failures ?? 0, s.problem ?? "", count(s.mentions), s.last_mention_at_us ?? "", count(s.refused), count(s.bytes), count(s.unchanged),
			];
		}),
	]));
}

export function FeedsPage({ view }: { view: View }) {
	const ended = usePlace().query["ended"] === "1";
	const page = usePaged<ListFeedsReply, Feed>(
		apiPath("/feeds", { limit: 200, ...(ended ? { ended: "true" } : {}) }),
		(reply) => ({ rows: reply.feeds ?? [], next: reply.next_cursor ?? "" }),
	);
	const [open, setOpen] = useState<string | undefined>(); // "": a new one
	const rows = page.rows ?? [];
	const of = rows.find((row) => row.code === open);
	const changes = may(view.who, ["handler", "admin"]);
	const end = async (feed: Feed): Promise<void> => {
		const fields = fieldsOf({ kind: feed.kind ?? "" });
		await send("POST", "/api/v1/feeds", { feed: { ...bodyOf(fields, valuesOf(fields, feed)), version: feed.version, ended: !feed.ended } });
		page.reload();
	};
	return (
		<Page
			title={t("social.feeds")}
			note={t("feed.note")}
			actions={
				<>
					{changes && <button type="button" class="button button-main" onClick={() => setOpen("")}>{t("feed.new")}</button>}
					<button type="button" class="button" onClick={page.reload}>{t("action.reload")}</button>
					<button type="button" class="button" disabled={rows.length === 0} onClick={() => saveCsv(rows)}>{t("action.export")}</button>
				</>
			}
		>
			<SocialTabs at="/social/feeds" />
			{open !== undefined && (
				<PutForm<unknown>
					key={open}
					id="feed-title"
					title={of ? labelText(of.names, of.code) : t("feed.new")}
					fields={fieldsOf}
					values={of ? valuesOf(fieldsOf({ kind: of.kind ?? "" }), of) : { unit: view.who.unit ?? "" }}
					fixed={of ? ["code", "kind"] : []}
					effect={t("feed.effect")}
					button={t("record.save")}
					path="/api/v1/feeds"
					message={(body) => ({ feed: { ...body, ...(of ? { version: of.version, ended: of.ended } : {}) } })}
					beside={(body, ready) => <Trial body={body} ready={ready} />}
					onSaved={() => {
						setOpen(undefined);
						page.reload();
					}}
					onCancel={() => setOpen(undefined)}
				/>
			)}
			<p class="filters">
				<button type="button" class="button" aria-pressed={ended} onClick={() => setQuery({ ended: ended ? "" : "1" })}>{t("listen.with_ended")}</button>
			</p>
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			<div class="panel">
				<ListTable
					page={page}
					title={t("social.feeds")}
					columns={[
						t("field.names"), t("feed.from"), t("field.state"), t("feed.asked"), t("feed.next"), t("feed.mentions"), t("feed.last_mention"),
						...(changes ? [t("record.change_now")] : []),
					]}
					none={t("feed.empty")}
				>
					{rows.map((feed) => (
						<tr key={feed.code}>
							<th scope="row">{labelText(feed.names, feed.code)} <small class="soft"><code>{feed.code}</code></small></th>
							<td data-label={t("feed.from")}><span>{word("feed_kind", feed.kind ?? "")} <small><code>{feed.url}</code></small></span></td>
							<td data-label={t("field.state")}><Health feed={feed} /></td>
							<td data-label={t("feed.asked")}><When at={feed.state?.asked_at_us} /></td>
							<td data-label={t("feed.next")}>{feed.ended ? "–" : <When at={feed.state?.next_at_us} />}</td>
							<td data-label={t("feed.mentions")}>
								<span>
									{format.integer(count(feed.state?.mentions))}
									{count(feed.state?.refused) > 0 && <small class="soft"> {t("feed.refused", { n: count(feed.state?.refused) })}</small>}
								</span>
							</td>
							<td data-label={t("feed.last_mention")}><When at={feed.state?.last_mention_at_us} /></td>
							{changes && (
								<td data-label={t("record.change_now")}>
									<span class="choices">
										<button type="button" class="button" onClick={() => setOpen(feed.code)}>{t("record.change_now")}<span class="unseen">: {feed.code}</span></button>
										<DoButton does={() => end(feed)}>{t(feed.ended ? "feed.begin" : "feed.end")}<span class="unseen">: {feed.code}</span></DoButton>
									</span>
								</td>
							)}
						</tr>
					))}
				</ListTable>
			</div>
			<ListFoot page={page} />
		</Page>
	);
}
