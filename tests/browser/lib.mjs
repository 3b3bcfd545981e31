// lib.mjs -- a browser for the test of the pages, and what is asked of every page:
// axe without findings, no sideways scroll, nothing cut, no untranslated text, no
// breach of the content security policy.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let failures = 0;

export function ok(condition, what, seen = "") {
	if (condition) {
		console.log(`ok ${what}`);
	} else {
		failures++;
		const text = typeof seen === "string" ? seen : JSON.stringify(seen);
		console.log(`not ok ${what}: ${text.replaceAll("\n", " ").slice(0, 1500)}`);
	}
	return Boolean(condition);
}

export const equal = (got, wanted, what) =>
	ok(
		JSON.stringify(got) === JSON.stringify(wanted),
		what,
		`got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`,
	);
export const note = (text) => console.log(`# ${text}`);
export const failed = () => failures;

export const widths = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

export async function startBrowser(profile) {
	const rootless = process.getuid() === 0 ? ["--no-sandbox"] : [];
	return chromium.launchPersistentContext(profile, {
		executablePath: process.env.TEST_CHROMIUM,
		headless: true,
		viewport: widths.desktop,
		locale: "en-GB",
		timezoneId: "Europe/Moscow",
		args: [
			...rootless,
			"--disable-gpu",
			"--disable-quic",
			"--no-first-run",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
		],
	});
}

// What a page does wrong while nobody looks: kept until the end.
export function watch(page, faults) {
	page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
	page.on("console", (message) => {
		// A refused sign-in and the like are answers, not faults of the page.
		if (message.type() === "error" && !/status of 4\d\d|net::ERR_/.test(message.text()))
			faults.push(`console: ${message.text()}`);
	});
	page.on("response", (answer) => {
		if (answer.status() >= 500) faults.push(`${answer.status()} ${answer.url()}`);
	});
	return page.addInitScript(() => {
		window.breaches = [];
		document.addEventListener("securitypolicyviolation", (e) =>
			window.breaches.push(`${e.violatedDirective} ${e.blockedURI}`),
		);
		window.shifted = 0;
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
		}).observe({ type: "layout-shift", buffered: true });
	});
}

// The page has its heading and nothing is on its way any more.
export async function settled(page) {
	await page.waitForSelector("h1");
	await page
		.waitForFunction(() => !document.querySelector('[aria-busy="true"], .skeleton, .loading'), null, { timeout: 10_000 })
		.catch(() => undefined);
	await page.waitForTimeout(120);
}

// What another ground can change.
const ofColours = ["color-contrast", "link-in-text-block"];

// rules: only these; else all.
export async function axe(page, what, rules) {
	// Half a megabyte: once a page.
	if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
	const found = await page.evaluate(async (only) => {
		const result = await window.axe.run(document, { resultTypes: ["violations"], ...(only && { runOnly: only }) });
		return result.violations.map((v) => ({
			id: v.id,
			impact: v.impact,
			at: v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} (${n.any.map((a) => a.message).join("; ").slice(0, 120)})`),
		}));
	}, rules);
	equal(found, [], `${what}: axe has no findings`);
}

export async function fits(page, what) {
	const seen = await page.evaluate(() => {
		const wide = document.documentElement.clientWidth;
		const out = [];
		for (const e of document.body.querySelectorAll("*")) {
			const box = e.getBoundingClientRect();
			if (box.right > wide + 1 && box.width > 0 && out.length < 4)
				out.push(`${e.tagName}.${e.className} ${Math.round(box.right)}`);
		}
		return { scroll: document.documentElement.scrollWidth, wide, out };
	});
	ok(seen.scroll <= seen.wide, `${what}: no sideways scroll at ${seen.wide} px`, seen);
}

// Text that its box cuts off, without a title that has all of it.
export async function uncut(page, what) {
	const cut = await page.evaluate(() => {
		const out = [];
		for (const e of document.body.querySelectorAll("*")) {
			if (!e.textContent.trim() || e.children.length > 3 || e.closest("svg, .unseen, .skip, [title], option")) continue;
			const style = getComputedStyle(e);
			if (style.overflowX !== "hidden" && style.overflowX !== "clip") continue;
			if (e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
				out.push(`${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`);
		}
		return out.slice(0, 5);
	});
	equal(cut, [], `${what}: no text is cut`);
}

// In the pseudo-locale every text of ours is [áççéñţéđ~~]. data: words of the test's
// own directory and cases, which no translation touches.
export async function bracketed(page, what, data) {
	const plain = await page.evaluate((words) => {
		const known = new RegExp(`\\b(${words.join("|")})\\b`, "gi");
		const out = new Set();
		const look = (text, where) => {
			let left = text;
			// A text may hold another one: from the inside out.
			for (let i = 0; i < 4; i++) left = left.replace(/\[[^[\]]*\]/g, " ");
			left = left
				.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, " ")
				.replace(/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\b|\b(at|am|pm|UTC|GMT)\b/gi, " ")
				.replace(/\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b/g, " ")
				.replace(known, " ");
			if (/\p{L}{2,}/u.test(left)) out.add(`${where}: ${text.trim().slice(0, 60)}`);
		};
		const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (walk.nextNode()) {
			const parent = walk.currentNode.parentElement;
			if (!parent || parent.closest("script, style, kbd, code, [lang]:not(html), .code, blockquote")) continue;
			// A text may be put together from several nodes.
			look(parent.children.length ? walk.currentNode.data : parent.textContent, parent.tagName);
		}
		for (const e of document.querySelectorAll("[aria-label], [title]:not(td), [placeholder], [alt]"))
			for (const name of ["aria-label", "title", "placeholder", "alt"])
				if (e.getAttribute(name)) look(e.getAttribute(name), `${e.tagName} ${name}`);
		look(document.title, "title");
		return [...out].slice(0, 12);
	}, data);
	equal(plain, [], `${what}: every text is translated`);
}

export async function inPolicy(page, what) {
	equal(await page.evaluate(() => window.breaches), [], `${what}: the content policy is kept`);
}

// For people to look at: only where they ask for it.
export async function picture(page, folder, name) {
	if (!process.env.TEST_LOOKS) return;
	mkdirSync(folder, { recursive: true });
	for (const [kind, size] of Object.entries(widths)) {
		await page.setViewportSize(size);
		await page.waitForTimeout(250);
		await page.screenshot({ path: `${folder}/${name}-${size.width}.png`, fullPage: kind === "phone" });
	}
	await page.setViewportSize(widths.desktop);
}

// Tab through the page: names of what had the focus, and of what showed none.
export async function tabThrough(page, most = 80) {
	const seen = [];
	const dim = [];
	await page.evaluate(() => document.activeElement?.blur());
	for (let i = 0; i < most; i++) {
		await page.keyboard.press("Tab");
		const at = await page.evaluate(() => {
			const e = document.activeElement;
			if (!e || e === document.body) return null;
			const style = getComputedStyle(e);
			const around = e.closest("label, td, tr, li, .scope, .control") ?? e;
			const shown = [e, around].some((x) => {
				const s = getComputedStyle(x);
				return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none";
			});
			e.dataset.tabbed ??= String(Math.random());
			return { id: e.dataset.tabbed, name: `${e.tagName} ${(e.textContent || e.getAttribute("aria-label") || e.id).trim().slice(0, 30)}`, shown: shown && style.visibility !== "hidden" };
		});
		if (!at || seen.some((s) => s.id === at.id)) break;
		seen.push(at);
		if (!at.shown) dim.push(at.name);
	}
	return { seen: seen.map((s) => s.name), dim };
}

// As a call centre would: the command line, over the bus.
export function publisher(config, name) {
	let published = 0;
	return (n, fields = {}) => {
		const ids = [];
		const lines = [];
		for (let i = 0; i < n; i++) {
			const id = `${name}-${++published}`;
			ids.push(id);
			lines.push(JSON.stringify({
				type: "RegisterAppeal", external_id: id, kind: "complaint", channel: "call-centre",
				topic: "delivery", unit: "north-01", text: "The letter is late",
				occurred_at_us: new Date(Date.now() - 60_000).toISOString(), ...fields,
			}));
		}
		const file = `${config.dir}/${name}-${published}.jsonl`;
		writeFileSync(file, lines.join("\n") + "\n");
		execFileSync(config.cli, ["publish", "appeals", file], { env: config.cli_env, cwd: config.dir });
		return ids;
	};
}

// Every page, as each width, language and ground has it; dataHeading: what it is called
// is data.
export async function everyPage(page, config, open, pages) {
	for (const [name, at, { dataHeading = false } = {}] of pages) {
		await open(at);
		await axe(page, name);
		await page.emulateMedia({ colorScheme: "dark" });
		await axe(page, `${name}, dark`, ofColours);
		await page.emulateMedia({ colorScheme: "light" });
		await page.setViewportSize(widths.phone);
		await settled(page);
		await fits(page, name);
		await axe(page, `${name}, 360 px`);
		await picture(page, config.pictures, name);
		for (const lang of ["ru", "zh", "xx"]) {
			await open(at, { lang });
			await page.setViewportSize(widths.phone);
			await page.waitForTimeout(100);
			await fits(page, `${name}, ${lang}`);
			await uncut(page, `${name}, ${lang}, 360 px`);
			await page.setViewportSize(widths.desktop);
			await page.waitForTimeout(100);
			await fits(page, `${name}, ${lang}`);
			await uncut(page, `${name}, ${lang}`);
			if (lang === "xx") await bracketed(page, name, config.words);
			if (dataHeading) continue;
			const heading = await page.locator("h1").first().innerText();
			if (lang === "ru") ok(/\p{Script=Cyrillic}/u.test(heading), `${name}: the heading is Russian`, heading);
			if (lang === "zh") {
				ok(/\p{Script=Han}/u.test(heading), `${name}: the heading is Chinese`, heading);
				equal(await page.getAttribute("html", "lang"), "zh-CN", `${name}: and says so`);
			}
		}
		await open(at, { lang: "en" });
		const { seen, dim } = await tabThrough(page);
		ok(seen.length > 5, `${name}: ${seen.length} stops of the tab key`, seen);
		equal(dim.slice(0, 4), [], `${name}: the focus is always seen`);
		await inPolicy(page, name);
	}
}
