// The parts of the directory, each with an address of its own.
import { t, type Key } from "../../i18n/i18n";
import { address } from "../../lib/router";

export const tabs = [
	"units", "departments", "employees", "terms", "calendars", "policies", "centres", "denominators", "people",
] as const;
export type Tab = (typeof tabs)[number];

export function Tabs({ tab }: { tab: string }) {
	return (
		<nav class="tabs" aria-label={t("directory.parts")}>
			{tabs.map((name) => (
				<a key={name} href={address(`/directory/${name}`)} aria-current={name === tab ? "page" : undefined}>
					{t(`directory.tab.${name}` satisfies Key)}
				</a>
			))}
		</nav>
	);
}
