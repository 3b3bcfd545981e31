// public.mjs -- somebody on the street with a phone: complains, is told what is missing,
// keeps number and code, follows the case, adds to it, books a visit; in three languages,
// by keyboard, with axe on each page. Nobody has signed in.
import { axe, bracketed, equal, fits, inPolicy, ok, picture, settled, tabThrough, uncut, widths } from "../lib.mjs";
import { config, day, root, said, somebody } from "../people.mjs";

const pages = ["", "/complain", "/ask", "/apply", "/follow", "/book", "/cancel", "/centres", "/faq", "/figures", "/rate"];

async function open(page, path, query = {}) {
	await page.goto(`${root}/public${path}?${new URLSearchParams({ lang: "en", ...query })}`);
	await settled(page);
}

async function everyPage(page) {
	for (const path of pages) {
		const name = `public${path.replace("/", "-")}`;
		await open(page, path);
		await axe(page, name);
		await inPolicy(page, name);
		for (const lang of ["ru", "zh", "en", "xx"]) {
			await page.setViewportSize(widths.phone);
			await open(page, path, { lang });
			await fits(page, `${name} in ${lang}`);
			await uncut(page, `${name} in ${lang}`);
			if (lang === "xx") await bracketed(page, name, [...config.words, "xx", "specialist", "Main", "Street"]);
		}
		await open(page, path, { lang: "ru" });
		await page.setViewportSize(widths.desktop);
		await picture(page, config.pictures, name);
	}
}

const send = (page) => page.locator("main form button.main").click();

async function person(page) {
	await page.getByLabel("Your name").fill("Vera Pavlovna");
	await page.getByLabel("Telephone").fill("+7 900 555-01-02");
	await page.getByLabel("I agree").check();
}

async function complain(page) {
	await page.setViewportSize(widths.phone);
	await open(page, "");
	await page.getByText("Complain", { exact: true }).click();
	await settled(page);
	equal(await page.evaluate(() => document.activeElement?.tagName), "H1", "the title has the focus on the next page");
	await send(page);
	await page.waitForSelector("[role=alert]");
	equal(await page.locator("[role=alert] li").count(), 6, "what is missing is listed in words");
	ok(await page.evaluate(() => document.activeElement?.getAttribute("role") === "alert"), "the list has the focus");
	await axe(page, "a form with faults");
	await picture(page, config.pictures, "public-faults");
	await page.setViewportSize(widths.phone);
	await page.locator("[role=alert] a").first().click();
	equal(await page.evaluate(() => document.activeElement?.id), "f-topic", "a fault leads to its field");
	await page.getByLabel("What is it about?").selectOption("delivery");
	await page.getByLabel("Find your office").fill("north-0");
	await page.waitForFunction(() => document.querySelectorAll("#f-unit option").length === 10);
	await page.locator("#f-unit").selectOption("north-01");
	await page.getByLabel("What happened?").fill("The letter never came");
	await person(page);
	await page.getByLabel("E-mail").fill("nonsense");
	await send(page);
	await page.waitForSelector(".fault");
	ok((await page.locator(".fault").innerText()).includes("not an e-mail"), "the service's refusal is in words at its field");
	await page.getByLabel("E-mail").fill("");
	await send(page);
	await page.waitForSelector(".receipt");
	const [number, code] = await page.locator(".receipt code").allInnerTexts();
	ok(/^SY-\d{4}-\d{6}$/.test(number) && code.length === 32, "number and code are shown", number);
	await axe(page, "a receipt");
	await picture(page, config.pictures, "public-receipt");
	await page.getByText("See where it is").click();
	await said(page, "We have it");
	ok(!page.url().includes(code) && !page.url().includes(number), "neither stands in the address");
	return { number, code };
}

async function follow(page, known) {
	await page.setViewportSize(widths.phone);
	await open(page, "/follow");
	await page.getByLabel("Number").fill(known.number.toLowerCase());
	await page.getByLabel("Code").fill("wrong");
	await send(page);
	await page.waitForSelector(".fault");
	ok((await page.locator(".fault").innerText()).includes("do not fit"), "a wrong code is told");
	await page.getByLabel("Code").fill(known.code);
	await page.keyboard.press("Enter");
	await said(page, "The letter never came");
	await page.getByRole("button", { name: "Add something" }).click();
	await page.locator("main textarea").fill("It was blue");
	await send(page);
	await said(page, "It was blue");
	await page.getByRole("button", { name: "Send a picture or document" }).click();
	await page.locator("input[type=file]").setInputFiles({ name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("a blue envelope\n") });
	await send(page);
	await said(page, "note.txt");
	await axe(page, "a case of one's own");
	await fits(page, "a case of one's own");
	await picture(page, config.pictures, "public-case");
	await page.getByRole("button", { name: "Withdraw" }).click();
	await send(page);
	await said(page, "Withdrawn by you");
	ok(true, "a case is followed, added to and withdrawn");
}

async function book(page) {
	await page.setViewportSize(widths.phone);
	await open(page, "/centres");
	await said(page, "1 Main Street");
	await page.getByText("Book a visit here").click();
	await settled(page);
	await page.getByLabel("What for?").selectOption("specialist");
	await page.waitForSelector("#f-minute");
	await person(page);
	await axe(page, "booking");
	await picture(page, config.pictures, "public-slots");
	await page.setViewportSize(widths.phone);
	await send(page);
	await page.waitForSelector(".receipt");
	const [number, code] = await page.locator(".receipt code").allInnerTexts();
	ok(number.startsWith("V-"), "a visit is booked", number);
	await open(page, "/cancel");
	await page.getByLabel("Number").fill(number);
	await page.getByLabel("Code").fill(code);
	await send(page);
	await said(page, "cancelled");
	ok(true, "and cancelled");
}

async function keys(page) {
	await page.setViewportSize(widths.desktop);
	await open(page, "/complain");
	const { seen, dim } = await tabThrough(page);
	ok(seen.length >= 10, "everything is reached by Tab", seen);
	equal(dim, [], "and shows that it has the focus");
	ok(!seen.some((name) => /Leave this empty/.test(name)), "the trap for programs is not", seen);
}

await day(async () => {
	const page = await somebody("street");
	const size = [];
	page.on("response", async (answer) => {
		if (/\.js$/.test(answer.url())) size.push(answer.url());
	});
	await open(page, "");
	equal(size.filter((url) => /index-|series-/.test(url)), [], "nothing of the staff's pages is loaded");
	await everyPage(page);
	const known = await complain(page);
	await follow(page, known);
	await book(page);
	await keys(page);
	await inPolicy(page, "the last page");
});
