// What can be done about a mention, step by step; each says what it will do.
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { ProblemBox } from "../../parts/problem";
import { PutForm } from "../../parts/put-form";
import type { Field } from "../../parts/values";
import { TemplatePicker } from "../case/templates";
import type { Mention, Reaction, ReactionState } from "./types";

const actions = ["answer", "forward", "report", "assign", "dismiss"] as const;
type Action = (typeof actions)[number];

// Which steps a state takes, the one that carries it on first.
const ways: Record<ReactionState, readonly Action[]> = {
	REACTION_OPEN: ["answer", "forward", "assign", "dismiss"],
	REACTION_ASSIGNED: ["answer", "forward", "assign", "dismiss"],
	REACTION_ANSWERED: ["answer", "forward"],
	REACTION_FORWARDED: ["answer", "report", "assign"],
	REACTION_RESULT: ["report", "assign"],
	REACTION_REPORTED: ["answer"],
	REACTION_DISMISSED: [],
	REACTION_MERGED: [],
};
const reopened: readonly ReactionState[] = ["REACTION_ANSWERED", "REACTION_DISMISSED", "REACTION_RESULT", "REACTION_REPORTED"];

const fieldsOf: Record<Action, readonly Field[]> = {
	answer: [
		{ name: "text", type: "text", label: "answer_text" },
		{ name: "url", type: "line", label: "answer_url", max: 2048 },
	],
	forward: [
		{ name: "unit", type: "unit", hint: "social.forward.unit" },
		{ name: "kind", type: "code", none: "field.by_class" },
		{ name: "topic", type: "code" },
		{ name: "department", type: "code" },
		{ name: "author_contact", type: "line", hint: "social.forward.contact" },
		{ name: "text", type: "text", label: "forward_text" },
	],
	report: [
		{ name: "by", type: "choice", required: true, options: ["platform", "email"], words: "report_by", label: "report_by" },
		{ name: "text", type: "text", label: "report_text" },
		{ name: "url", type: "line", label: "answer_url", max: 2048 },
	],
	assign: [
		{ name: "owner", type: "handler", label: "reaction_owner" },
		{ name: "priority", type: "choice", options: ["1", "2", "3", "4", "5"], words: "priority", none: "case.no_change" },
	],
	dismiss: [{ name: "reason", type: "choice", required: true, options: ["spam", "not_ours", "duplicate", "other"], words: "dismissal", label: "dismissal_reason" }],
};

const pathOf: Record<Action, string> = { answer: "answer", forward: "forwarding", report: "report", assign: "assignment", dismiss: "dismissal" };

interface Props {
	mention: Mention;
	reaction: Reaction | undefined;
	me: string;
	onDone: (said: string) => void;
}

export function ReactionActions({ mention, reaction, me, onDone }: Props) {
	const state = reaction?.facts?.state;
	const offered = state ? ways[state] : [];
	const [asked, setAsked] = useState<Action | undefined>();
	const [error, setError] = useState<ApiError | undefined>();
	const [busy, setBusy] = useState(false);
	const action = asked && offered.includes(asked) ? asked : offered[0];

	const plain = async (path: string, body: object, said: string): Promise<void> => {
		setBusy(true);
		setError(undefined);
		try {
			await send("POST", apiPath(path), body);
			onDone(said);
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	if (!reaction)
		return (
			<section class="panel" aria-labelledby="action-title">
				<h2 id="action-title">{t("action.title")}</h2>
				<p class="soft">{t("social.open_reaction.effect")}</p>
				{error && <ProblemBox error={error} />}
				<p class="choices">
					<button type="button" class="button button-main" disabled={busy} onClick={() => void plain(`/mentions/${mention.mention_id}/reaction`, {}, t("social.opened"))}>{t("social.open_reaction")}</button>
				</p>
			</section>
		);
	const path = `/reactions/${reaction.reaction_id}`;
	const revision = reaction.revision;
	const mine = reaction.facts?.owner === me;
	return (
		<>
			<section class="panel" aria-labelledby="action-title">
				<h2 id="action-title">{t("action.title")}</h2>
				<p class="choices">
					{offered.map((one) => (
						<button key={one} type="button" class="button" aria-pressed={one === action} onClick={() => setAsked(one)}>{t(`social.action.${one}`)}</button>
					))}
					{offered.includes("assign") && !mine && (
						<button type="button" class="button" disabled={busy} onClick={() => void plain(`${path}/assignment`, { revision }, t("social.taken"))}>{t("social.take")}</button>
					)}
					{state && reopened.includes(state) && (
						<button type="button" class="button" disabled={busy} onClick={() => void plain(`${path}/reopening`, { revision }, t("social.reopened"))}>{t("social.reopen")}</button>
					)}
				</p>
				{error && <ProblemBox error={error} />}
				{offered.length === 0 && <p class="soft">{t("social.ended", { state: word("reaction", state ?? "") })}</p>}
			</section>
			{action && (
				<PutForm
					key={action}
					id="step-title"
					title={t(`social.action.${action}`)}
					fields={fieldsOf[action]}
					values={action === "forward" ? { unit: mention.facts?.unit ?? "", topic: mention.facts?.topic ?? "" } : {}}
					effect={t(`social.effect.${action}`)}
					button={t("action.record", { step: t(`social.action.${action}`) })}
					path={apiPath(`${path}/${pathOf[action]}`)}
					message={(body) => ({ ...body, ...("priority" in body ? { priority: Number(body["priority"]) } : {}), revision })}
					{...(action === "answer"
						? {
								aid: (values, put) => (
									<TemplatePicker
										topic={mention.facts?.topic}
										onText={(text, code) => put({ text: values["text"] ? `${values["text"]}\n\n${text}` : text, template: code })}
									/>
								),
							}
						: {})}
					onSaved={() => onDone(t(`social.done.${action}`))}
				/>
			)}
		</>
	);
}
