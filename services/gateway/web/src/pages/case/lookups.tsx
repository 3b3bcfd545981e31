// Asks a system outside about this case: which, what is typed in, and what it said. The
// answer is kept in the case, whatever it was; the same attempt asks once.
import { useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { labelText, t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { count, lookupOutcomes, type Appeal, type ListLookupsReply, type LookupChoice, type LookupResult, type RunLookupReply } from "../../lib/types";
import { uuid } from "../../lib/uuid";
import { ProblemBox } from "../../parts/problem";

interface SaidProps {
	outcome: string;
	status: number | undefined;
	tookMs: number | undefined;
	result: LookupResult | undefined;
}

// How it went, in words, and what was answered.
export function LookupSaid({ outcome, status, tookMs, result }: SaidProps) {
	const done = outcome === "LOOKUP_DONE";
	const notes = [
		...(result?.inputs ?? []).map((input) => input.value ?? ""),
		...(status && !done ? [`HTTP ${status}`] : []),
		...(tookMs !== undefined ? [t("lookup.took", { s: format.decimal(tookMs / 1000, 1) })] : []),
	];
	return (
		<>
			<p>
				{result && <><strong><bdi>{labelText(result.names, "")}</bdi></strong>{" "}</>}
				<span class={`mark tone-${done ? "good" : outcome === "LOOKUP_NOT_THERE" ? "idle" : "warn"}`}>
					<span aria-hidden="true">{done ? "✓" : "◆"}</span> {word("lookup", outcome)}
				</span>{" "}
				<span class="soft"><bdi>{notes.join(" · ")}</bdi></span>
			</p>
			{(result?.values ?? []).length > 0 && (
				<dl class="facts">
					{(result?.values ?? []).map((one, i) => (
						<div key={i}>
							<dt>{labelText(one.names, "")}</dt>
							<dd dir="auto">{one.missing ? <span class="soft">{t("lookup.missing")}</span> : one.value || "–"}</dd>
						</div>
					))}
				</dl>
			)}
		</>
	);
}

export function lookupOutcome(state: number | undefined): string {
	return lookupOutcomes[state ?? 0] ?? "";
}

function fits(pattern: string | undefined, value: string): boolean {
	if (value.trim() === "") return false;
	if (!pattern) return true;
	try {
		return new RegExp(`^(?:${pattern})$`, "u").test(value.trim());
	} catch {
		return true; // the service knows
	}
}

interface Props {
	appeal: Appeal;
	onAsk: () => void;
	onDone: (revision: number) => void;
	onFailed: () => void;
}

export function LookupPanel({ appeal, onAsk, onDone, onFailed }: Props) {
	const path = apiPath(`/appeals/${encodeURIComponent(appeal.appeal_id)}/lookups`);
	const offered: readonly LookupChoice[] = useFetched<ListLookupsReply>(path).before?.lookups ?? [];
	const [wanted, setWanted] = useState("");
	const [typed, setTyped] = useState<Record<string, string>>({});
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const [said, setSaid] = useState<RunLookupReply | undefined>();
	const attempt = useRef({ body: "", key: "" });
	const chosen = offered.find((one) => one.lookup === wanted) ?? (offered.length === 1 ? offered[0] : undefined);
	if (offered.length === 0) return null;

	const inputs = chosen?.inputs ?? [];
	const valueOf = (name: string): string => typed[`${chosen?.lookup ?? ""}/${name}`] ?? "";
	const ready = chosen !== undefined && !chosen.lacks && inputs.every((one) => fits(one.pattern, valueOf(one.name)));

	const ask = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || !ready) return;
		const body = { lookup: chosen.lookup, inputs: inputs.map((one) => ({ name: one.name, value: valueOf(one.name).trim() })) };
		const written = JSON.stringify(body);
		if (attempt.current.body !== written) attempt.current = { body: written, key: uuid() };
		setBusy(true);
		setError(undefined);
		setSaid(undefined);
		onAsk();
		try {
			const reply = await send<RunLookupReply>("POST", path, body, attempt.current.key);
			attempt.current = { body: "", key: "" };
			setSaid(reply);
			announce(word("lookup", reply.outcome ?? "LOOKUP_DONE"));
			onDone(count(reply.revision));
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
			onFailed();
		}
		setBusy(false);
	};

	return (
		<section class="panel" aria-labelledby="lookup-title">
			<h2 id="lookup-title">{t("lookup.title")}</h2>
			<form class="form" onSubmit={ask}>
				{offered.length > 1 && (
					<label>
						<span>{t("lookup.which")}</span>
						<select
							class="control"
							value={wanted}
							onChange={(e) => {
								setWanted(e.currentTarget.value);
								setSaid(undefined);
								setError(undefined);
							}}
						>
							<option value="">{t("field.choose")}</option>
							{offered.map((one) => <option key={one.lookup} value={one.lookup}>{labelText(one.names, one.lookup)}</option>)}
						</select>
					</label>
				)}
				{inputs.map((one) => {
					const value = valueOf(one.name);
					const wrong = value.trim() !== "" && !fits(one.pattern, value);
					return (
						<label key={`${chosen?.lookup}/${one.name}`}>
							<span>{labelText(one.names, one.name)}</span>
							<input
								class="control"
								required
								autocomplete="off"
								maxLength={200}
								value={value}
								aria-invalid={wrong}
								aria-describedby={wrong ? `lookup-${one.name}` : undefined}
								onInput={(e) => setTyped((before) => ({ ...before, [`${chosen?.lookup ?? ""}/${one.name}`]: e.currentTarget.value }))}
							/>
							{wrong && <span id={`lookup-${one.name}`} class="soft">{t("lookup.wrong")}</span>}
						</label>
					);
				})}
				{chosen?.lacks && <p class="mark tone-warn"><span aria-hidden="true">◆</span> {t("lookup.lacks", { field: word("field", chosen.lacks) })}</p>}
				<div>
					<button class="button" disabled={busy || !ready}>
						{busy ? t("lookup.asking") : offered.length === 1 ? t("lookup.ask_one", { what: labelText(chosen?.names, "") }) : t("lookup.ask")}
					</button>
				</div>
			</form>
			{error && <ProblemBox error={error} kept={t("lookup.again")} />}
			<div role="status">
				{said && (
					<>
						<LookupSaid outcome={said.outcome ?? "LOOKUP_DONE"} status={said.status} tookMs={said.took_ms ?? 0} result={said.result} />
						<p class="soft">{t("lookup.kept")}</p>
					</>
				)}
			</div>
		</section>
	);
}
