// Is it getting better, where not, who answers for it: five figures, one of them
// over time, all of them by the units below.
import { useEffect } from "preact/hooks";
import { useKeys } from "../../frame/keys";
import { t, type Key } from "../../i18n/i18n";
import { apiPath } from "../../lib/api";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { find, indicators, isIndicator } from "../../lib/indicator";
import { useNewAppeals } from "../../lib/live";
import { unitName, useRoot, useUnit } from "../../lib/names";
import { daysParameter, isProvisional, periodBefore, today } from "../../lib/period";
import { address, setQuery, usePlace } from "../../lib/router";
import { count, type GetCellsReply } from "../../lib/types";
import { Tile } from "../../parts/figure";
import { Page } from "../../parts/page";
import { ProblemBox } from "../../parts/problem";
import type { View } from "../view";
import { SeriesPanel } from "./series-panel";
import { UnitsPanel } from "./units-panel";

// The numbers follow what happens, but no more often than a reader can follow.
const REFRESH_MS = 15_000;

export function OverviewPage({ view }: { view: View }) {
	const { unit, period } = view;
	const asked = usePlace().query["indicator"];
	const indicator = isIndicator(asked) ? asked : "appeals";
	const { fresh, reset } = useNewAppeals();
	const root = useRoot(unit, view.who);
	const now = useFetched<GetCellsReply>(apiPath("/cells", { unit, days: daysParameter(period) }));
	const before = useFetched<GetCellsReply>(
		apiPath("/cells", { unit, days: daysParameter(periodBefore(period)) }),
	);
	const split = useFetched<GetCellsReply>(
		apiPath("/cells", {
			unit: root,
			days: daysParameter(period),
			split_by: "BY_CHILD_UNIT",
			limit: 10_000,
		}),
	);
	const known = useUnit(root === "" ? null : root);

	const refresh = (): void => {
		now.reload();
		split.reload();
		reset();
	};
	useEffect(() => {
		if (fresh > 0 && !document.hidden && Date.now() - now.at > REFRESH_MS) refresh();
	}, [fresh]);
	useKeys({ n: refresh });

	const cells = now.data?.cells;
	const timely = find(cells, "first_response_timely");
	const running = cells ? find(cells, "appeals").numerator - timely.denominator : 0;
	const behind = count(now.data?.events_behind);

	return (
		<Page
			title={t("overview.title", { unit: root === "" ? t("scope.all") : unitName(known?.unit, root) })}
			note={t("overview.period", { from: format.day(period.from), to: format.day(period.to) })}
			actions={
				<>
					<button
						type="button"
						class="button"
						onClick={refresh}
						disabled={fresh === 0}
						aria-keyshortcuts="n"
					>
						{fresh > 0 ? t("live.fresh", { n: fresh }) : t("live.none_new")}
					</button>
					<a class="button" href={address("/report")}>{t("report.link")}</a>
				</>
			}
		>
			{now.error && <ProblemBox error={now.error} kept={cells && t("problem.kept_numbers")} onRetry={now.reload} />}
			<ul class="tiles" aria-busy={now.busy}>
				{indicators.map((id) => (
					<Tile
						key={id}
						label={`indicator.${id}` as Key}
						now={cells && find(cells, id)}
						before={before.data && find(before.data.cells, id)}
						href={address("/appeals")}
						chosen={id === indicator}
						onChoose={() => setQuery({ indicator: id }, "replace")}
					/>
				))}
			</ul>
			<p class="provisional soft">
				{cells && running > 0 && <span><span aria-hidden="true">◷</span> {t("overview.running", { n: running })} </span>}
				{behind > 0 && <span><span aria-hidden="true">▨</span> {t("overview.behind", { n: behind })} </span>}
				{isProvisional(period.to, today()) && <span>{t("overview.provisional")}</span>}
			</p>
			<SeriesPanel unit={unit} period={period} indicator={indicator} at={now.at} />
			<UnitsPanel unit={root} reply={split.before} whole={cells} busy={split.busy} error={split.error} onRetry={split.reload} />
		</Page>
	);
}
