// One template or article: its versions, how it reads when it is filled, the form for
// a new version, and the decision by a second person.
import { useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { languages, t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { today } from "../../lib/period";
import { address, go } from "../../lib/router";
import type { Principal } from "../../lib/types";
import { uuid } from "../../lib/uuid";
import { FieldInput } from "../../parts/fields";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { labelLanguages, lastOf, missing, type Values } from "../../parts/values";
import { DeskMark, titleOf } from "./answers";
import { fieldNames, fields, formValues, messageOf, partsOf, type FieldName, type Kind, type Version } from "./desk";

// What an example case would say.
function example(field: FieldName): string {
	switch (field) {
		case "appeal.external_id":
			return "2026-000123";
		case "appeal.number":
			return "SY-12345-67890-ABCDE";
		case "appeal.registered":
		case "due.answer":
			return format.day(today());
		default:
			return t(`example.${field}`);
	}
}

function Filled({ text }: { text: string }) {
	return (
		<blockquote class="words" dir="auto">
			{partsOf(text).map((part, i) => {
				if (!part.field) return part.text;
				if (!part.known) return <strong key={i} class="tone-bad">▲ {part.text}</strong>;
				return <mark key={i}>{example(part.text as FieldName)}</mark>;
			})}
		</blockquote>
	);
}

// Each language as the customer, or the colleague, would read it.
function Reading({ kind, version }: { kind: Kind; version: Version }) {
	return (
		<>
			{(version.texts ?? []).map((text) => (
				<div key={text.lang}>
					<h3 lang={text.lang}>{languages.find((l) => l.lang === text.lang)?.name}</h3>
					{text.title && <p><strong><bdi lang={text.lang}>{text.title}</bdi></strong></p>}
					{kind === "templates" ? <Filled text={text.text ?? ""} /> : <blockquote class="words" dir="auto">{text.body}</blockquote>}
				</div>
			))}
		</>
	);
}

function Editor({ kind, version, onSaved, onCancel }: { kind: Kind; version: Version | undefined; onSaved: (code: string) => void; onCancel: () => void }) {
	const [values, setValues] = useState<Values>(() => formValues(kind, version));
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const attempt = useRef({ body: "", key: "" });
	const wants = missing(fields[kind], values);
	const message = messageOf(kind, values);
	const unknown = kind === "templates"
		? labelLanguages.flatMap((lang) => partsOf(values[`texts.${lang}`] ?? "").filter((part) => !part.known).map((part) => part.text))
		: [];
	const save = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || wants) return;
		const body = JSON.stringify(message);
		if (attempt.current.body !== body) attempt.current = { body, key: uuid() };
		setBusy(true);
		setError(undefined);
		try {
			await send("POST", `/api/v1/${kind}`, message, attempt.current.key);
			announce(t("record.saved"));
			onSaved(String(message["code"]));
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	return (
		<section class="panel" aria-labelledby="edit-title">
			<h2 id="edit-title">{t(version ? "answers.edit" : `answers.${kind}.new`)}</h2>
			<form class="form form-wide" onSubmit={(e) => void save(e)}>
				{fields[kind].map((field) => (
					<FieldInput
						key={field.name}
						field={field}
						value={values[field.name] ?? ""}
						values={values}
						options={[]}
						fixed={field.name === "code" && version !== undefined}
						onChange={(value, also) => setValues((before) => ({ ...before, ...(also ?? { [field.name]: value }) }))}
					/>
				))}
				{kind === "templates" && (
					<p class="soft form-all">
						{t("answers.fields")}{" "}
						{fieldNames.map((name) => <span key={name} class="field-name"><code>{`{{${name}}}`}</code> {t(`example.${name}`)}</span>)}
					</p>
				)}
				{unknown.length > 0 && <p class="box box-warn form-all" role="status">{t("answers.unknown_field")} <code>{unknown.join(", ")}</code></p>}
				<p class="soft form-all">{t("answers.save.effect")}</p>
				{error && <div class="form-all"><ProblemBox error={error} kept={t("action.kept")} /></div>}
				<div class="form-all choices">
					<button class="button button-main" disabled={busy || wants !== undefined}>{busy ? t("state.saving") : t("answers.save")}</button>
					<button type="button" class="button" onClick={onCancel}>{t("action.cancel")}</button>
					{wants && <span class="soft">{t("record.wants", { field: word("field", wants.label ?? lastOf(wants.name)) })}</span>}
				</div>
			</form>
			{kind === "templates" && (
				<>
					<h3>{t("answers.filled")}</h3>
					<Reading kind={kind} version={{ code: "", ...(message as object) } as Version} />
				</>
			)}
		</section>
	);
}

function Decision({ kind, version, who, onDecided }: { kind: Kind; version: Version; who: Principal; onDecided: () => void }) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const decide = async (state: string): Promise<void> => {
		setBusy(true);
		setError(undefined);
		try {
			await send("POST", `/api/v1/${kind}/${encodeURIComponent(version.code)}/decision`, { version: version.version, state }, uuid());
			announce(t("record.saved"));
			onDecided();
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	if (version.state === "DESK_RETIRED" || !version.state) return null;
	const own = version.author === who.name;
	return (
		<>
			{error && <ProblemBox error={error} />}
			<p class="choices">
				{version.state === "DESK_DRAFT" && (
					<button type="button" class="button button-main" disabled={busy || own} onClick={() => void decide("DESK_APPROVED")}>{t("answers.approve")}</button>
				)}
				<button type="button" class="button" disabled={busy} onClick={() => void decide("DESK_RETIRED")}>{t("answers.retire")}</button>
				{own && version.state === "DESK_DRAFT" && <span class="soft">{t("answers.second")}</span>}
			</p>
		</>
	);
}

export function AnswerPage({ kind, code, who, may }: { kind: Kind; code: string; who: Principal; may: boolean }) {
	const fresh = code === "+";
	const { data, error, reload } = useFetched<{ versions?: Version[] }>(fresh ? null : apiPath(`/${kind}/${encodeURIComponent(code)}`));
	const [edits, setEdits] = useState(false);
	const versions = data?.versions ?? [];
	const newest = versions[0];
	const list = address(`/answers/${kind}`);
	return (
		<Page
			title={fresh ? t(`answers.${kind}.new`) : newest ? titleOf(kind, newest) : code}
			note={fresh ? undefined : <code>{code}</code>}
			actions={
				<>
					{may && newest && !edits && <button type="button" class="button button-main" onClick={() => setEdits(true)}>{t("answers.edit")}</button>}
					<a class="button" href={list}>{t("record.to_list")}</a>
				</>
			}
		>
			{error && <ProblemBox error={error} onRetry={reload} />}
			{fresh && (
				<Editor kind={kind} version={undefined} onSaved={(made) => go(address(`/answers/${kind}/${encodeURIComponent(made)}`))} onCancel={() => go(list)} />
			)}
			{edits && newest && (
				<Editor
					kind={kind}
					version={newest}
					onSaved={() => {
						setEdits(false);
						reload();
					}}
					onCancel={() => setEdits(false)}
				/>
			)}
			{versions.map((version) => (
				<section key={version.version} class="panel" aria-labelledby={`version-${version.version}`}>
					<h2 id={`version-${version.version}`}>{t("answers.version", { n: version.version ?? 0 })} <DeskMark state={version.state} /></h2>
					<p class="soft">
						{version.made_at_us && t("answers.made", { name: version.author ?? "", time: format.time(version.made_at_us) })}{" "}
						{version.decided_by && version.decided_at_us && t("answers.decided", { name: version.decided_by, time: format.time(version.decided_at_us) })}{" "}
						{version.public && t("answers.is_public")}
					</p>
					<Reading kind={kind} version={version} />
					{may && <Decision kind={kind} version={version} who={who} onDecided={reload} />}
				</section>
			))}
		</Page>
	);
}
