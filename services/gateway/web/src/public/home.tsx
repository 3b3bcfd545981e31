import { locale } from "../i18n/lang";
import { address } from "../lib/router";
import { useLoaded } from "./loaded";
import { sectionsOf } from "./sections";
import type { FaqEntry } from "./types";
import { say } from "./words";

const ways = ["complain", "ask", "apply", "book", "follow", "centres", "faq", "figures"] as const;

export function HomePage() {
	// Without them the page is whole as well.
	const { data } = useLoaded<{ entries?: FaqEntry[] }>("/faq", { lang: locale() });
	return (
		<ul class="ways">
			{ways.map((way) => (
				<li key={way}>
					<a href={address(`/public/${way}`)}>
						<b>{say(`home.${way}`)}</b>
						<span>{say(`home.${way}.hint`)}</span>
					</a>
				</li>
			))}
			{sectionsOf(data?.entries ?? []).map((section) => (
				<li key={section.code}>
					<a href={address("/public/read", { section: section.code })}>
						<b lang={section.lang}>{section.title ?? section.code}</b>
						<span>{say("home.section.hint")}</span>
					</a>
				</li>
			))}
		</ul>
	);
}
