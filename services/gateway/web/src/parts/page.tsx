// A page: its title for the eye, the window and the screen reader.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n/i18n";

interface PageProps {
	title: string;
	note?: ComponentChildren;
	actions?: ComponentChildren;
	children: ComponentChildren;
}

export function Page({ title, note, actions, children }: PageProps) {
	useEffect(() => {
		document.title = `${title} · ${t("app.name")}`;
	}, [title]);
	return (
		<div class="page">
			<div class="page-head">
				<div>
					<h1 tabIndex={-1}>{title}</h1>
					{note && <p class="soft">{note}</p>}
				</div>
				{actions && <div class="actions">{actions}</div>}
			</div>
			{children}
		</div>
	);
}
