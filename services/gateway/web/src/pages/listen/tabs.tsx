// The parts of listening that are kept by hand.
import { t } from "../../i18n/i18n";
import { TabBar } from "../../parts/tabs";

export function ListenTabs({ at }: { at: string }) {
	const tabs = [
		{ path: "/social/watches", text: t("listen.watches") },
		{ path: "/social/training", text: t("listen.training") },
		{ path: "/social/feeds", text: t("listen.feeds") },
		{ path: "/social/sources", text: t("listen.sources") },
	];
	return <TabBar label={t("listen.title")} tabs={tabs} at={at} />;
}
