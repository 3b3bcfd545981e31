// What can be done to a case. None of it can be undone, so each says what it will do.
// It is shown as done at once; when it was refused, what was typed is still there.
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { t, type Key } from "../../i18n/i18n";
import { ApiError, send } from "../../lib/api";
import { draft, loadDrafts, setDraft } from "../../lib/drafts";
import { count, type Appeal, type AppealReply, type AppealState } from "../../lib/types";
import { uuid } from "../../lib/uuid";
import { FieldInput } from "../../parts/fields";
import { ProblemBox } from "../../parts/problem";
import { bodyOf, type Field, type Values } from "../../parts/values";
import { further, nextState, offered, stepOf, steps, suggested, type Action } from "./life";
import { TemplatePicker } from "./templates";

export interface Sent {
	action: Action;
	text: string;
	state: AppealState | undefined;
}

// A step that was begun at a thing of the case: its promise, task, remedy.
export interface Begun {
	action: Action;
	item: string;
	options: readonly string[]; // of the choice that the step asks for
	about: string; // said above the form
}

const TEXT_MAX = 10_000;

interface Props {
	appeal: Appeal;
	may: boolean;
	me: string;
	held: boolean; // somebody changed the case, and that was not looked at yet
	begun: Begun | undefined;
	onBegin: (begun: Begun | undefined) => void;
	onWriting: (writing: boolean) => void;
	onSend: (sent: Sent) => void;
	onDone: (revision: number) => void;
	onFailed: (conflict: boolean) => void;
}

function optionsOf(field: Field, appeal: Appeal, begun: Begun | undefined): readonly string[] {
	if (field.name === "clock") return (appeal.facts?.clocks ?? []).filter((c) => !c.stopped_at_us).map((c) => c.clock ?? "");
	return field.options ?? begun?.options ?? [];
}

export function ActionsPanel({ appeal, may, me, held, begun, onBegin, onWriting, onSend, onDone, onFailed }: Props) {
	const state = appeal.facts?.state;
	const choices = offered(state);
	const more = further(state);
	const [wanted, setWanted] = useState<Action | undefined>();
	const [values, setValues] = useState<Values>({});
	const action = begun?.action ?? (wanted && [...choices, ...more].includes(wanted) ? wanted : suggested(state));
	const draftKey = `${appeal.appeal_id}/${action}${begun ? `/${begun.item}` : ""}`;
	const [, redraw] = useState(0);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	// The same attempt again, after an answer that did not come, has the same key.
	const attempt = useRef({ body: "", key: "", item: "" });

	useEffect(() => {
		if (!may) return;
		const keyOf = (method: string): string | undefined => {
			const of = (Object.keys(steps) as Action[]).find((a) => steps[a].method === method);
			return of && `${appeal.appeal_id}/${of}`;
		};
		loadDrafts(appeal.appeal_id, keyOf).then(
			(found) => found && redraw((n) => n + 1),
			() => undefined, // what is typed here is here
		);
	}, [appeal.appeal_id, may]);

	if (!may) return <section class="panel"><h2>{t("action.title")}</h2><p class="soft">{t("action.not_yours")}</p></section>;
	if (!action) return <section class="panel"><h2>{t("action.title")}</h2><p class="soft">{t("action.none")}</p></section>;

	const choose = (next: Action): void => {
		onBegin(undefined);
		setWanted(next);
		setValues({});
		setError(undefined);
	};
	const step = stepOf(action);
	const fields = step.fields ?? [];
	const text = draft(draftKey);
	const toCustomer = action === "answer" || action === "resolve" || action === "inform";
	// Typed for what somebody else has done meanwhile: not to be sent, not lost.
	const stranded = (Object.keys(steps) as Action[])
		.filter((a) => a !== action && !choices.includes(a) && !more.includes(a))
		.map((a) => draft(`${appeal.appeal_id}/${a}`))
		.find((d) => d !== "");
	const write = (next: string): void => {
		// One text a step is kept: those of a thing of the case stay in memory.
		setDraft(draftKey, next, begun ? undefined : { appeal: appeal.appeal_id, method: step.method });
		onWriting(next !== "");
		if (!begun) setWanted(action);
		redraw((n) => n + 1);
	};
	const body = bodyOf(fields, values);
	const ready =
		(step.text !== "required" || text.trim() !== "") &&
		fields.every((field) => !field.required || body[field.name] !== undefined) &&
		(action !== "classify" || Object.keys(body).length > 0) &&
		(action !== "route" || Object.keys(body).length > 0);

	const submit = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || held || !ready) return;
		if (step.text !== "none" && text.trim() !== "") body["text"] = text.trim();
		const written = step.path + JSON.stringify(body);
		// A thing that is made here gets a name of its own, once an attempt.
		if (attempt.current.body !== written) attempt.current = { body: written, key: uuid(), item: begun?.item ?? uuid() };
		const { item, key } = attempt.current;
		if (step.item) body[step.item] = item;
		setBusy(true);
		setError(undefined);
		onSend({ action, text: text.trim(), state: nextState(state, action) });
		try {
			const done = await send<AppealReply>(
				"POST",
				`/api/v1/appeals/${encodeURIComponent(appeal.appeal_id)}/${step.path.replace("{item}", encodeURIComponent(item))}`,
				body,
				key,
			);
			attempt.current = { body: "", key: "", item: "" };
			setDraft(draftKey, "");
			onWriting(false);
			setValues({});
			setWanted(undefined);
			onBegin(undefined);
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
						<button key={choice} type="button" class="button" aria-pressed={choice === action} onClick={() => choose(choice)}>
							{t(`action.${choice}`)}
						</button>
					))}
					{more.length > 0 && (
						<select
							class="control"
							aria-label={t("action.more")}
							value={more.includes(action) ? action : ""}
							onChange={(e) => e.currentTarget.value !== "" && choose(e.currentTarget.value as Action)}
						>
							<option value="">{t("action.more")}</option>
							{more.map((choice) => <option key={choice} value={choice}>{t(`action.${choice}`)}</option>)}
						</select>
					)}
				</div>
				{begun && <p><strong>{t(`action.${action}`)}</strong>: <bdi>{begun.about}</bdi></p>}
				{toCustomer && <TemplatePicker appealId={appeal.appeal_id} topic={appeal.facts?.topic} kind={appeal.facts?.kind} onText={(more) => write(text === "" ? more : `${text}\n\n${more}`)} />}
				{step.text !== "none" && (
					<label>
						<span>{t(toCustomer ? `action.${action}.text` : "action.text")}</span>
						<textarea
							class="control"
							rows={5}
							maxLength={TEXT_MAX}
							dir="auto"
							required={step.text === "required"}
							value={text}
							onInput={(e) => write(e.currentTarget.value)}
						/>
					</label>
				)}
				{fields.map((field) => (
					<FieldInput
						key={`${action}/${field.name}`}
						field={field}
						me={me}
						value={values[field.name] ?? ""}
						options={optionsOf(field, appeal, begun)}
						onChange={(value, also) => setValues((before) => ({ ...before, [field.name]: value, ...also }))}
					/>
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
						{busy ? t("state.saving") : t("action.record", { step: t(`action.${action}`) })}
					</button>
					{begun && <> <button type="button" class="button" onClick={() => onBegin(undefined)}>{t("action.cancel")}</button></>}
					{held && <span class="soft"> {t("action.held")}</span>}
				</div>
			</form>
		</section>
	);
}

function effectOf(action: Action, state: AppealState | undefined): Key {
	if (action !== "answer") return `action.${action}.effect`;
	const first = state === "APPEAL_REGISTERED" || state === "APPEAL_CLASSIFIED" || state === "APPEAL_ROUTED" || state === "APPEAL_INVESTIGATED";
	return first ? "action.answer.first" : "action.answer.further";
}
