// What is kept of customers: shown to them and erased, the record of that, and how
// long it is kept. Beside the audit, since both are asked by the same people.
import type { View } from "../view";
import { NotFoundPage } from "../not-found";
import { CustomerPage } from "./customer";
import { ErasuresPage } from "./erasures";
import { RetentionPage } from "./retention";
import { keeps, watches } from "./tabs";

export function PrivacyPage({ path, view }: { path: string; view: View }) {
	const { who } = view;
	if (!watches(who)) return <NotFoundPage />;
	switch (path) {
		case "/privacy":
			return keeps(who) ? <CustomerPage view={view} /> : <ErasuresPage view={view} />;
		case "/privacy/erasures":
			return <ErasuresPage view={view} />;
		case "/privacy/retention":
			return <RetentionPage view={view} may={keeps(who) && !who.unit} />;
		default:
			return <NotFoundPage />;
	}
}
