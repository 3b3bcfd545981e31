// One case: how long is left, what is known, what happened, what can be done. It
// follows what others do to it; what was typed is kept whatever they do.
import { useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { useKeys } from "../../frame/keys";
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import { useEvents } from "../../lib/live";
import { useNow } from "../../lib/now";
import { address, go } from "../../lib/router";
import { count, type AppealFacts, type AppealState, type GetAppealReply } from "../../lib/types";
import { shortId } from "../../lib/uuid";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { ClockBars, Flags, StateMark } from "../../parts/state";
import type { View } from "../view";
import { ActionsPanel, type Begun, type Sent } from "./actions";
import { FactsPanel, CustomerPanel } from "./facts";
import { AttachmentsPanel, BelongsPanel, PromisesPanel, RedLinePanel, RemediesPanel, TasksPanel } from "./items";
import { LookupPanel } from "./lookups";
import { MessagesPanel } from "./messages";
import { OthersHere, usePresence } from "./presence";
import { SubjectPanel } from "./subject";
import { Timeline } from "./timeline";

interface Foreign {
	type: string;
	before: AppealState | undefined;
	after: AppealState | undefined;
}

export function CasePage({ id, view }: { id: string; view: View }) {
	const path = apiPath(`/appeals/${encodeURIComponent(id)}`);
	const reply = useFetched<GetAppealReply>(path);
	const [sending, setSending] = useState<Sent | undefined>();
	const [writing, setWriting] = useState(false);
	const others = usePresence(id, writing);
	const [begun, setBegun] = useState<Begun | undefined>();
	const [foreign, setForeign] = useState<Foreign | undefined>();
	const own = useRef({ busy: false, revision: 0 });
	const now = useNow(10_000);
	useKeys({ u: () => go(address("/appeals")) });

	const appeal = reply.data?.appeal;
	const revision = count(appeal?.revision);
	const shown = useRef(0);
	shown.current = revision;

	useEvents((event) => {
		if (event.type === "reset") reply.reload();
		if (event.data?.appeal_id !== id) return;
		const known = Math.max(shown.current, own.current.revision);
		const theirs = count(event.revision);
		// The answer to our own change is on its way, and says the same.
		if (own.current.busy || (theirs !== 0 && theirs <= known)) return;
		setForeign({
			type: event.type?.split(".").pop() ?? "",
			before: event.data.before?.state,
			after: event.data.after?.state,
		});
		announce(t("case.changed"));
		reply.reload();
	});

	if (!appeal)
		return (
			<Page title={t("case.title", { id: shortId(id) })}>
				{reply.error ? <ProblemBox error={reply.error} onRetry={reply.reload} /> : <p class="empty">{t("state.loading")}</p>}
			</Page>
		);

	const may = view.who.roles?.includes("handler") === true;
	const facts: AppealFacts = { ...appeal.facts, ...(sending?.state ? { state: sending.state } : {}) };
	const name = appeal.external_id || shortId(appeal.appeal_id);
	return (
		<Page
			title={t("case.title", { id: name })}
			note={<><StateMark state={facts.state} saving={sending !== undefined} /> <Flags facts={facts} /></>}
			actions={<a class="button" href={address("/appeals")} aria-keyshortcuts="u">{t("case.to_list")} <kbd>u</kbd></a>}
		>
			{foreign && (
				<div class="box box-warn" role="status">
					<p>
						<strong><span aria-hidden="true">◆</span> {t("case.changed")}</strong>{" "}
						{word("fact", foreign.type)}
						{foreign.before !== foreign.after && foreign.after && (
							<> · {foreign.before ? `${word("state", foreign.before)} → ` : ""}{word("state", foreign.after)}</>
						)}
					</p>
					<p>{t("case.changed_kept")}</p>
					<button type="button" class="button" onClick={() => setForeign(undefined)}>{t("case.seen")}</button>
				</div>
			)}
			{reply.error && <ProblemBox error={reply.error} kept={t("problem.kept_numbers")} onRetry={reply.reload} />}
			<OthersHere others={others} />
			<ClockBars facts={appeal.facts} now={now} />
			<div class="case">
				<div>
					<FactsPanel appeal={appeal} />
					<CustomerPanel appeal={appeal} />
					<AttachmentsPanel appeal={appeal} />
					<BelongsPanel appeal={appeal} />
					<SubjectPanel id={appeal.appeal_id} who={view.who} />
					<MessagesPanel id={appeal.appeal_id} />
				</div>
				<div>
					<ActionsPanel
						appeal={appeal}
						may={may}
						me={view.who.name}
						begun={begun}
						onBegin={setBegun}
						onWriting={setWriting}
						held={foreign !== undefined}
						onSend={(sent) => {
							own.current.busy = true;
							setSending(sent);
						}}
						onDone={(newRevision) => {
							own.current = { busy: false, revision: newRevision };
							setSending(undefined);
							// More than one step: somebody else's lies between.
							if (newRevision > shown.current + 1)
								setForeign({ type: "", before: undefined, after: undefined });
							reply.reload();
						}}
						onFailed={(conflict) => {
							own.current.busy = false;
							setSending(undefined);
							if (conflict) reply.reload();
						}}
					/>
					{may && (
						<LookupPanel
							appeal={appeal}
							onAsk={() => {
								own.current.busy = true;
							}}
							onDone={(newRevision) => {
								own.current = { busy: false, revision: newRevision };
								if (newRevision > shown.current + 1)
									setForeign({ type: "", before: undefined, after: undefined });
								reply.reload();
							}}
							onFailed={() => {
								own.current.busy = false;
								reply.reload();
							}}
						/>
					)}
					<RedLinePanel appeal={appeal} begin={may ? setBegun : undefined} />
					<TasksPanel appeal={appeal} begin={may ? setBegun : undefined} now={now} />
					<PromisesPanel appeal={appeal} begin={may ? setBegun : undefined} now={now} />
					<RemediesPanel appeal={appeal} begin={may ? setBegun : undefined} me={view.who.name} />
					<Timeline entries={appeal.timeline ?? []} told={appeal.text ?? ""} sending={sending} />
				</div>
			</div>
		</Page>
	);
}
