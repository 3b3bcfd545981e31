// What listening is made of: rules, the model, feeds, sources and their warnings.
import { may } from "../../frame/sections";
import { addTexts } from "../../i18n/i18n";
import { listen as en } from "../../i18n/listen.en";
import { listen as ru } from "../../i18n/listen.ru";
import { listen as zh } from "../../i18n/listen.zh";
import { NotFoundPage } from "../not-found";
import type { View } from "../view";
import { FeedsPage } from "./feeds";
import { SourcesPage } from "./sources";
import { TrainingPage } from "./training";
import { WatchPage } from "./watch";
import { WatchesPage } from "./watches";

addTexts({ en, ru, zh });

export function ListenPage({ path, view }: { path: string; view: View }) {
	if (!may(view.who, ["reader", "handler", "admin"])) return <NotFoundPage />;
	const watch = /^\/social\/watches\/([^/]+)$/.exec(path)?.[1];
	if (watch !== undefined) return <WatchPage key={watch} code={decodeURIComponent(watch)} view={view} />;
	switch (path) {
		case "/social/watches":
			return <WatchesPage view={view} />;
		case "/social/training":
			return <TrainingPage view={view} />;
		case "/social/feeds":
			return <FeedsPage view={view} />;
		case "/social/sources":
			return <SourcesPage view={view} />;
		default:
			return <NotFoundPage />;
	}
}
