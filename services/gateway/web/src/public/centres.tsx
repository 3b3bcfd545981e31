import { labelText } from "../i18n/lang";
import { address } from "../lib/router";
import { useLoaded } from "./loaded";
import type { Centre } from "./types";
import { Wait } from "./wait";
import { clockText, dayText, say } from "./words";

function Hours({ of }: { of: Centre }) {
	if (!of.days?.length) return null;
	return (
		<details>
			<summary>{say("centres.hours")}</summary>
			<dl class="hours">
				{of.days.map((d) => (
					<div key={d.day}>
						<dt class="code">{dayText(d.day)}</dt>
						<dd>{d.hours?.length ? d.hours.map((h) => `${clockText(h.from_minute ?? 0)}–${clockText(h.to_minute ?? 0)}`).join(", ") : say("centres.closed")}</dd>
					</div>
				))}
			</dl>
		</details>
	);
}

export function CentresPage() {
	const loaded = useLoaded<{ centres?: Centre[] }>("/centres");
	if (!loaded.data) return <Wait of={loaded} />;
	const centres = loaded.data.centres ?? [];
	if (centres.length === 0) return <p>{say("centres.none")}</p>;
	return (
		<ul class="cards">
			{centres.map((c) => (
				<li key={c.unit}>
					<h2 class="code">{labelText(c.names, c.unit)}</h2>
					{!c.open && <p><b>{say("centres.soon")}</b></p>}
					{c.addresses?.length ? <p class="code">{labelText(c.addresses, "")}</p> : null}
					{c.phone && <p>{say("centres.phone")}{" "}<a class="code" href={`tel:${c.phone.replace(/[^+\d]/g, "")}`}>{c.phone}</a></p>}
					{c.email && <p><a class="code" href={`mailto:${c.email}`}>{c.email}</a></p>}
					<Hours of={c} />
					{c.booked?.length ? <p><a href={address("/public/book", { centre: c.unit })}>{say("centres.book")}<span class="unseen code">{" "}{labelText(c.names, c.unit)}</span></a></p> : null}
				</li>
			))}
		</ul>
	);
}
