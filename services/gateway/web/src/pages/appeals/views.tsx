// Saved views: a list's filters under a name, for oneself or for a unit.
import { useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { t } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import { here, setQuery } from "../../lib/router";
import type { ListViewsReply, SavedView } from "../../lib/types";
import { uuid } from "../../lib/uuid";
import { ProblemBox } from "../../parts/problem";
import { filterOfParams, paramsOf, readFilter } from "./filters";

// Scope and period stay the reader's own. A handler's own cases are saved as those of
// a name: shared, they are still the saver's.
function filterOf(view: SavedView, me: string): Record<string, string> {
	return filterOfParams(Object.fromEntries((view.filter ?? []).map(({ field, value }) => [field ?? "", value ?? ""])), me);
}

function isShown(view: SavedView, me: string): boolean {
	const now = here().query;
	return Object.entries(filterOf(view, me)).every(([name, value]) => (now[name] ?? "") === value);
}

export function Views({ me, unit }: { me: string; unit: string }) {
	const list = useFetched<ListViewsReply>(apiPath("/views"));
	const [name, setName] = useState("");
	const [shared, setShared] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const views = list.data?.views ?? [];
	const shown = views.find((view) => isShown(view, me));

	const change = async (done: string, work: () => Promise<unknown>): Promise<void> => {
		setError(undefined);
		try {
			await work();
			announce(done);
			setName("");
			list.reload();
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
	};
	const save = (event: Event): void => {
		event.preventDefault();
		const params = Object.entries(paramsOf(readFilter(here().query), me));
		const filter = params.filter(([, value]) => value).map(([field, value]) => ({ field, value }));
		void change(t("view.saved"), () => send("POST", apiPath("/views"), { code: uuid(), name: name.trim(), unit: shared ? unit : "", filter }));
	};
	return (
		<div class="views choices" role="group" aria-label={t("view.title")}>
			{views.map((view) => (
				<button
					key={`${view.owner}/${view.code}`}
					type="button"
					class="button"
					aria-pressed={view === shown}
					title={view.owner === me ? undefined : t("view.of", { name: view.owner ?? "" })}
					onClick={() => setQuery(filterOf(view, me))}
				>
					{view.name || view.code}
				</button>
			))}
			<details>
				<summary class="button">{t("view.save")}</summary>
				<form class="form box" onSubmit={save}>
					<label>
						<span>{t("view.name")}</span>
						<input class="control" maxLength={100} required value={name} onInput={(e) => setName(e.currentTarget.value)} />
					</label>
					{unit !== "" && (
						<label class="check">
							<input type="checkbox" checked={shared} onChange={(e) => setShared(e.currentTarget.checked)} /> <span>{t("view.share", { unit })}</span>
						</label>
					)}
					<div class="choices">
						<button class="button button-main" disabled={name.trim() === ""}>{t("view.save_now")}</button>
						{shown && shown.owner === me && (
							<button
								type="button"
								class="button"
								onClick={() => void change(t("view.dropped"), () => send("DELETE", apiPath(`/views/${encodeURIComponent(shown.code)}`)))}
							>
								{t("view.drop", { name: shown.name ?? "" })}
							</button>
						)}
					</div>
					{error && <ProblemBox error={error} kept={t("action.kept")} />}
				</form>
			</details>
		</div>
	);
}
