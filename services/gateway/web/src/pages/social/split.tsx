// Counts by one property, the most first: each row a bar, a number and what it was before;
// picture and table at once.
import { t } from "../../i18n/i18n";
import * as format from "../../lib/format";
import type { Line } from "./counts";
import { Change } from "./words";

// More are seen in the list of mentions.
const ROWS = 8;

interface Props {
	id: string;
	title: string;
	lines: readonly Line[] | undefined;
	name: (code: string) => string;
	href: (code: string) => string;
	tone?: (code: string) => string;
}

export function SplitPanel({ id, title, lines, name, href, tone }: Props) {
	const all = (lines ?? []).reduce((sum, line) => sum + line.mentions, 0);
	const most = Math.max(1, ...(lines ?? []).map((line) => line.mentions));
	return (
		<section class="panel" aria-labelledby={id} aria-busy={lines === undefined}>
			<h2 id={id}>{title}</h2>
			<table class="list bars">
				<caption class="unseen">{title}</caption>
				<thead class="unseen">
					<tr>
						<th scope="col">{title}</th>
						<th scope="col">{t("social.mentions")}</th>
					</tr>
				</thead>
				<tbody>
					{(lines ?? []).slice(0, ROWS).map((line) => (
						<tr key={line.code}>
							<th scope="row">
								<a class="quiet" href={href(line.code)}>{name(line.code)}</a>
								<div class={`bar tone-${tone?.(line.code) ?? "series"}`} aria-hidden="true"><div style={{ width: `${(100 * line.mentions) / most}%` }} /></div>
							</th>
							<td class="num" title={t("figure.counts", { numerator: line.mentions, denominator: all })}>
								{format.integer(line.mentions)} {all > 0 && <small class="soft">{format.percent(line.mentions / all)}</small>}
								<br /><small><Change now={line.mentions} before={line.before} /></small>
							</td>
						</tr>
					))}
				</tbody>
			</table>
			{lines?.length === 0 && <p class="empty">{t("social.split.none")}</p>}
			{(lines?.length ?? 0) > ROWS && <p class="soft">{t("social.split.more", { n: lines!.length - ROWS })}</p>}
		</section>
	);
}
