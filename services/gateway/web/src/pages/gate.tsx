// The sheet before the pages: sign-in and the first password.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Settings } from "../frame/settings";
import { t } from "../i18n/i18n";

export function Gate({ title, children }: { title: string; children: ComponentChildren }) {
	useEffect(() => {
		document.title = `${title} · ${t("app.name")}`;
	}, [title]);
	return (
		<main class="gate">
			<p class="brand">{t("app.name")} <span lang="zh">溯源</span></p>
			<h1>{title}</h1>
			{children}
			<Settings />
		</main>
	);
}
