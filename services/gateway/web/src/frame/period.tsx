// The period of all views: four that end today, or any two days.
import { useState } from "preact/hooks";
import { t, type Key } from "../i18n/i18n";
import { isDay, periodIds, type Period } from "../lib/period";
import { setQuery } from "../lib/router";

export function PeriodPicker({ period }: { period: Period }) {
	const ranged = period.id.includes("..");
	const [own, setOwn] = useState(false);
	const [days, setDays] = useState({ from: period.from, to: period.to });
	const open = own || ranged;
	const put = (from: string, to: string): void => {
		setDays({ from, to });
		if (isDay(from) && isDay(to) && from <= to) setQuery({ period: `${from}..${to}`, cursor: "" });
	};
	return (
		<div class="period">
			<label class="unseen" for="period">{t("period.label")}</label>
			<select
				id="period"
				class="control"
				value={open ? "own" : period.id}
				onChange={(event) => {
					const id = event.currentTarget.value;
					setOwn(id === "own");
					setDays({ from: period.from, to: period.to });
					if (id !== "own") setQuery({ period: id, cursor: "" });
				}}
			>
				{periodIds.map((id) => (
					<option key={id} value={id}>{t(`period.${id}` as Key)}</option>
				))}
				<option value="own">{t("period.own")}</option>
			</select>
			{open && (
				<span class="period-days">
					<input
						type="date"
						class="control"
						aria-label={t("period.from")}
						value={days.from}
						max={days.to}
						onChange={(event) => put(event.currentTarget.value, days.to)}
					/>
					<span aria-hidden="true">–</span>
					<input
						type="date"
						class="control"
						aria-label={t("period.to")}
						value={days.to}
						min={days.from}
						onChange={(event) => put(days.from, event.currentTarget.value)}
					/>
				</span>
			)}
		</div>
	);
}
