// The parts of the system page; those of mail are an administrator's.
import { may } from "../../frame/sections";
import { t } from "../../i18n/i18n";
import type { Principal } from "../../lib/types";
import { TabBar } from "../../parts/tabs";

export function SystemTabs({ who, at }: { who: Principal; at: string }) {
	if (!may(who, ["admin"])) return null;
	const tabs = [
		{ path: "/system", text: t("system.services") },
		{ path: "/system/messages", text: t("mail.messages") },
		{ path: "/system/mailboxes", text: t("mail.mailboxes") },
		{ path: "/system/webhooks", text: t("mail.webhooks") },
	];
	return <TabBar label={t("nav.system")} tabs={tabs} at={at} />;
}
