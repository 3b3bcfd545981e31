// What a person says a mention is: figures follow, and the classifier learns of it.
import { useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { useTerms } from "../../lib/names";
import { ProblemBox } from "../../parts/problem";
import { mentionClasses, sentiments, type Mention } from "./types";
import { className, sentimentName } from "./words";

interface SelectProps {
	label: string;
	value: string;
	options: readonly [string, string][];
	onChange: (value: string) => void;
}

function Select({ label, value, options, onChange }: SelectProps) {
	return (
		<label>
			<span>{label}</span>
			<select class="control" value={value} onChange={(e) => onChange(e.currentTarget.value)}>
				<option value="">{t("case.no_change")}</option>
				{options.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
			</select>
		</label>
	);
}

export function CorrectPanel({ mention, onDone }: { mention: Mention; onDone: (said: string) => void }) {
	const topics = useTerms("topic");
	const [values, setValues] = useState<Record<string, string>>({});
	const [error, setError] = useState<ApiError | undefined>();
	const [busy, setBusy] = useState(false);
	const put = (name: string) => (value: string) => setValues((before) => ({ ...before, [name]: value }));
	const body = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
	const nothing = Object.keys(body).length === 0;
	const save = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || nothing) return;
		setBusy(true);
		setError(undefined);
		try {
			await send("POST", apiPath(`/mentions/${encodeURIComponent(mention.mention_id)}/correction`), { ...body, revision: mention.revision });
			setValues({});
			onDone(t("social.corrected"));
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	return (
		<section class="panel" aria-labelledby="correct-title">
			<h2 id="correct-title">{t("social.correct")}</h2>
			<form class="form form-wide" onSubmit={(e) => void save(e)}>
				<Select label={t("social.class")} value={values["mention_class"] ?? ""} options={mentionClasses.map((c) => [c, className(c)])} onChange={put("mention_class")} />
				<Select label={t("social.sentiment")} value={values["sentiment"] ?? ""} options={sentiments.map((s) => [s, sentimentName(s)])} onChange={put("sentiment")} />
				<Select label={t("field.topic")} value={values["topic"] ?? ""} options={[["-", t("social.topic.none")], ...topics.codes.map((c): [string, string] => [c, topics.name(c)])]} onChange={put("topic")} />
				<p class="soft form-all">{t("social.correct.effect")}</p>
				{error && <div class="form-all"><ProblemBox error={error} kept={t("action.kept")} /></div>}
				<div class="form-all"><button class="button" disabled={busy || nothing}>{busy ? t("state.saving") : t("social.correct.do")}</button></div>
			</form>
		</section>
	);
}
