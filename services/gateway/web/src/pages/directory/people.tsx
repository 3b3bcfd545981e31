// Who signs in, and the one-time link by which a person sets a password.
import { useState } from "preact/hooks";
import { t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import * as format from "../../lib/format";
import { usePaged } from "../../lib/pages";
import { prefix } from "../../lib/router";
import type { ListPrincipalsReply, MakeInviteReply, Principal } from "../../lib/types";
import { ListMore, ListTable } from "../../parts/list";
import { ProblemBox } from "../../parts/problem";

interface Invite {
	name: string;
	link: string;
	until: string;
}

export function PeoplePanel() {
	const [invite, setInvite] = useState<Invite | undefined>();
	const [error, setError] = useState<ApiError | undefined>();
	const page = usePaged<ListPrincipalsReply, Principal>(
		apiPath("/principals", { persons_only: "true", limit: 100 }),
		(reply) => ({ rows: reply.principals ?? [], next: reply.next_name ?? "" }),
		"after_name",
	);
	const make = async (name: string): Promise<void> => {
		setError(undefined);
		setInvite(undefined);
		try {
			const made = await send<MakeInviteReply>("POST", `/api/v1/principals/${encodeURIComponent(name)}/invite`, {});
			setInvite({
				name,
				link: `${window.location.origin}${prefix()}/#/invite/${made.code}`,
				until: made.expires_at_us ?? "",
			});
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
	};
	const rows = page.rows ?? [];
	return (
		<section class="panel" aria-labelledby="people-title">
			<h2 id="people-title">{t("people.title")}</h2>
			<p class="soft">{t("people.note")}</p>
			{error && <ProblemBox error={error} />}
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			{invite && (
				<div class="box box-good" role="status">
					<p>
						<strong><span aria-hidden="true">✓</span> {t("people.link_for", { name: invite.name })}</strong>{" "}
						{invite.until && t("people.until", { time: format.time(invite.until) })}
					</p>
					<p><input class="control wide" readOnly aria-label={t("people.link")} value={invite.link} onFocus={(e) => e.currentTarget.select()} /></p>
				</div>
			)}
			<ListTable
				page={page}
				title={t("people.title")}
				columns={[t("people.name"), t("people.roles"), t("field.unit"), t("people.invite")]}
				none={t("people.empty")}
			>
				{rows.map((person) => (
					<tr key={person.name}>
						<th scope="row">{person.display_name || person.name} <small class="soft">{person.name}</small></th>
						<td data-label={t("people.roles")}>{(person.roles ?? []).map((role) => word("role", role)).join(", ") || "–"}</td>
						<td data-label={t("field.unit")}>{person.unit || t("scope.all")}</td>
						<td data-label={t("people.invite")}>
							{person.revoked
								? <span class="soft">{t("people.revoked")}</span>
								: <button type="button" class="button" onClick={() => make(person.name)}>{t("people.make_link")}</button>}
						</td>
					</tr>
				))}
			</ListTable>
			{page.more && <p class="list-foot"><ListMore page={page} /></p>}
		</section>
	);
}
