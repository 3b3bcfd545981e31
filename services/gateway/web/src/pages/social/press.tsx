// The media desk: what the press asks; one statement, agreed by somebody else than who
// wrote it, and where it was published.
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { useTerms } from "../../lib/names";
import { useNow } from "../../lib/now";
import { usePaged } from "../../lib/pages";
import { usePlace } from "../../lib/router";
import * as format from "../../lib/format";
import { ListFoot, ListMore } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { PutForm } from "../../parts/put-form";
import { valuesOf, type Field } from "../../parts/values";
import { When } from "../case/facts";
import type { View } from "../view";
import { SelectField } from "./fields";
import { Absent, SocialTabs } from "./frame";
import { pressStates, type ListPressQuestionsReply, type PressQuestion, type PressState } from "./types";
import { absent, Outside } from "./words";

const fields: readonly Field[] = [
	{ name: "medium", type: "line", required: true },
	{ name: "asked_by", type: "line" },
	{ name: "question", type: "text", required: true },
	{ name: "due_us", type: "time" },
	{ name: "owner", type: "handler" },
	{ name: "unit", type: "unit" },
	{ name: "topic", type: "code" },
	{ name: "statement", type: "text" },
];
const published: readonly Field[] = [
	{ name: "where", type: "line", required: true },
	{ name: "url", type: "line", label: "answer_url", max: 2048 },
];

const shapes: Record<PressState, string> = { PRESS_ASKED: "○", PRESS_AGREED: "◑", PRESS_PUBLISHED: "●", PRESS_CLOSED: "⊘" };

function localTime(text: string | undefined): string {
	if (!text) return "";
	const at = new Date(text);
	return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

interface OneProps {
	q: PressQuestion;
	me: string;
	may: boolean;
	now: number;
	onDone: () => void;
}

function One({ q, me, may, now, onDone }: OneProps) {
	const [form, setForm] = useState<"" | "edit" | "publish">("");
	const [error, setError] = useState<ApiError | undefined>();
	const [busy, setBusy] = useState(false);
	const topic = useTerms("topic").name;
	const path = `/press/${encodeURIComponent(q.press_id)}`;
	const state = q.state ?? "PRESS_ASKED";
	const late = q.due_us !== undefined && Date.parse(q.due_us) < now && (state === "PRESS_ASKED" || state === "PRESS_AGREED");
	const act = async (step: string, body: object): Promise<void> => {
		setBusy(true);
		setError(undefined);
		try {
			await send("POST", apiPath(`${path}/${step}`), body);
			onDone();
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	return (
		<article class="panel" aria-labelledby={`press-${q.press_id}`}>
			<div class="panel-head">
				<h2 id={`press-${q.press_id}`}><bdi lang="">{q.medium}</bdi></h2>
				<span class="mark"><span aria-hidden="true">{shapes[state]}</span> {word("press", state)}</span>
			</div>
			<p class="soft">
				{q.asked_by && <><bdi lang="">{q.asked_by}</bdi> · </>}<When at={q.asked_at_us} />
				{q.due_us && <> · <span class={late ? "mark tone-bad" : "mark"}>{late && <span aria-hidden="true">▲ </span>}{t("clock.due", { time: format.time(q.due_us) })}</span></>}
				{q.owner && <> · {t("social.owner", { name: q.owner })}</>}
				{q.topic && <> · {topic(q.topic)}</>}
				{q.unit && <> · {q.unit}</>}
			</p>
			<blockquote class="words" dir="auto">{q.question}</blockquote>
			<h3 class="social-sub">{t("press.statement")}</h3>
			{q.statement ? <blockquote class="words" dir="auto">{q.statement}</blockquote> : <p class="soft">{t("press.no_statement")}</p>}
			<p class="soft">
				{q.drafted_by && t("press.drafted_by", { name: q.drafted_by })}
				{q.agreed_by && <> · {t("press.agreed_by", { name: q.agreed_by, time: q.agreed_at_us ? format.time(q.agreed_at_us) : "" })}</>}
			</p>
			{(q.published ?? []).length > 0 && (
				<ul class="items">
					{q.published!.map((p, i) => <li key={i}><span aria-hidden="true">●</span> <bdi lang="">{p.where}</bdi> <span class="soft">· <When at={p.at_us} /> · {p.by}</span> <Outside url={p.url} /></li>)}
				</ul>
			)}
			{error && <ProblemBox error={error} />}
			{may && form === "" && state !== "PRESS_CLOSED" && (
				<p class="choices">
					{state === "PRESS_ASKED" && <button type="button" class="button" onClick={() => setForm("edit")}>{t("press.edit")}</button>}
					{state === "PRESS_ASKED" && q.statement && (
						<button type="button" class="button button-main" disabled={busy || q.drafted_by === me} title={q.drafted_by === me ? t("press.not_own") : undefined} onClick={() => void act("agreement", { revision: q.revision })}>
							{t("press.agree")}
						</button>
					)}
					{state !== "PRESS_ASKED" && <button type="button" class="button button-main" onClick={() => setForm("publish")}>{t("press.publish")}</button>}
					<button type="button" class="button" disabled={busy} onClick={() => void act("closing", {})}>{t("press.close")}</button>
					{state === "PRESS_ASKED" && q.statement && q.drafted_by === me && <span class="soft">{t("press.not_own")}</span>}
				</p>
			)}
			{form === "edit" && (
				<PutForm
					id={`edit-${q.press_id}`}
					title={t("press.edit")}
					fields={fields}
					values={{ ...valuesOf(fields, { ...q }), due_us: localTime(q.due_us) }}
					effect={t("press.put.effect")}
					button={t("press.save")}
					path={apiPath("/press")}
					message={(body) => ({ ...body, press_id: q.press_id, revision: q.revision, ...(q.asked_at_us ? { asked_at_us: q.asked_at_us } : {}) })}
					onSaved={() => { setForm(""); onDone(); }}
					onCancel={() => setForm("")}
				/>
			)}
			{form === "publish" && (
				<PutForm
					id={`publish-${q.press_id}`}
					title={t("press.publish")}
					fields={published}
					effect={t("press.publish.effect")}
					button={t("press.publish")}
					path={apiPath(`${path}/publications`)}
					onSaved={() => { setForm(""); onDone(); }}
					onCancel={() => setForm("")}
				/>
			)}
		</article>
	);
}

export function PressPage({ view }: { view: View }) {
	const { query } = usePlace();
	const state = pressStates.find((name) => name === query["state"]) ?? "";
	const [asking, setAsking] = useState(false);
	const now = useNow();
	const may = view.who.roles?.includes("handler") === true;
	const page = usePaged<ListPressQuestionsReply, PressQuestion>(
		apiPath("/press", { unit: view.unit, state, limit: 20 }),
		(reply) => ({ rows: reply.questions ?? [], next: reply.next_cursor ?? "" }),
	);
	if (absent(page.error)) return <Absent title={t("social.press")} />;
	return (
		<Page
			title={t("social.press")}
			note={t("press.note")}
			actions={
				<>
					<button type="button" class="button" onClick={page.reload}>{t("action.reload")}</button>
					{may && !asking && <button type="button" class="button button-main" onClick={() => setAsking(true)}>{t("press.new")}</button>}
				</>
			}
		>
			<SocialTabs at="/social/press" />
			{asking && (
				<PutForm
					id="press-title"
					title={t("press.new")}
					fields={fields}
					values={{ owner: view.who.name, unit: view.unit || view.who.unit || "" }}
					effect={t("press.put.effect")}
					button={t("press.save")}
					path={apiPath("/press")}
					onSaved={() => { setAsking(false); page.reload(); }}
					onCancel={() => setAsking(false)}
				/>
			)}
			<form class="filters" aria-label={t("filter.title")} onSubmit={(e) => e.preventDefault()}>
				<SelectField name="state" label={t("field.state")} value={state} none={t("press.not_closed")} options={pressStates.map((s) => [s, word("press", s)])} />
			</form>
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			<div aria-busy={page.busy}>
				{(page.rows ?? []).map((q) => <One key={q.press_id} q={q} me={view.who.name} may={may} now={now} onDone={page.reload} />)}
				{page.rows?.length === 0 && <p class="empty">{t("press.none")}</p>}
			</div>
			{page.more ? <ListMore page={page} /> : <ListFoot page={page} />}
		</Page>
	);
}
