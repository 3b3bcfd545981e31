// What goes out to customers and programs, and the mailboxes that appeals come in by.
import { may } from "../../frame/sections";
import { NotFoundPage } from "../not-found";
import type { View } from "../view";
import { MailboxesPage } from "./mailboxes";
import { MessagesPage } from "./messages";
import { WebhooksPage } from "./webhooks";

export function MailPage({ path, view }: { path: string; view: View }) {
	if (!may(view.who, ["admin"])) return <NotFoundPage />;
	switch (path) {
		case "/system/messages":
			return <MessagesPage who={view.who} />;
		case "/system/mailboxes":
			return <MailboxesPage who={view.who} />;
		case "/system/webhooks":
			return <WebhooksPage who={view.who} />;
		default:
			return <NotFoundPage />;
	}
}
