import { locale } from "../i18n/lang";
import { useLoaded } from "./loaded";
import { Wait } from "./wait";
import { monthText, say } from "./words";

interface Month {
	first_day: string;
	appeals?: string;
	in_time?: string;
	judged?: string;
}

export function FiguresPage() {
	const loaded = useLoaded<{ months?: Month[] }>("/figures");
	if (!loaded.data) return <Wait of={loaded} />;
	const months = [...(loaded.data.months ?? [])].reverse();
	if (months.length === 0) return <p>{say("figures.none")}</p>;
	const number = new Intl.NumberFormat(locale());
	const share = new Intl.NumberFormat(locale(), { style: "percent" });
	return (
		<>
			<table>
				<thead>
					<tr><th scope="col">{say("figures.month")}</th><th scope="col">{say("figures.appeals")}</th><th scope="col">{say("figures.in_time")}</th></tr>
				</thead>
				<tbody>
					{months.map((m) => {
						const all = Number(m.judged ?? 0);
						const n = Number(m.in_time ?? 0);
						return (
							<tr key={m.first_day}>
								<th scope="row" class="code">{monthText(m.first_day)}</th>
								<td>{number.format(Number(m.appeals ?? 0))}</td>
								<td>{all > 0 ? say("figures.of", { share: share.format(n / all), n: number.format(n), all: number.format(all) }) : "–"}</td>
							</tr>
						);
					})}
				</tbody>
			</table>
			<p class="soft">{say("figures.note")}</p>
		</>
	);
}
