// One step for all chosen cases: each is asked for by itself, so one that is refused
// stops none of the others, and stays chosen with the reason.
import { useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { t } from "../../i18n/i18n";
import { ApiError, send } from "../../lib/api";
import { useDepartments } from "../../lib/names";
import type { AppealReply } from "../../lib/types";
import { problemText } from "../../parts/problem";
import { stepOf, type Action } from "../case/life";

// As many at a time as a service takes without noticing.
const AT_ONCE = 4;

interface Props {
	chosen: ReadonlySet<string>;
	nameOf: (id: string) => string;
	me: string;
	onChosen: (ids: ReadonlySet<string>) => void;
	onDone: () => void;
}

export function BulkBar({ chosen, nameOf, me, onChosen, onDone }: Props) {
	const departments = useDepartments();
	const [left, setLeft] = useState(0);
	const [refused, setRefused] = useState<[string, string][]>([]);

	const run = async (action: Action, body: object): Promise<void> => {
		const waiting = [...chosen];
		const failed: [string, string][] = [];
		setRefused([]);
		setLeft(waiting.length);
		const worker = async (): Promise<void> => {
			for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
				try {
					await send<AppealReply>("POST", `/api/v1/appeals/${encodeURIComponent(id)}/${stepOf(action).path}`, body);
				} catch (cause) {
					const error = cause instanceof ApiError ? cause : new ApiError(0, {});
					failed.push([id, error.problem.detail ?? problemText(error)]);
				}
				setLeft((n) => n - 1);
			}
		};
		await Promise.all(Array.from({ length: AT_ONCE }, worker));
		setRefused(failed);
		onChosen(new Set(failed.map(([id]) => id)));
		announce(t("bulk.done", { n: chosen.size - failed.length, failed: failed.length }));
		onDone();
	};

	if (chosen.size === 0 && refused.length === 0) return null;
	const busy = left > 0;
	return (
		<div class="box bulk" role="region" aria-label={t("bulk.title")}>
			<p class="choices">
				<strong>{t("bulk.chosen", { n: chosen.size })}</strong>
				<button type="button" class="button" disabled={busy} onClick={() => void run("route", { handler: me })}>{t("bulk.mine")}</button>
				<select
					class="control"
					aria-label={t("bulk.department")}
					disabled={busy}
					value=""
					onChange={(e) => e.currentTarget.value !== "" && void run("route", { department: e.currentTarget.value })}
				>
					<option value="">{t("bulk.department")}</option>
					{departments.codes.map((code) => <option key={code} value={code}>{departments.name(code)}</option>)}
				</select>
				<button type="button" class="button" disabled={busy} onClick={() => void run("close", {})}>{t("action.close")}</button>
				<button type="button" class="button" disabled={busy} onClick={() => { onChosen(new Set()); setRefused([]); }}>{t("bulk.none")}</button>
				{busy && <span role="status"><progress max={chosen.size} value={chosen.size - left} /> {t("bulk.left", { n: left })}</span>}
			</p>
			{refused.map(([id, why]) => (
				<p key={id} class="mark tone-bad"><span aria-hidden="true">▲</span> {nameOf(id)}: <span lang="en">{why}</span></p>
			))}
		</div>
	);
}
