// What can be done to a case. None of it can be undone, so each says what it will do.
// It is shown as done at once; when it was refused, what was typed is still there.
import { useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { t, type Key } from "../../i18n/i18n";
import { ApiError, send } from "../../lib/api";
import { draft, setDraft } from "../../lib/drafts";
import { useTerms } from "../../lib/names";
import { count, type Appeal, type AppealReply, type AppealState } from "../../lib/types";
import { uuid } from "../../lib/uuid";
import { ProblemBox } from "../../parts/problem";
import { useDepartments } from "./facts";
import { actions, nextState, offered, paths, suggested, type Action } from "./life";

export interface Sent {
	action: Action;
	text: string;
	state: AppealState | undefined;
}

const TEXT_MAX = 10_000;
const codeFields = ["kind", "topic", "element", "product", "department"] as const;
type CodeField = (typeof codeFields)[number];
type Codes = Record<CodeField, string>;

interface Props {
	appeal: Appeal;
	may: boolean;
	held: boolean; // somebody changed the case, and that was not looked at yet
	onSend: (sent: Sent) => void;
	onDone: (revision: number) => void;
	onFailed: (conflict: boolean) => void;
}

function CodeSelect({ field, value, onChange }: { field: CodeField; value: string; onChange: (v: string) => void }) {
	const terms = useTerms(field === "department" ? "kind" : field);
	const departments = useDepartments();
	const { codes, name } = field === "department" ? departments : terms;
	if (codes.length === 0 && value === "") return null;
	return (
		<label>
			<span>{t(`field.${field}`)}</span>
			<select class="control" value={value} onChange={(e) => onChange(e.currentTarget.value)}>
				<option value="">{t("case.no_change")}</option>
				{codes.map((code) => <option key={code} value={code}>{name(code)}</option>)}
				{value !== "" && !codes.includes(value) && <option value={value}>{value}</option>}
			</select>
		</label>
	);
}

export function ActionsPanel({ appeal, may, held, onSend, onDone, onFailed }: Props) {
	const state = appeal.facts?.state;
	const choices = offered(state);
	const [wanted, setWanted] = useState<Action | undefined>();
	const action = wanted && choices.includes(wanted) ? wanted : suggested(state);
	const draftKey = `${appeal.appeal_id}/${action}`;
	const [, redraw] = useState(0);
	const [codes, setCodes] = useState<Codes>({ kind: "", topic: "", element: "", product: "", department: "" });
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	// The same attempt again, after an answer that did not come, has the same key.
	const attempt = useRef({ body: "", key: "" });

	if (!may) return <section class="panel"><h2>{t("action.title")}</h2><p class="soft">{t("action.not_yours")}</p></section>;
	if (!action) return <section class="panel"><h2>{t("action.title")}</h2><p class="soft">{t("action.none")}</p></section>;

	const text = draft(draftKey);
	// Typed for what somebody else has done meanwhile: not to be sent, not lost.
	const stranded = actions.filter((a) => !choices.includes(a)).map((a) => draft(`${appeal.appeal_id}/${a}`)).find((d) => d !== "");
	const texted = action === "answer" || action === "resolve";
	const chosen = Object.fromEntries(Object.entries(codes).filter(([, v]) => v !== ""));
	const ready = texted ? text.trim() !== "" : action !== "classify" || Object.keys(chosen).length > 0;

	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || held || !ready) return;
		const body = texted ? { text: text.trim() } : action === "classify" ? chosen : {};
		const written = paths[action] + JSON.stringify(body);
		if (attempt.current.body !== written) attempt.current = { body: written, key: uuid() };
		setBusy(true);
		setError(undefined);
		onSend({ action, text: texted ? text.trim() : "", state: nextState(state, action) });
		try {
			const done = await send<AppealReply>(
				"POST",
				`/api/v1/appeals/${encodeURIComponent(appeal.appeal_id)}/${paths[action]}`,
				body,
				attempt.current.key,
			);
			attempt.current = { body: "", key: "" };
			setDraft(draftKey, "");
			setCodes({ kind: "", topic: "", element: "", product: "", department: "" });
			setWanted(undefined);
			announce(t("action.done"));
			onDone(count(done.revision));
		} catch (cause) {
			const told = cause instanceof ApiError ? cause : new ApiError(0, {});
			setError(told);
			onFailed(told.status === 409);
		}
		setBusy(false);
	};

	return (
		<section class="panel" aria-labelledby="actions-title">
			<h2 id="actions-title">{t("action.title")}</h2>
			<form class="form" onSubmit={submit}>
				<div class="choices" role="group" aria-labelledby="actions-title">
					{choices.map((choice) => (
						<button
							key={choice}
							type="button"
							class="button"
							aria-pressed={choice === action}
							onClick={() => {
								setWanted(choice);
								setError(undefined);
							}}
						>
							{t(`action.${choice}`)}
						</button>
					))}
				</div>
				{texted && (
					<label>
						<span>{t(`action.${action}.text`)}</span>
						<textarea
							class="control"
							rows={5}
							maxLength={TEXT_MAX}
							dir="auto"
							value={text}
							onInput={(e) => {
								setDraft(draftKey, e.currentTarget.value);
								setWanted(action);
								redraw((n) => n + 1);
							}}
						/>
					</label>
				)}
				{action === "classify" &&
					codeFields.map((field) => (
						<CodeSelect key={field} field={field} value={codes[field]} onChange={(v) => setCodes({ ...codes, [field]: v })} />
					))}
				<p class="soft">{t(effectOf(action, state))}</p>
				{error && <ProblemBox error={error} kept={t("action.kept")} />}
				{stranded && (
					<label>
						<span>{t("action.stranded")}</span>
						<textarea class="control" rows={3} readOnly dir="auto" value={stranded} />
					</label>
				)}
				<div>
					<button class="button button-main" disabled={busy || held || !ready}>
						{busy ? t("state.saving") : t(`action.${action}.send`)}
					</button>
					{held && <span class="soft"> {t("action.held")}</span>}
				</div>
			</form>
		</section>
	);
}

function effectOf(action: Action, state: AppealState | undefined): Key {
	if (action === "answer")
		return state === "APPEAL_REGISTERED" || state === "APPEAL_CLASSIFIED" ? "action.answer.first" : "action.answer.further";
	return `action.${action}.effect`;
}
