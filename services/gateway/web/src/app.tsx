// Who is signed in, and which page an address is.
import { useEffect, useState } from "preact/hooks";
import { Frame } from "./frame/frame";
import { home, may } from "./frame/sections";
import { pickLang, t, useLang } from "./i18n/i18n";
import { ApiError, get, send, setCsrf, whenSignedOut } from "./lib/api";
import { dropDrafts } from "./lib/drafts";
import { forgetAll } from "./lib/fetched";
import { lazy } from "./lib/lazy";
import { startLive, stopLive } from "./lib/live";
import { readPeriod, today } from "./lib/period";
import { address, go, inviteCode, usePlace } from "./lib/router";
import type { Session } from "./lib/types";
import { AboutPage } from "./pages/about";
import { AppealsPage } from "./pages/appeals/appeals";
import { AuditPage } from "./pages/audit";
import { CasePage } from "./pages/case/case";
import { InvitePage } from "./pages/invite";
import { NotFoundPage } from "./pages/not-found";
import { OverviewPage } from "./pages/overview/overview";
import { PasswordPage } from "./pages/password";
import { SignInPage } from "./pages/sign-in";
import { SystemPage } from "./pages/system";
import type { View } from "./pages/view";
import { ProblemBox } from "./parts/problem";

// What most people never open comes when it is asked for.
const DirectoryPage = lazy(() => import("./pages/directory/directory").then((m) => m.DirectoryPage));
const AnswersPage = lazy(() => import("./pages/answers/answers").then((m) => m.AnswersPage));

const PrivacyPage = lazy(() => import("./pages/privacy/privacy").then((m) => m.PrivacyPage));
const MailPage = lazy(() => import("./pages/mail/mail").then((m) => m.MailPage));
const SocialPage = lazy(() => import("./pages/social/social").then((m) => m.SocialPage));
const VisitsPage = lazy(() => import("./pages/visits").then((m) => m.VisitsPage));
const ReportPage = lazy(() => import("./pages/report").then((m) => m.ReportPage));

// undefined: not known yet; null: nobody.
type Known = Session | null | undefined;

function page(path: string, view: View) {
	const appeal = /^\/appeals\/([^/]+)$/.exec(path)?.[1];
	if (appeal !== undefined) return <CasePage key={appeal} id={decodeURIComponent(appeal)} view={view} />;
	if (/^\/directory(\/|$)/.test(path)) return <DirectoryPage path={path} view={view} />;
	if (/^\/answers(\/|$)/.test(path)) return <AnswersPage path={path} view={view} />;
	if (/^\/privacy(\/|$)/.test(path)) return <PrivacyPage path={path} view={view} />;
	if (/^\/social(\/|$)/.test(path)) return <SocialPage path={path} view={view} />;
	if (path.startsWith("/system/")) return <MailPage path={path} view={view} />;
	switch (path) {
		case "/":
			return <OverviewPage view={view} />;
		case "/appeals":
			return <AppealsPage view={view} />;
		case "/audit":
			return <AuditPage view={view} />;
		case "/system":
			return <SystemPage who={view.who} />;
		case "/visits":
			return <VisitsPage view={view} />;
		case "/report":
			return <ReportPage view={view} />;
		case "/about":
			return <AboutPage />;
		case "/password":
			return <PasswordPage />;
		default:
			return <NotFoundPage />;
	}
}

export function App() {
	useLang();
	const place = usePlace();
	const [session, setSession] = useState<Known>(undefined);
	const [error, setError] = useState<ApiError | undefined>();
	const [ended, setEnded] = useState(false);

	const begin = (next: Session): void => {
		setCsrf(next);
		pickLang(next.principal.lang);
		setEnded(false);
		setSession(next);
		// The service tells what happens to readers alone.
		if (may(next.principal, ["reader"])) startLive();
	};
	const end = (byItself: boolean): void => {
		setCsrf(null);
		stopLive();
		forgetAll();
		// What was typed is kept when the session ran out, for the same person
		// to go on with; who signs out takes it along.
		if (!byItself) dropDrafts();
		setEnded(byItself);
		setSession(null);
	};
	const look = (): void => {
		setError(undefined);
		get<Session>("/api/v1/session").then(begin, (cause: unknown) => {
			if (cause instanceof ApiError && cause.status === 401) setSession(null);
			else setError(cause instanceof ApiError ? cause : new ApiError(0, {}));
		});
	};
	useEffect(() => {
		whenSignedOut(() => end(true));
		look();
	}, []);

	const begins = session ? home(session.principal) : "/";
	useEffect(() => {
		if (begins !== "/" && place.path === "/") go(address(begins), "replace");
	}, [begins, place.path]);

	if (error)
		return <main class="gate"><ProblemBox error={error} onRetry={look} /></main>;
	if (place.path === "/invite" && inviteCode() !== "")
		return (
			<InvitePage
				code={inviteCode()}
				onSignedIn={(next) => {
					begin(next);
					go(address("/"), "replace");
				}}
			/>
		);
	if (session === undefined) return <main class="unseen" aria-busy="true">{t("state.loading")}</main>;
	if (session === null) return <SignInPage ended={ended} onSignedIn={begin} />;

	const who = session.principal;
	const view: View = {
		who,
		unit: place.query["unit"] ?? "",
		period: readPeriod(place.query["period"], today()),
	};
	return (
		<Frame
			who={who}
			unit={view.unit}
			period={view.period}
			onSignOut={() => {
				const out = (): void => end(false);
				send("DELETE", "/api/v1/session").then(out, out);
			}}
		>
			{page(place.path, view)}
		</Frame>
	);
}
