import { KeyTable } from "../frame/help";
import { t } from "../i18n/i18n";
import { prefix } from "../lib/router";
import { Page } from "../parts/page";

export function AboutPage() {
	return (
		<Page title={t("nav.about")} note={t("about.note")}>
			<div class="columns">
				<section class="panel">
					<h2>{t("about.numbers")}</h2>
					<dl class="terms">
						<dt>{t("about.base")}</dt><dd>{t("about.base_text")}</dd>
						<dt>{t("about.interval")}</dt><dd>{t("about.interval_text")}</dd>
						<dt>{t("about.compare")}</dt><dd>{t("about.compare_text")}</dd>
						<dt>{t("about.provisional")}</dt><dd>{t("about.provisional_text")}</dd>
						<dt>{t("about.days")}</dt><dd>{t("about.days_text")}</dd>
					</dl>
				</section>
				<section class="panel">
					<h2>{t("keys.title")}</h2>
					<KeyTable />
				</section>
				<section class="panel">
					<h2>{t("about.programs")}</h2>
					<p>{t("about.programs_text")}</p>
					<p><a href={`${prefix()}/api/v1/openapi.json`} target="_blank" rel="noreferrer">openapi.json</a></p>
				</section>
			</div>
		</Page>
	);
}
