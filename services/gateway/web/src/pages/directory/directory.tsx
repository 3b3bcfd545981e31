// The directory: which of its parts, and which record of it, an address is.
import type { View } from "../view";
import { NotFoundPage } from "../not-found";
import { CalendarsTab } from "./calendars";
import { CentresTab } from "./centres";
import { DenominatorsTab, DepartmentsTab, EmployeesTab, PeopleTab, TermsTab } from "./lists";
import { PoliciesTab } from "./policies";
import { tabs } from "./tabs";
import { UnitRecordPage, UnitsPage } from "./units";

export function DirectoryPage({ path, view }: { path: string; view: View }) {
	const [, name = "units", record = ""] = /^\/directory(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(path) ?? [];
	const tab = tabs.find((known) => known === name);
	const may = view.who.roles?.includes("admin") ?? false;
	const at = { open: decodeURIComponent(record), view, may };
	switch (tab) {
		case "units":
			return at.open === "" ? <UnitsPage view={view} may={may} /> : <UnitRecordPage {...at} />;
		case "departments":
			return <DepartmentsTab {...at} />;
		case "employees":
			return <EmployeesTab {...at} />;
		case "terms":
			return <TermsTab {...at} />;
		case "calendars":
			return <CalendarsTab {...at} />;
		case "policies":
			return <PoliciesTab {...at} />;
		case "centres":
			return <CentresTab {...at} />;
		case "denominators":
			return <DenominatorsTab {...at} />;
		case "people":
			return <PeopleTab {...at} />;
		case undefined:
			return <NotFoundPage />;
	}
}
