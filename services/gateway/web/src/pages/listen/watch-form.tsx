// The form of a watch rule: tried on what is stored before it can be saved, so that
// nobody learns from the desk's full queue what a rule finds.
import { useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { t, word } from "../../i18n/i18n";
import { ApiError, search, send } from "../../lib/api";
import * as format from "../../lib/format";
import { dayNumber, dayText, today } from "../../lib/period";
import { count } from "../../lib/types";
import { uuid } from "../../lib/uuid";
import { FieldInput } from "../../parts/fields";
import { ProblemBox } from "../../parts/problem";
import { bodyOf, lastOf, missing, valuesOf, type Field, type Values } from "../../parts/values";
import { When } from "../case/facts";
import type { View } from "../view";
import { wilson } from "./marked";
import { MarkedText } from "./parts";
import { RuleEditor, RuleHelp, RuleText } from "./rule-editor";
import type { PreviewWatchReply, Watch } from "./types";

const fields: readonly Field[] = [
	{ name: "code", type: "line", required: true, max: 63, hint: "field.code.hint" },
	{ name: "names", type: "names" },
	{ name: "unit", type: "unit", hint: "watch.unit.hint" },
	{ name: "sensitivity", type: "choice", options: ["1", "2", "3", "4", "5"], none: "sensitivity.usual", hint: "watch.sensitivity.hint" },
	{ name: "reaction", type: "check" },
];
const daysBack = [1, 7, 31] as const;
// Of an example, characters around what was found.
const EXAMPLE = 280;

export function messageOf(watch: Watch): Record<string, unknown> {
	const { code, names, query, version, sensitivity, reaction, unit, owner } = watch;
	return { code, names, query, version, sensitivity, reaction, unit, owner };
}

function Found({ reply, rule, onForm }: { reply: PreviewWatchReply; rule: string; onForm: (rule: string) => void }) {
	const [hits, looked, total] = [count(reply.hits), count(reply.looked_at), count(reply.total)];
	const { low, high } = wilson(hits, looked);
	const formatted = reply.formatted ?? "";
	return (
		<div class="form-all found">
			<h3>{t("watch.would", { n: hits })}</h3>
			<p>
				{t("watch.looked", { n: looked })}{" "}
				{reply.sampled && looked > 0 && t("watch.sampled", {
					total, n: Math.round((total * hits) / looked), low: format.integer(Math.floor(total * low)), high: format.integer(Math.ceil(total * high)),
				})}
			</p>
			<p>
				<span class="soft">{t("watch.understood")}</span> <RuleText rule={formatted} />{" "}
				{formatted !== rule.trim() && <button type="button" class="button" onClick={() => onForm(formatted)}>{t("watch.take_form")}</button>}
			</p>
			{(reply.examples ?? []).length > 0 && (
				<ol class="said-list">
					{(reply.examples ?? []).map((m) => (
						<li key={m.mention_id}>
							<p class="soft"><When at={m.published_at_us} /> · {m.source}</p>
							<MarkedText text={m.text ?? ""} most={EXAMPLE} places={(m.span_begin ?? []).map((begin, i) => ({ begin, end: m.span_end?.[i] ?? begin }))} />
						</li>
					))}
				</ol>
			)}
		</div>
	);
}

interface Props {
	watch: Watch | undefined; // none: a new one
	query: string | undefined; // of an older version, to begin with
	view: View;
	onSaved: (watch: Watch) => void;
}

export function WatchForm({ watch, query, view, onSaved }: Props) {
	const [values, setValues] = useState<Values>(() => (watch ? valuesOf(fields, watch) : { unit: view.who.unit ?? "" }));
	const [rule, setRule] = useState(query ?? watch?.query ?? "");
	const [days, setDays] = useState(7);
	const [tried, setTried] = useState<{ rule: string; reply: PreviewWatchReply } | undefined>();
	const [busy, setBusy] = useState<"" | "try" | "save">("");
	const [error, setError] = useState<ApiError | undefined>();
	const attempt = useRef({ body: "", key: "" });
	const looking = useRef<AbortController | null>(null);

	const known = tried?.rule === rule ? tried.reply : undefined;
	// What was saved once need not be tried again to change its name.
	const good = rule.trim() !== "" && (rule === watch?.query || (known !== undefined && !known.problem));
	const wants = missing(fields, values);
	const failed = (cause: unknown): void => setError(cause instanceof ApiError ? cause : new ApiError(0, {}));

	const look = async (): Promise<void> => {
		if (rule.trim() === "") return;
		looking.current?.abort();
		const abort = (looking.current = new AbortController());
		setBusy("try");
		setError(undefined);
		const now = dayNumber(today());
		try {
			const reply = await search<PreviewWatchReply>("/api/v1/watches/preview", {
				query: rule, days: { from_day: dayText(now - days + 1), to_day: dayText(now + 1) },
			}, abort.signal);
			setTried({ rule, reply });
			if (!reply.problem) announce(t("watch.would", { n: count(reply.hits) }));
		} catch (cause) {
			if (abort.signal.aborted) return;
			failed(cause);
		}
		setBusy("");
	};
	const save = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || wants || !good) return;
		const made: Record<string, unknown> = { ...bodyOf(fields, values), query: rule, version: watch?.version, ended: watch?.ended, owner: watch?.owner };
		if (made["sensitivity"]) made["sensitivity"] = Number(made["sensitivity"]);
		const body = { watch: made };
		const written = JSON.stringify(body);
		if (attempt.current.body !== written) attempt.current = { body: written, key: uuid() };
		setBusy("save");
		setError(undefined);
		try {
			const reply = await send<{ watch: Watch }>("POST", "/api/v1/watches", body, attempt.current.key);
			attempt.current = { body: "", key: "" };
			announce(t("record.saved"));
			onSaved(reply.watch);
		} catch (cause) {
			failed(cause);
		}
		setBusy("");
	};
	return (
		<section class="panel" aria-labelledby="form-title">
			<h2 id="form-title">{t(watch ? "watch.change" : "watch.new")}</h2>
			<form class="form form-wide" onSubmit={(e) => void save(e)}>
				<RuleEditor rule={rule} problem={known?.problem} onChange={setRule} onTry={() => void look()} />
				<div class="form-all choices rule-try">
					<label class="inline">
						<span>{t("watch.days")}</span>
						<select class="control" value={String(days)} onChange={(e) => setDays(Number(e.currentTarget.value))}>
							{daysBack.map((n) => <option key={n} value={String(n)}>{t("watch.days.last", { n })}</option>)}
						</select>
					</label>
					<button type="button" class="button" disabled={busy === "try" || rule.trim() === ""} onClick={() => void look()}>
						{busy === "try" ? t("state.searching") : t("watch.try")}
					</button>
				</div>
				<div class="form-all"><RuleHelp /></div>
				{known && !known.problem && <Found reply={known} rule={rule} onForm={(formatted) => {
					setTried({ rule: formatted, reply: known });
					setRule(formatted);
				}} />}
				{fields.map((field) => (
					<FieldInput
						key={field.name}
						field={field}
						value={values[field.name] ?? ""}
						values={values}
						options={field.options ?? []}
						fixed={watch !== undefined && field.name === "code"}
						onChange={(value, also) => setValues((before) => ({ ...before, ...(also ?? { [field.name]: value }) }))}
					/>
				))}
				<p class="soft form-all">{t(watch ? "watch.effect" : "watch.effect.new")}</p>
				{error && <div class="form-all"><ProblemBox error={error} kept={t("action.kept")} /></div>}
				<div class="form-all choices">
					<button class="button button-main" disabled={busy !== "" || wants !== undefined || !good}>
						{busy === "save" ? t("state.saving") : t(watch ? "watch.save_version" : "record.save")}
					</button>
					{!good && <span class="soft">{t("watch.try_first")}</span>}
					{good && wants && <span class="soft">{t("record.wants", { field: word("field", lastOf(wants.name)) })}</span>}
				</div>
			</form>
		</section>
	);
}
