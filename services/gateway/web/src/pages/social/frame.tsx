// The parts of the section, and what is said where there is no such service.
import { t } from "../../i18n/i18n";
import { Page } from "../../parts/page";
import { TabBar } from "../../parts/tabs";

export function SocialTabs({ at }: { at: string }) {
	const tabs = [
		{ path: "/social", text: t("social.board") },
		{ path: "/social/queue", text: t("social.queue") },
		{ path: "/social/mentions", text: t("social.mentions") },
		{ path: "/social/press", text: t("social.press") },
		{ path: "/social/digest", text: t("social.digest") },
		{ path: "/social/watches", text: t("social.watches") },
		{ path: "/social/training", text: t("social.training") },
		{ path: "/social/feeds", text: t("social.feeds") },
		{ path: "/social/sources", text: t("social.origins") },
	];
	return <TabBar label={t("nav.social")} tabs={tabs} at={at} />;
}

export function Absent({ title }: { title: string }) {
	return (
		<Page title={title}>
			<div class="box box-warn" role="status">
				<p><strong><span aria-hidden="true">◆</span> {t("social.absent")}</strong></p>
				<p>{t("social.absent.do")}</p>
			</div>
		</Page>
	);
}
