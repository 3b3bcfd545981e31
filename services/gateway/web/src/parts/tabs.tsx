// Parts of a section, each with an address of its own.
import { address } from "../lib/router";

export interface Tab {
	path: string;
	text: string;
}

export function TabBar({ label, tabs, at }: { label: string; tabs: readonly Tab[]; at: string }) {
	return (
		<nav class="tabs" aria-label={label}>
			{tabs.map((tab) => (
				<a key={tab.path} href={address(tab.path)} aria-current={tab.path === at ? "page" : undefined}>{tab.text}</a>
			))}
		</nav>
	);
}
