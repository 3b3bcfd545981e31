// Calendars: the week, and a year of days at a glance. A day says by shape and colour
// what it is, and is changed where it stands.
import { useRef, useState } from "preact/hooks";
import { announce } from "../../frame/announce";
import { locale, t, word } from "../../i18n/i18n";
import { ApiError, apiPath, send } from "../../lib/api";
import { nameOf, type Calendar, type CalendarDay, type Dated } from "../../lib/directory";
import { useFetched } from "../../lib/fetched";
import * as format from "../../lib/format";
import { dayNumber, dayText, today } from "../../lib/period";
import { uuid } from "../../lib/uuid";
import { ProblemBox } from "../../parts/problem";
import { hoursText, readHours, weekDays, type Hours } from "../../parts/values";
import { RecordsTab, type ListConfig } from "./record-list";
import { recordTypes } from "./records";

const calendars: ListConfig = {
	tab: "calendars",
	type: recordTypes.calendar,
	path: "/calendars",
	read: (reply) => ({ rows: (reply["calendars"] ?? []) as Dated[], next: "" }),
	columns: ["code", "week", "valid_from_day"],
};

export type DayKind = "open" | "closed" | "short" | "holiday" | "extra";

export interface YearDay {
	day: string;
	weekday: number; // 1 = Monday
	kind: DayKind;
	hours: readonly Hours[];
	exception: CalendarDay | undefined;
}

function minutes(hours: readonly Hours[]): number {
	return hours.reduce((sum, h) => sum + (h.to_minute ?? 0) - (h.from_minute ?? 0), 0);
}

function weekOf(weeks: readonly Calendar[], day: string): Calendar | undefined {
	return weeks.filter((week) => (week.valid_from_day ?? "") <= day).sort((a, b) => ((a.valid_from_day ?? "") < (b.valid_from_day ?? "") ? 1 : -1))[0];
}

// What each day of the year is: as its weekday says, unless the day says otherwise.
export function yearDays(year: number, weeks: readonly Calendar[], exceptions: readonly CalendarDay[]): YearDay[] {
	const first = dayNumber(`${year}-01-01`);
	const length = dayNumber(`${year + 1}-01-01`) - first;
	const by = new Map(exceptions.map((e) => [e.day, e]));
	return Array.from({ length }, (_, i) => {
		const number = first + i;
		const day = dayText(number);
		const weekday = ((number + 3) % 7) + 1;
		const week = weekOf(weeks, day);
		const usual = (on: number): readonly Hours[] => week?.week?.find((w) => w.weekday === on)?.hours ?? [];
		const exception = by.get(day);
		const hours = !exception ? usual(weekday) : exception.like_weekday ? usual(exception.like_weekday) : (exception.hours ?? []);
		const [is, was] = [minutes(hours), minutes(usual(weekday))];
		const kind: DayKind = is === 0 ? (was > 0 ? "holiday" : "closed") : was === 0 ? "extra" : is < was ? "short" : "open";
		return { day, weekday, kind, hours, exception };
	});
}

function dayLabel(of: YearDay): string {
	const why = of.exception?.names ? `, ${nameOf(of.exception, "")}` : "";
	const hours = of.hours.length > 0 ? `, ${hoursText(of.hours)}` : "";
	return `${format.day(of.day)}, ${word("weekday", String(of.weekday))}: ${t(`calendar.${of.kind}`)}${hours}${why}`;
}

function Month({ days, at, chosen, onChoose }: { days: readonly YearDay[]; at: string; chosen: string; onChoose: (day: string) => void }) {
	const first = days[0]!;
	const cells: (YearDay | null)[] = [...Array<null>(first.weekday - 1).fill(null), ...days];
	const rows = Array.from({ length: Math.ceil(cells.length / 7) }, (_, i) => cells.slice(i * 7, i * 7 + 7));
	const name = new Intl.DateTimeFormat(locale(), { month: "long", timeZone: "UTC" }).format(new Date(`${first.day}T00:00:00Z`));
	return (
		<table class="month">
			<caption>{locale() === "ru" ? name[0]!.toUpperCase() + name.slice(1) : name}</caption>
			<thead>
				<tr>
					{weekDays.map((d) => (
						<th key={d} scope="col"><abbr title={word("weekday", String(d))}>{word("weekday.short", String(d))}</abbr></th>
					))}
				</tr>
			</thead>
			<tbody>
				{rows.map((row, i) => (
					<tr key={i}>
						{weekDays.map((_, column) => {
							const of = row[column];
							if (!of) return <td key={column} />;
							return (
								<td key={column}>
									<button
										type="button"
										class={`day day-${of.kind}`}
										data-day={of.day}
										tabIndex={of.day === at ? 0 : -1}
										aria-pressed={of.day === chosen}
										aria-current={of.day === today() ? "date" : undefined}
										aria-label={dayLabel(of)}
										onClick={() => onChoose(of.day)}
									>
										{Number(of.day.slice(8))}
									</button>
								</td>
							);
						})}
					</tr>
				))}
			</tbody>
		</table>
	);
}

const choices = ["usual", "closed", "hours", "like"] as const;
type Choice = (typeof choices)[number];

function DayForm({ calendar, of, onSaved, onClose }: { calendar: string; of: YearDay; onSaved: () => void; onClose: () => void }) {
	const e = of.exception;
	const before: Choice = !e ? "usual" : e.like_weekday ? (e.like_weekday === of.weekday ? "usual" : "like") : (e.hours ?? []).length > 0 ? "hours" : "closed";
	const [choice, setChoice] = useState<Choice>(before);
	const [hours, setHours] = useState(hoursText(of.hours));
	const [like, setLike] = useState(e?.like_weekday ?? 1);
	const [why, setWhy] = useState(nameOf(e, ""));
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<ApiError | undefined>();
	const read = readHours(hours);
	const ready = choice !== "hours" || (read !== null && read.length > 0);
	const save = async (event: Event): Promise<void> => {
		event.preventDefault();
		if (busy || !ready) return;
		setBusy(true);
		setError(undefined);
		const names = why.trim() === "" ? {} : { names: [{ lang: locale(), text: why.trim() }] };
		const said = { usual: { like_weekday: of.weekday }, closed: {}, hours: { hours: read }, like: { like_weekday: like } }[choice];
		try {
			await send("POST", "/api/v1/directory/records", { record: { calendar_day: { calendar, day: of.day, ...said, ...names } } }, uuid());
			announce(t("record.saved"));
			onSaved();
		} catch (cause) {
			setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		}
		setBusy(false);
	};
	return (
		<form class="form" onSubmit={(ev) => void save(ev)}>
			<fieldset class="group">
				<legend>{format.day(of.day)}, {word("weekday", String(of.weekday))}</legend>
				{choices.map((name) => (
					<label key={name} class="check">
						<input type="radio" name="day-kind" checked={choice === name} onChange={() => setChoice(name)} /> <span>{t(`calendar.day.${name}`)}</span>
					</label>
				))}
			</fieldset>
			{choice === "hours" && (
				<label>
					<span>{t("calendar.hours")}</span>
					<input class="control" maxLength={100} aria-invalid={!ready} value={hours} onInput={(ev) => setHours(ev.currentTarget.value)} />
					<span class="soft">{t("field.week.hint")}</span>
				</label>
			)}
			{choice === "like" && (
				<label>
					<span>{t("calendar.like")}</span>
					<select class="control" value={String(like)} onChange={(ev) => setLike(Number(ev.currentTarget.value))}>
						{weekDays.map((d) => <option key={d} value={String(d)}>{word("weekday", String(d))}</option>)}
					</select>
				</label>
			)}
			<label>
				<span>{t("calendar.why")}</span>
				<input class="control" maxLength={200} value={why} onInput={(ev) => setWhy(ev.currentTarget.value)} />
			</label>
			<p class="soft">{t("calendar.effect")}</p>
			{error && <ProblemBox error={error} kept={t("action.kept")} />}
			<div class="choices">
				<button class="button button-main" disabled={busy || !ready}>{busy ? t("state.saving") : t("record.save")}</button>
				<button type="button" class="button" onClick={onClose}>{t("action.cancel")}</button>
			</div>
		</form>
	);
}

const legend = ["open", "short", "closed", "holiday", "extra"] as const;
const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

export function YearPanel({ calendar, may }: { calendar: string; may: boolean }) {
	const [year, setYear] = useState(Number(today().slice(0, 4)));
	const [chosen, setChosen] = useState(""); // "": no day yet
	const box = useRef<HTMLDivElement>(null);
	const { before: data, error, reload } = useFetched<{ weeks?: Calendar[]; days?: CalendarDay[] }>(
		apiPath(`/calendars/${encodeURIComponent(calendar)}`, { year }),
	);
	const days = yearDays(year, data?.weeks ?? [], data?.days ?? []);
	const open = days.find((d) => d.day === chosen);
	// What the Tab key reaches.
	const at = open ?? days.find((d) => d.day === today()) ?? days[0]!;
	const focus = (day: string): void => box.current?.querySelector<HTMLElement>(`[data-day="${day}"]`)?.focus();
	const move = (event: KeyboardEvent): void => {
		const step = steps[event.key];
		const to = step && days.find((d) => d.day === dayText(dayNumber(at.day) + step));
		if (!to) return;
		event.preventDefault();
		setChosen(to.day);
		focus(to.day);
	};
	const close = (): void => {
		focus(at.day);
		setChosen("");
	};
	return (
		<section class="panel" aria-labelledby="year-title">
			<div class="panel-head">
				<h2 id="year-title">{t("calendar.year", { year: String(year) })}</h2>
				<div class="choices">
					<button type="button" class="button" onClick={() => setYear(year - 1)}>{t("calendar.before")}</button>
					<button type="button" class="button" onClick={() => setYear(year + 1)}>{t("calendar.after")}</button>
				</div>
			</div>
			{error && <ProblemBox error={error} onRetry={reload} />}
			<ul class="legend">
				{legend.map((kind) => (
					<li key={kind}><span class={`day day-${kind}`} aria-hidden="true">5</span> {t(`calendar.${kind}`)}</li>
				))}
			</ul>
			<div class="year" ref={box} onKeyDown={move}>
				{Array.from({ length: 12 }, (_, m) => (
					<Month key={m} days={days.filter((d) => Number(d.day.slice(5, 7)) === m + 1)} at={at.day} chosen={chosen} onChoose={setChosen} />
				))}
			</div>
			{open ? (
				<div class="day-form">
					{may ? <DayForm key={`${open.day}/${open.kind}`} calendar={calendar} of={open} onSaved={reload} onClose={close} /> : <p>{dayLabel(open)}</p>}
				</div>
			) : <p class="soft">{t(may ? "calendar.choose" : "calendar.look")}</p>}
			<p class="soft">{t("calendar.ics")}</p>
		</section>
	);
}

export function CalendarsTab({ open, may }: { open: string; may: boolean }) {
	return (
		<RecordsTab
			config={calendars}
			open={open}
			may={may}
			more={(record) => <YearPanel calendar={String(record["code"])} may={may} />}
		/>
	);
}
