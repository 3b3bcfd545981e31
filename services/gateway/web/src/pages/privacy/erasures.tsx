// What was erased, when, by whom and why: ids of cases alone, as proof.
import { t, word } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { csv, download } from "../../lib/csv";
import * as format from "../../lib/format";
import { may } from "../../frame/sections";
import { usePaged } from "../../lib/pages";
import { timesOf } from "../../lib/period";
import { address } from "../../lib/router";
import { shortId } from "../../lib/uuid";
import { ListFoot, ListTable } from "../../parts/list";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import type { View } from "../view";
import { PrivacyTabs } from "./tabs";

interface Erasure {
	erasure_id: string;
	erased_at_us?: string;
	cause?: string; // none: the customer asked
	erased_by?: string;
	appeal_ids?: string[];
}

interface ListErasuresReply {
	erasures?: Erasure[];
	next_cursor?: string;
}

// So many stand in the row; the rest is in the file.
const SHOWN = 5;

const causeOf = (erasure: Erasure): string => erasure.cause ?? "ERASURE_ASKED";

function saveCsv(rows: Erasure[]): void {
	download("erasures.csv", csv([
		["erasure_id", "erased_at", "cause", "erased_by", "appeal_id"],
		...rows.flatMap((row) => (row.appeal_ids ?? []).map((id) => [row.erasure_id, row.erased_at_us ?? "", causeOf(row), row.erased_by ?? "", id])),
	]));
}

export function ErasuresPage({ view }: { view: View }) {
	const page = usePaged<ListErasuresReply, Erasure>(
		apiPath("/erasures", { ...timesOf(view.period), limit: 100 }),
		(reply) => ({ rows: reply.erasures ?? [], next: reply.next_cursor ?? "" }),
	);
	const rows = page.rows ?? [];
	const opens = may(view.who, ["reader", "handler"]);
	return (
		<Page
			title={t("privacy.erasures")}
			note={t("privacy.erasures.note")}
			actions={<button type="button" class="button" disabled={rows.length === 0} onClick={() => saveCsv(rows)}>{t("action.export")}</button>}
		>
			<PrivacyTabs who={view.who} at="/privacy/erasures" />
			{page.error && <ProblemBox error={page.error} onRetry={page.reload} />}
			<div class="panel">
				<ListTable
					page={page}
					title={t("privacy.erasures")}
					columns={[t("audit.at"), t("privacy.cause"), t("audit.principal"), t("nav.appeals"), t("privacy.cases")]}
					none={t("privacy.erasures.empty")}
				>
					{rows.map((row) => {
						const ids = row.appeal_ids ?? [];
						return (
							<tr key={row.erasure_id}>
								<th scope="row">{row.erased_at_us && <time dateTime={row.erased_at_us} title={format.timeExact(row.erased_at_us)}>{format.time(row.erased_at_us)}</time>}</th>
								<td data-label={t("privacy.cause")}>{word("cause", causeOf(row))}</td>
								<td data-label={t("audit.principal")}>{row.erased_by || t("privacy.itself")}</td>
								<td data-label={t("nav.appeals")}>{format.integer(ids.length)}</td>
								<td data-label={t("privacy.cases")}>
									<span>
										{ids.slice(0, SHOWN).map((id) => {
											const short = <code>{shortId(id)}</code>;
											return <span key={id}>{opens ? <a href={address(`/appeals/${id}`)}>{short}</a> : short} </span>;
										})}
										{ids.length > SHOWN && <span class="soft">{t("privacy.others", { n: ids.length - SHOWN })}</span>}
									</span>
								</td>
							</tr>
						);
					})}
				</ListTable>
			</div>
			<ListFoot page={page} />
		</Page>
	);
}
