import { t } from "../i18n/i18n";
import { address } from "../lib/router";
import { Page } from "../parts/page";

export function NotFoundPage() {
	return (
		<Page title={t("not_found.title")}>
			<p>{t("not_found.text")}</p>
			<p><a href={address("/")}>{t("nav.overview")}</a></p>
		</Page>
	);
}
