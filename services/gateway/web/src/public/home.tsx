import { address } from "../lib/router";
import { say } from "./words";

const ways = ["complain", "ask", "apply", "book", "follow", "centres", "faq", "figures"] as const;

export function HomePage() {
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
		</ul>
	);
}
