// What stands around every page: sections at the left, scope and period above, the
// live sign, who is signed in.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n";
import { useLiveState } from "../lib/live";
import type { Period } from "../lib/period";
import { address, go, usePlace } from "../lib/router";
import type { Principal } from "../lib/types";
import { setRegion } from "./announce";
import { Help } from "./help";
import { useKeys, type KeyMap } from "./keys";
import { PeriodPicker } from "./period";
import { Scope, searchId } from "./scope";
import { may, sections } from "./sections";
import { Settings } from "./settings";

function Live() {
	const state = useLiveState();
	const shape = { open: "●", connecting: "○", lost: "△" }[state];
	const text = { open: t("live.open"), connecting: t("live.connecting"), lost: t("live.lost") }[state];
	return (
		<span class={`live live-${state}`} role="status">
			<span aria-hidden="true">{shape}</span> {text}
		</span>
	);
}

function Account({ who, onSignOut }: { who: Principal; onSignOut: () => void }) {
	const [open, setOpen] = useState(false);
	const box = useRef<HTMLDivElement>(null);
	return (
		<div
			class="account"
			ref={box}
			onFocusOut={(event) => {
				const to = event.relatedTarget as Node | null;
				if (to && !box.current?.contains(to)) setOpen(false);
			}}
			onKeyDown={(event) => {
				if (event.key !== "Escape" || !open) return;
				setOpen(false);
				box.current?.querySelector("button")?.focus();
			}}
		>
			<button type="button" class="button" aria-expanded={open} aria-controls="account" onClick={() => setOpen(!open)}>
				<span class="account-name" title={who.display_name || who.name}>{who.display_name || who.name}</span> <span aria-hidden="true">▾</span>
			</button>
			<div id="account" class="popup" hidden={!open}>
				<Settings />
				<a href={address("/password")} onClick={() => setOpen(false)}>{t("password.title")}</a>
				<button type="button" class="button" onClick={onSignOut}>{t("session.sign_out")}</button>
			</div>
		</div>
	);
}

interface FrameProps {
	who: Principal;
	unit: string;
	period: Period;
	onSignOut: () => void;
	children: ComponentChildren;
}

export function Frame({ who, unit, period, onSignOut, children }: FrameProps) {
	const place = usePlace();
	const [help, setHelp] = useState(false);
	const [menu, setMenu] = useState(false);
	const main = useRef<HTMLElement>(null);
	const shown = sections.filter((section) => may(who, section.roles));
	const at = (path: string | undefined): boolean =>
		path === "/" ? place.path === "/" : path !== undefined && place.path.startsWith(path);
	const current = shown.find((section) => at(section.path)) ?? shown.find((section) => at(section.also));

	const keys: KeyMap = {
		"/": () => document.getElementById(searchId)?.focus(),
		"?": () => setHelp(true),
	};
	for (const section of shown) keys[`g ${section.letter}`] = () => go(address(section.path));
	useKeys(keys);

	// A new page: the reader's place is its title, not the link that was left behind.
	const first = useRef(true);
	useEffect(() => {
		setMenu(false);
		if (first.current) {
			first.current = false;
			return;
		}
		window.scrollTo(0, 0);
		main.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
	}, [place.path]);

	return (
		<div class="frame">
			<a
				class="skip"
				href="#main"
				onClick={(event) => {
					event.preventDefault();
					main.current?.focus();
				}}
			>
				{t("frame.skip")}
			</a>
			<header class="top">
				<button
					type="button"
					class="button menu"
					aria-expanded={menu}
					aria-controls="sections"
					onClick={() => setMenu(!menu)}
				>
					{t("frame.menu")}
				</button>
				<Scope unit={unit} root={who.unit ?? ""} />
				<PeriodPicker key={period.id} period={period} />
				{may(who, ["reader"]) && <Live />}
				<button type="button" class="button top-keys" onClick={() => setHelp(true)}>
					<kbd>?</kbd> {t("keys.short")}
				</button>
				<Account who={who} onSignOut={onSignOut} />
			</header>
			<nav id="sections" class={menu ? "nav nav-open" : "nav"} aria-label={t("frame.sections")}>
				<a class="brand" href={address("/")}>
					{t("app.name")} <span lang="zh">溯源</span>
				</a>
				<ul>
					{shown.map((section) => (
						<li key={section.path}>
							<a
								href={address(section.path)}
								aria-current={section === current ? "page" : undefined}
								aria-keyshortcuts={`g ${section.letter}`}
							>
								{t(section.label)}
							</a>
						</li>
					))}
				</ul>
			</nav>
			<main id="main" class="main" ref={main} tabIndex={-1}>{children}</main>
			<div class="unseen" role="status" aria-live="polite" ref={setRegion} />
			<Help open={help} onClose={() => setHelp(false)} />
		</div>
	);
}
