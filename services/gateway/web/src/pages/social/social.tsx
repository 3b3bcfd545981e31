// Social listening: the board, what waits for a reaction, mentions, the media desk, the
// digest of a day.
import { addTexts } from "../../i18n/i18n";
import { social as en } from "../../i18n/social.en";
import { social as ru } from "../../i18n/social.ru";
import { social as zh } from "../../i18n/social.zh";
import { lazy } from "../../lib/lazy";
import { NotFoundPage } from "../not-found";
import type { View } from "../view";
import { BoardPage } from "./board";
import { DigestPage } from "./digest";
import { MentionPage } from "./mention";
import { MentionsPage } from "./mentions";
import { PressPage } from "./press";
import { QueuePage } from "./queue";

// What listening is made of is for fewer people still.
const ListenPage = lazy(() => import("../listen/listen").then((m) => m.ListenPage));

addTexts({ en, ru, zh });

export function SocialPage({ path, view }: { path: string; view: View }) {
	const mention = /^\/social\/mentions\/([^/]+)$/.exec(path)?.[1];
	if (mention !== undefined) return <MentionPage key={mention} id={decodeURIComponent(mention)} view={view} />;
	if (/^\/social\/(watches|training|feeds|sources)(\/|$)/.test(path)) return <ListenPage path={path} view={view} />;
	switch (path) {
		case "/social":
			return <BoardPage view={view} />;
		case "/social/queue":
			return <QueuePage view={view} />;
		case "/social/mentions":
			return <MentionsPage view={view} />;
		case "/social/press":
			return <PressPage view={view} />;
		case "/social/digest":
			return <DigestPage view={view} />;
		default:
			return <NotFoundPage />;
	}
}
