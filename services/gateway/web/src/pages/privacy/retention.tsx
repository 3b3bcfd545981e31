// How long after its closing a case keeps what is personal, kind by kind.
import { useState } from "preact/hooks";
import { t } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import { useFetched } from "../../lib/fetched";
import { useTerms } from "../../lib/names";
import { ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import { PutForm } from "../../parts/put-form";
import type { Field } from "../../parts/values";
import type { View } from "../view";
import { PrivacyTabs } from "./tabs";

interface Retention {
	kind: string;
	days?: number; // none: for ever
}

const fields: readonly Field[] = [
	{ name: "kind", type: "code", required: true },
	{ name: "days", type: "number", required: true, label: "retention_days", hint: "field.retention_days.hint" },
];

function kept(days: number | undefined): string {
	return days ? t("privacy.kept", { n: days }) : t("privacy.for_ever");
}

export function RetentionPage({ view, may }: { view: View; may: boolean }) {
	const { data, error, busy, reload } = useFetched<{ retentions?: Retention[] }>(apiPath("/retentions"));
	const kinds = useTerms("kind");
	const [open, setOpen] = useState<string | undefined>();
	const known = data?.retentions ?? [];
	// Also the kinds for which nothing was said.
	const rows: Retention[] = [...known, ...kinds.codes.filter((kind) => !known.some((r) => r.kind === kind)).map((kind) => ({ kind }))];
	const of = rows.find((row) => row.kind === open);
	return (
		<Page
			title={t("privacy.retention")}
			note={t("privacy.retention.note")}
			actions={
				<button
					type="button"
					class="button"
					disabled={rows.length === 0}
					onClick={() => download("retention.csv", csv([["kind", "name", "days"], ...rows.map((r) => [r.kind, kinds.name(r.kind), r.days ?? 0])]))}
				>
					{t("action.export")}
				</button>
			}
		>
			<PrivacyTabs who={view.who} at="/privacy/retention" />
			{error && <ProblemBox error={error} onRetry={reload} />}
			<div class="panel">
				<ListTable
					page={{ rows: data && rows, more: false, busy, error, next: () => undefined }}
					title={t("privacy.retention")}
					columns={[t("field.kind"), t("privacy.kept_for"), ...(may ? [t("record.change_now")] : [])]}
					none={t("directory.empty")}
				>
					{rows.map((row) => (
						<tr key={row.kind}>
							<th scope="row">{kinds.name(row.kind)} {kinds.name(row.kind) !== row.kind && <small class="soft"><code>{row.kind}</code></small>}</th>
							<td data-label={t("privacy.kept_for")}>{kept(row.days)}</td>
							{may && (
								<td data-label={t("record.change_now")}>
									<button type="button" class="button" aria-expanded={open === row.kind} onClick={() => setOpen(row.kind)}>{t("record.change_now")}</button>
								</td>
							)}
						</tr>
					))}
				</ListTable>
			</div>
			{of && (
				<PutForm
					key={of.kind}
					id="retention-title"
					title={kinds.name(of.kind)}
					fields={fields}
					values={{ kind: of.kind, days: String(of.days ?? 0) }}
					fixed={["kind"]}
					effect={t("privacy.retention.effect")}
					sure={t("merge.sure")}
					button={t("record.save")}
					path="/api/v1/retentions"
					onSaved={() => {
						setOpen(undefined);
						reload();
					}}
					onCancel={() => setOpen(undefined)}
				/>
			)}
		</Page>
	);
}
