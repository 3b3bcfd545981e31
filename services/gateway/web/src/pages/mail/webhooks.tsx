// Programs outside that hear of cases.
import { useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import { useFetched } from "../../lib/fetched";
import { address } from "../../lib/router";
import type { Principal } from "../../lib/types";
import { ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { PutForm } from "../../parts/put-form";
import { valuesOf, type Field } from "../../parts/values";
import { SystemTabs } from "./tabs";

export interface Webhook extends Record<string, unknown> {
	name: string;
	url?: string;
	secret?: string;
	rightful?: boolean;
	off?: boolean;
}

const fields: readonly Field[] = [
	{ name: "name", type: "line", required: true, label: "outside_name", hint: "field.outside_name.hint" },
	{ name: "url", type: "line", required: true, hint: "field.url.hint" },
	{ name: "secret", type: "line", required: true, hint: "field.secret.hint" },
	{ name: "rightful", type: "check" },
	{ name: "off", type: "check" },
];

export function OnOff({ off }: { off: boolean | undefined }) {
	return off
		? <span class="mark tone-idle"><span aria-hidden="true">○</span> {t("mail.off")}</span>
		: <span class="mark tone-good"><span aria-hidden="true">●</span> {t("mail.on")}</span>;
}

export function WebhooksPage({ who }: { who: Principal }) {
	const { data, error, busy, reload } = useFetched<{ webhooks?: Webhook[] }>(apiPath("/webhooks"));
	const [open, setOpen] = useState<string | undefined>(); // "": a new one
	const rows = data?.webhooks ?? [];
	const of = rows.find((row) => row.name === open);
	const may = !who.unit;
	return (
		<Page
			title={t("mail.webhooks")}
			note={t("mail.webhooks.note")}
			actions={
				<>
					{may && <button type="button" class="button button-main" onClick={() => setOpen("")}>{t("mail.webhooks.new")}</button>}
					<button
						type="button"
						class="button"
						disabled={rows.length === 0}
						onClick={() => download("webhooks.csv", csv([["name", "url", "secret", "rightful", "off"], ...rows.map((w) => [w.name, w.url ?? "", w.secret ?? "", w.rightful ? 1 : 0, w.off ? 1 : 0])]))}
					>
						{t("action.export")}
					</button>
				</>
			}
		>
			<SystemTabs who={who} at="/system/webhooks" />
			{error && <ProblemBox error={error} onRetry={reload} />}
			{open !== undefined && (
				<PutForm
					key={open}
					id="webhook-title"
					title={open === "" ? t("mail.webhooks.new") : open}
					fields={fields}
					values={of ? valuesOf(fields, of) : {}}
					fixed={open === "" ? [] : ["name"]}
					effect={t("mail.webhooks.effect")}
					button={t("record.save")}
					path="/api/v1/webhooks"
					message={(body) => ({ webhook: body })}
					onSaved={() => {
						setOpen(undefined);
						reload();
					}}
					onCancel={() => setOpen(undefined)}
				/>
			)}
			<div class="panel">
				<ListTable
					page={{ rows: data && rows, more: false, busy, error, next: () => undefined }}
					title={t("mail.webhooks")}
					columns={[t("people.name"), t("field.url"), t("mail.data"), t("field.state"), t("mail.messages"), ...(may ? [t("record.change_now")] : [])]}
					none={t("mail.webhooks.empty")}
				>
					{rows.map((row) => (
						<tr key={row.name}>
							<th scope="row">{row.name}</th>
							<td data-label={t("field.url")}><code>{row.url}</code></td>
							<td data-label={t("mail.data")}>{t(row.rightful ? "mail.data.all" : "mail.data.codes")}</td>
							<td data-label={t("field.state")}><OnOff off={row.off} /></td>
							<td data-label={t("mail.messages")}><a href={address("/system/messages", { channel: `webhook/${row.name}` })}>{t("mail.messages")}</a></td>
							{may && <td data-label={t("record.change_now")}><button type="button" class="button" onClick={() => setOpen(row.name)}>{t("record.change_now")}</button></td>}
						</tr>
					))}
				</ListTable>
			</div>
		</Page>
	);
}
