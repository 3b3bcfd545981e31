// Audit and customers' data are one section: who may see which part of it.
import { may } from "../../frame/sections";
import { t } from "../../i18n/i18n";
import type { Principal } from "../../lib/types";
import { TabBar } from "../../parts/tabs";

// Who shows and erases what is kept (services/complaints/handlers.c).
export function keeps(who: Principal): boolean {
	return may(who, ["privacy", "admin"]);
}

export function watches(who: Principal): boolean {
	return keeps(who) || may(who, ["auditor"]);
}

export function PrivacyTabs({ who, at }: { who: Principal; at: string }) {
	const tabs = [
		...(may(who, ["auditor", "admin"]) ? [{ path: "/audit", text: t("nav.audit") }] : []),
		...(keeps(who) ? [{ path: "/privacy", text: t("privacy.customer") }] : []),
		{ path: "/privacy/erasures", text: t("privacy.erasures") },
		{ path: "/privacy/retention", text: t("privacy.retention") },
	];
	return <TabBar label={t("nav.privacy")} tabs={tabs} at={at} />;
}
