// A form for one thing: asks, says what sending does, sends once, and keeps what was
// typed when it was refused.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { announce } from "../frame/announce";
import { t, word } from "../i18n/i18n";
import { ApiError, send } from "../lib/api";
import { uuid } from "../lib/uuid";
import { FieldInput } from "./fields";
import { ProblemBox } from "./problem";
import { bodyOf, lastOf, missing, type Field, type Values } from "./values";

interface Props<Reply> {
	id: string; // of the title, once a page
	title: string;
	fields: readonly Field[] | ((values: Values) => readonly Field[]); // or as what was chosen wants it
	values?: Values; // to begin with
	fixed?: readonly string[]; // shown, not to be changed
	effect: ComponentChildren; // what sending does
	sure?: string; // to be ticked before: for what cannot be undone
	button: string;
	path: string;
	method?: "POST" | "DELETE"; // the latter sends nothing but the path
	message?: (body: Record<string, unknown>) => object;
	aid?: (values: Values, put: (values: Values) => void) => ComponentChildren; // fills it
	beside?: (body: Record<string, unknown>, ready: boolean) => ComponentChildren; // before the buttons: a trial
	onSaved: (reply: Reply) => void;
	onCancel?: () => void;
}

export function PutForm<Reply>({ id, title, fields: asked, values: first = {}, fixed = [], effect, sure, button, path, method = "POST", message, aid, beside, onSaved, onCancel }: Props<Reply>) {
	const [values, setValues] = useState<Values>(first);
	const [ticked, setTicked] = useState(false);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const attempt = useRef({ body: "", key: "" });
	const fields = typeof asked === "function" ? asked(values) : asked;
	const wants = missing(fields, values);

	const save = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || wants || (sure && !ticked)) return;
		const made = bodyOf(fields, values);
		const body = message ? message(made) : made;
		const written = JSON.stringify(body);
		if (attempt.current.body !== written) attempt.current = { body: written, key: uuid() };
		setBusy(true);
		setError(undefined);
		try {
			const reply = await send<Reply>(method, path, method === "DELETE" ? undefined : body, attempt.current.key);
			attempt.current = { body: "", key: "" };
			announce(t("record.saved"));
			onSaved(reply);
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	return (
		<section class="panel" aria-labelledby={id}>
			<h2 id={id}>{title}</h2>
			<form class="form form-wide" onSubmit={(e) => void save(e)}>
				{aid && <div class="form-all form">{aid(values, (more) => setValues((before) => ({ ...before, ...more })))}</div>}
				{fields.map((field) => (
					<FieldInput
						key={field.name}
						field={field}
						value={values[field.name] ?? ""}
						values={values}
						options={field.options ?? []}
						fixed={fixed.includes(field.name)}
						onChange={(value, also) => setValues((before) => ({ ...before, ...(also ?? { [field.name]: value }) }))}
					/>
				))}
				<div class="soft form-all">{effect}</div>
				{sure && (
					<label class="check form-all">
						<input type="checkbox" checked={ticked} onChange={(e) => setTicked(e.currentTarget.checked)} /> <span>{sure}</span>
					</label>
				)}
				{beside?.(bodyOf(fields, values), wants === undefined)}
				{error && <div class="form-all"><ProblemBox error={error} kept={t("action.kept")} /></div>}
				<div class="form-all choices">
					<button class="button button-main" disabled={busy || wants !== undefined || (sure !== undefined && !ticked)}>
						{busy ? t("state.saving") : button}
					</button>
					{onCancel && <button type="button" class="button" onClick={onCancel}>{t("action.cancel")}</button>}
					{wants && <span class="soft">{t("record.wants", { field: word("field", wants.label ?? lastOf(wants.name)) })}</span>}
				</div>
			</form>
		</section>
	);
}
