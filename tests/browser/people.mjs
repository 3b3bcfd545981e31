// people.mjs -- people at browsers of their own, what they see and where they go; and the
// day of a script, told to its end whatever happens. What it needs comes as JSON on
// standard input (system.py).
import { readFileSync } from "node:fs";
import { equal, failed, note, ok, settled, startBrowser, watch } from "./lib.mjs";

export const config = JSON.parse(readFileSync(0, "utf8"));
export const root = config.url + config.prefix;

const faults = [];
const browsers = [];
const script = process.argv[1].split("/").pop().replace(".mjs", "");

// A page nobody has signed in to.
export async function somebody(name) {
	const browser = await startBrowser(`${config.dir}/profile-${script}-${name}`);
	browsers.push(browser);
	const page = await browser.newPage();
	await watch(page, faults);
	page.setDefaultTimeout(10_000);
	return page;
}

// By the invitation, where there is one for the script.
export async function come(name, listen = () => undefined) {
	const page = await somebody(name);
	page.on("request", listen);
	if (config.invites[name]) {
		await page.goto(`${root}/?lang=en#/invite/${config.invites[name]}`);
		const fields = page.locator("input[type=password]");
		await fields.first().waitFor();
		await fields.nth(0).fill(config.password);
		await fields.nth(1).fill(config.password);
		await page.locator(".button-main").click();
	} else {
		await page.goto(`${root}/?lang=en`);
		await page.fill("input[name=name]", name);
		await page.fill("input[name=password]", config.password);
		await page.keyboard.press("Enter");
	}
	await page.waitForSelector("nav a[aria-current=page]");
	return page;
}

export async function open(page, path, query = {}) {
	await page.goto(`${root}${path}?${new URLSearchParams({ lang: "en", ...query })}`);
	await settled(page);
}

export const main = (page) => page.locator("main").innerText();
export const said = (page, text) => page.waitForFunction((t) => document.querySelector("main").innerText.includes(t), text);
export const button = (page, name) => page.locator("main").getByRole("button", { name, exact: true });
// By what its label says, without the choices that it offers.
export const field = (page, label) =>
	page.locator("main form label", { has: page.locator(`xpath=./span[normalize-space()="${label}"]`) })
		.locator("input, select, textarea").first();
export const idOf = (page) => new URL(page.url()).pathname.split("/").pop();

// Chooses a step of a case by its button, or by the list of further ones.
export async function choose(page, step) {
	const button = page.locator("main form .choices button", { hasText: new RegExp(`^${step}$`) });
	if (await button.count()) await button.first().click();
	else await page.locator("main form .choices select").selectOption({ label: step });
}

// Sends what was chosen.
export async function record(page) {
	const button = page.locator("main form .button-main");
	await button.click();
	await page.waitForFunction(() => {
		const bar = document.querySelector("main form .button-main");
		return bar && !/saving/i.test(bar.textContent);
	});
	await settled(page);
	equal(await page.getByRole("alert").count(), 0, "and nothing was refused");
}

// Ends the process.
export async function day(steps) {
	try {
		await steps();
		equal(faults, [], "no error in the console, no answer of 500");
	} catch (error) {
		ok(false, "runs to its end", error.stack);
		for (const [i, page] of browsers.flatMap((browser) => browser.pages()).entries()) {
			const path = `${config.pictures}/failed-${script}-${i}.png`;
			await page.screenshot({ path, fullPage: true }).catch(() => undefined);
			note(`${path}: ${page.url()}`);
		}
		note(`faults ${JSON.stringify(faults)}`);
	} finally {
		for (const browser of browsers) await browser.close();
	}
	process.exit(failed() ? 1 : 0);
}
