// What a change of a policy would do, before it is made: the newest cases judged
// again as if it had held.
import { useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { ApiError, send } from "../../lib/api";
import type { Dated } from "../../lib/directory";
import * as format from "../../lib/format";
import { address } from "../../lib/router";
import type { AppealClock } from "../../lib/types";
import { shortId } from "../../lib/uuid";
import { ProblemBox } from "../../parts/problem";
import { clockName, clockView } from "../../parts/state";

interface Tally {
	clock?: string;
	running?: number;
	paused?: number;
	met?: number;
	breached?: number;
}

interface Preview {
	cases?: number;
	more?: boolean;
	matching?: number;
	changed?: number;
	turned?: number;
	before?: Tally[];
	after?: Tally[];
	sample?: { appeal_id: string; before?: AppealClock; after?: AppealClock }[];
}

const spans = [7, 30, 90, 365] as const;
const columns = ["met", "breached", "running", "paused"] as const;

function Cell({ before, after }: { before: number; after: number }) {
	if (before === after) return <>{format.integer(after)}</>;
	return <><s>{format.integer(before)}</s>{" → "}<strong>{format.integer(after)}</strong> <small>({format.signed(after - before, format.integer)})</small></>;
}

function Tallies({ found }: { found: Preview }) {
	const clocks = [...new Set([...(found.before ?? []), ...(found.after ?? [])].map((tally) => tally.clock ?? ""))];
	const of = (side: Tally[] | undefined, clock: string): Tally => side?.find((tally) => tally.clock === clock) ?? {};
	return (
		<table class="list cards">
			<caption class="unseen">{t("preview.clocks")}</caption>
			<thead>
				<tr>
					<th scope="col">{t("field.clock")}</th>
					{columns.map((name) => <th key={name} scope="col" class="num">{t(`preview.${name}`)}</th>)}
				</tr>
			</thead>
			<tbody>
				{clocks.map((clock) => (
					<tr key={clock}>
						<th scope="row">{clockName(clock)}</th>
						{columns.map((name) => (
							<td key={name} class="num" data-label={t(`preview.${name}`)}>
								<Cell before={of(found.before, clock)[name] ?? 0} after={of(found.after, clock)[name] ?? 0} />
							</td>
						))}
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Side({ clock }: { clock: AppealClock | undefined }) {
	const view = clockView(clock, Date.now());
	if (!view) return <span class="soft">{t("preview.no_clock")}</span>;
	return <span class={`mark tone-${view.tone}`} title={view.title}><span aria-hidden="true">{view.shape}</span> {view.text}</span>;
}

function Sample({ found }: { found: Preview }) {
	return (
		<table class="list cards">
			<caption class="unseen">{t("preview.sample")}</caption>
			<thead>
				<tr><th scope="col">{t("field.case")}</th><th scope="col">{t("field.clock")}</th><th scope="col">{t("preview.now")}</th><th scope="col">{t("preview.then")}</th></tr>
			</thead>
			<tbody>
				{(found.sample ?? []).map((change) => (
					<tr key={change.appeal_id}>
						<th scope="row"><a href={address(`/appeals/${change.appeal_id}`)}><code>{shortId(change.appeal_id)}</code></a></th>
						<td data-label={t("field.clock")}>{clockName((change.after ?? change.before)?.clock)}</td>
						<td data-label={t("preview.now")}><Side clock={change.before} /></td>
						<td data-label={t("preview.then")}><Side clock={change.after} /></td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

export function PreviewPanel({ policy, ended, unit }: { policy: Dated; ended: boolean; unit: string }) {
	const [days, setDays] = useState<number>(30);
	const [found, setFound] = useState<Preview | undefined>();
	const [error, setError] = useState<ApiError | undefined>();
	const [busy, setBusy] = useState(false);
	const look = async (): Promise<void> => {
		setBusy(true);
		setError(undefined);
		setFound(undefined);
		try {
			setFound(await send<Preview>("POST", "/api/v1/policies/preview", { policy, ended, days, unit }));
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	const clocks = policy["clock"] !== undefined;
	return (
		<section class="panel" aria-labelledby="preview-title">
			<h2 id="preview-title">{t("preview.title")}</h2>
			<p class="soft">{t("preview.note")}</p>
			<div class="choices">
				<label class="inline">
					<span>{t("preview.days")}</span>{" "}
					<select class="control" value={String(days)} onChange={(e) => setDays(Number(e.currentTarget.value))}>
						{spans.map((n) => <option key={n} value={String(n)}>{t("amount.days", { n })}</option>)}
					</select>
				</label>
				<button type="button" class="button" disabled={busy} onClick={() => void look()}>{busy ? t("state.waiting") : t("preview.look")}</button>
			</div>
			{error && <ProblemBox error={error} onRetry={() => void look()} />}
			{found && (
				<div role="status">
					<p class="summary">
						<strong>{t("preview.changed", { n: found.changed ?? 0, of: found.cases ?? 0 })}</strong>{" "}
						{clocks && t("preview.turned", { n: found.turned ?? 0 })} {t("preview.matching", { n: found.matching ?? 0 })}
					</p>
					<p class="soft">{t(found.more ? "preview.cut" : "preview.whole", { n: found.cases ?? 0 })} {!clocks && t("preview.no_clocks")}</p>
				</div>
			)}
			{found && clocks && (found.cases ?? 0) > 0 && <Tallies found={found} />}
			{found && (found.sample ?? []).length > 0 && <Sample found={found} />}
		</section>
	);
}
