// Which page an address is, and what stands around each.
import { useEffect, useRef } from "preact/hooks";
import { lang, languages, setLang, useLang, type Lang } from "../i18n/lang";
import { address, setQuery, usePlace } from "../lib/router";
import { BookPage, CancelPage } from "./book";
import { CentresPage } from "./centres";
import { FaqPage, ReadPage } from "./faq";
import { FiguresPage } from "./figures";
import { FollowPage } from "./follow";
import { HomePage } from "./home";
import { LodgePage } from "./lodge";
import { RatePage } from "./rate";
import { say, type Word } from "./words";

const pages: Record<string, { title: Word; show: () => preact.JSX.Element }> = {
	"/public": { title: "home.title", show: HomePage },
	"/public/complain": { title: "home.complain", show: () => <LodgePage key="complain" purpose="complain" /> },
	"/public/ask": { title: "home.ask", show: () => <LodgePage key="ask" purpose="ask" /> },
	"/public/apply": { title: "home.apply", show: () => <LodgePage key="apply" purpose="apply" /> },
	"/public/follow": { title: "follow.title", show: FollowPage },
	"/public/book": { title: "book.title", show: BookPage },
	"/public/cancel": { title: "book.cancel", show: CancelPage },
	"/public/centres": { title: "centres.title", show: CentresPage },
	"/public/faq": { title: "faq.title", show: FaqPage },
	"/public/read": { title: "read.title", show: ReadPage },
	"/public/figures": { title: "figures.title", show: FiguresPage },
	"/public/rate": { title: "rate.title", show: RatePage },
};

export function PublicApp() {
	useLang();
	const place = usePlace();
	const path = place.path.replace(/\/$/, "");
	const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
	const title = say(page ? page.title : "app.none");
	const heading = useRef<HTMLHeadingElement>(null);
	const first = useRef(true);
	useEffect(() => {
		document.title = `${title} – ${say("app.name")}`;
		// Who comes by a link hears where they are; who has just arrived, the browser tells.
		if (!first.current) heading.current?.focus();
		first.current = false;
	}, [path]);
	useEffect(() => {
		document.title = `${title} – ${say("app.name")}`;
	}, [title]);
	const Show = page?.show;
	return (
		<>
			<a class="skip" href="#content" onClick={(e) => { e.preventDefault(); heading.current?.focus(); }}>{say("app.skip")}</a>
			<header class="top">
				<a class="home" href={address("/public")}>{say("app.name")}</a>
				<label>
					<span class="unseen">{say("app.language")}</span>
					<select
						value={lang()}
						onChange={(e) => {
							setLang(e.currentTarget.value as Lang);
							if (place.query["lang"] !== undefined) setQuery({ lang: "" }, "replace");
						}}
					>
						{languages.map((l) => <option key={l.lang} value={l.lang} lang={l.lang}>{l.name}</option>)}
						{lang() === "xx" && <option value="xx">[xx]</option>}
					</select>
				</label>
			</header>
			<main id="content">
				<h1 tabIndex={-1} ref={heading}>{title}</h1>
				{Show ? <Show /> : null}
				{path !== "/public" && <p class="back"><a href={address("/public")}>← {say("app.home")}</a></p>}
			</main>
		</>
	);
}
