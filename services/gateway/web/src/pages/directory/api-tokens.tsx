// The API tokens of a machine (G3): what each is for, until when it lets somebody in,
// when it last did; a new one, shown once, and the end of one.
import { useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import type { ApiToken, ListApiTokensReply, MakeApiTokenReply } from "../../lib/types";
import { ListTable, Pair } from "../../parts/list";
import { ProblemBox } from "../../parts/problem";
import { PutForm } from "../../parts/put-form";
import type { Field } from "../../parts/values";

const fields: readonly Field[] = [
	{ name: "note", type: "line", label: "token_note", required: true, hint: "field.token_note.hint" },
	{ name: "valid_days", type: "number", required: true },
];

const states = {
	now: { mark: "●", tone: "good" },
	expired: { mark: "○", tone: "idle" },
	revoked: { mark: "✕", tone: "idle" },
} as const;

function stateOf(token: ApiToken): keyof typeof states {
	if (token.revoked_at_us) return "revoked";
	return Date.parse(token.expires_at_us) > Date.now() ? "now" : "expired";
}

function State({ token }: { token: ApiToken }) {
	const state = stateOf(token);
	const { mark, tone } = states[state];
	return (
		<span class={`mark tone-${tone}`}>
			<span aria-hidden="true">{mark}</span> {t(`tokens.${state}`, { time: format.time(token.revoked_at_us ?? token.expires_at_us) })}
		</span>
	);
}

function Made({ token, until }: { token: string; until: string }) {
	return (
		<div class="box box-good" role="status">
			<p><strong><span aria-hidden="true">✓</span> {t("tokens.once")}</strong> {t("people.until", { time: format.time(until) })}</p>
			<p><input class="control wide" readOnly aria-label={t("tokens.token")} value={token} onFocus={(e) => e.currentTarget.select()} /></p>
			<p class="soft">{t("tokens.use")} <code>Authorization: Bearer …</code></p>
		</div>
	);
}

type Begun = "new" | ApiToken;

export function ApiTokensPanel({ name, may, revoked }: { name: string; may: boolean; revoked: boolean }) {
	const { data, error, busy, reload } = useFetched<ListApiTokensReply>(apiPath("/api-tokens", { name, limit: 500 }));
	const [begun, setBegun] = useState<Begun | undefined>();
	const [made, setMade] = useState<MakeApiTokenReply | undefined>();
	const when = (token: ApiToken): string => token.made_at_us ?? "";
	const tokens = [...(data?.tokens ?? [])].sort((a, b) => when(b).localeCompare(when(a)));
	const done = (): void => {
		setBegun(undefined);
		reload();
	};
	const begin = (what: Begun) => (): void => {
		setMade(undefined);
		setBegun(what);
	};
	return (
		<>
			<section class="panel" aria-labelledby="tokens-title">
				<h2 id="tokens-title">{t("tokens.title")}</h2>
				<p class="soft">{t("tokens.note")}</p>
				{error && <ProblemBox error={error} onRetry={reload} />}
				{made && <Made token={made.token} until={made.expires_at_us} />}
				<ListTable
					page={{ rows: data && tokens, more: false, busy, error, next: () => undefined }}
					title={t("tokens.title")}
					columns={[t("field.token_note"), t("tokens.state"), t("tokens.signed_in"), t("tokens.made"), ...(may ? [t("record.change_now")] : [])]}
					none={t("tokens.empty")}
				>
					{tokens.map((token) => (
						<tr key={token.token_id}>
							<th scope="row"><bdi>{token.note || token.token_id}</bdi></th>
							<td data-label={t("tokens.state")}><State token={token} /></td>
							<td data-label={t("tokens.signed_in")}>{token.signed_in_at_us ? format.time(token.signed_in_at_us) : t("tokens.never")}</td>
							<td data-label={t("tokens.made")}><Pair of={token.made_at_us ? format.time(token.made_at_us) : "–"} more={<bdi>{token.made_by}</bdi>} /></td>
							{may && (
								<td data-label={t("record.change_now")}>
									{stateOf(token) === "now" && <button type="button" class="button" onClick={begin(token)}>{t("tokens.revoke")}</button>}
								</td>
							)}
						</tr>
					))}
				</ListTable>
				{may && !revoked && <p class="choices"><button type="button" class="button" onClick={begin("new")}>{t("tokens.add")}</button></p>}
			</section>
			{begun === "new" && (
				<PutForm<MakeApiTokenReply>
					id="token-form"
					title={t("tokens.add")}
					fields={fields}
					values={{ valid_days: "365" }}
					effect={t("tokens.add.effect")}
					button={t("tokens.add")}
					path="/api/v1/api-tokens"
					message={(body) => ({ name, ...body })}
					onSaved={(reply) => {
						setMade(reply);
						done();
					}}
					onCancel={done}
				/>
			)}
			{begun && begun !== "new" && (
				<PutForm
					key={begun.token_id}
					id="token-form"
					title={t("tokens.revoke.title", { note: begun.note || begun.token_id })}
					fields={[]}
					effect={t("tokens.revoke.effect")}
					button={t("tokens.revoke")}
					method="DELETE"
					path={`/api/v1/api-tokens/${encodeURIComponent(begun.token_id)}`}
					onSaved={done}
					onCancel={done}
				/>
			)}
		</>
	);
}
