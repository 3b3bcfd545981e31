// social.mjs -- the social desk's day: what must be answered now, taken, answered from the
// library, forwarded to a branch; what grows, what is silent; the press; the digest. Then
// every page in each language, width and by the keyboard.
import { axe, bracketed, equal, everyPage, fits, ok, picture, settled, uncut, widths } from "../lib.mjs";
import { button, come, config, day, field, idOf, main, open, said } from "../people.mjs";

const panel = (page, id) => page.locator("section", { has: page.locator(`#${id}`) });

async function board(page) {
	await page.keyboard.press("g");
	await page.keyboard.press("l");
	await page.waitForSelector("#now-title");
	await settled(page);
	const all = await main(page);
	ok(/Waiting for somebody\s+7/.test(all), "the board says how many wait", all.slice(0, 900));
	ok(/Overdue\s+2/.test(all), "and how many are overdue", all.slice(0, 900));
	ok(/5 mentions/.test(await panel(page, "clusters-title").innerText()), "copies are one, with how many", await panel(page, "clusters-title").innerText());
	ok(/5 authors, 3 sources/.test(all), "and by whom");
	ok(/Unit: north-01/.test(await panel(page, "spikes-title").innerText()), "what is out of the ordinary is told", await panel(page, "spikes-title").innerText());
	ok(/quiet\.example/.test(await panel(page, "silent-title").innerText()), "a silent source is named");
	await open(page, "/social", { period: "7d", step: "hour" });
	await page.keyboard.press("t");
	await page.waitForSelector(".chart-table");
	const rows = await page.locator(".chart-table tbody tr").allInnerTexts();
	ok(rows.length > 24 && /quiet\.example/.test(rows[rows.length - 1]), "by hour, a silence stands at its hours", rows.slice(-2));
	await axe(page, "the board as a table");
	await page.keyboard.press("t");
	await page.waitForSelector(".chart canvas");
	await picture(page, config.pictures, "social-board-hours");
	await panel(page, "sentiments-title").locator("a", { hasText: /negative/ }).first().click();
	await settled(page);
	equal(new URL(page.url()).searchParams.get("sentiment"), "SENTIMENT_NEGATIVE", "a number leads to what it is made of");
}

async function queue(page) {
	await open(page, "/social/queue");
	const rows = page.locator("tr[data-row]");
	equal(await rows.count(), 7, "the queue has all that wait");
	const order = await rows.allInnerTexts();
	ok(/▲ 1/.test(order[0]) && /5 mentions/.test(order[0]), "the most urgent comes first, with its copies", order[0]);
	ok(/Overdue by 1 d/.test(order[1]) && /Overdue by/.test(order[2]) && !/Overdue/.test(order[3]), "then what is due first", order);
	await page.keyboard.press("j");
	await page.keyboard.press("j");
	ok(await rows.nth(1).locator("th a").evaluate((e) => e === document.activeElement), "j walks down");
	await page.keyboard.press("x");
	await said(page, "It is yours now.");
	ok(true, "x takes the row");
	await rows.nth(6).locator("select").selectOption("not_ours");
	await said(page, "Dismissed; it can be reopened.");
	await open(page, "/social/queue", { owner: "me" });
	equal(await rows.count(), 1, "mine are one address away");
	await page.keyboard.press("j");
	await page.keyboard.press("Enter");
	await page.waitForSelector("#text-title");
	await page.keyboard.press("u");
	await page.waitForSelector("tr[data-row]");
	await settled(page);
	await page.keyboard.press("w");
	await page.waitForSelector("#text-title");
	ok(/with olga|with Olga/.test(await main(page)), "w takes the next and opens it", await main(page));
}

async function answer(page) {
	await field(page, "Approved answer").selectOption("late-answer");
	await page.waitForFunction(() => [...document.querySelectorAll("main textarea")].some((e) => e.value.includes("it is on its way")));
	await field(page, "Address where it was published").fill("https://vk.test/1#answer");
	await axe(page, "a mention that is answered");
	await picture(page, config.pictures, "social-mention-answer");
	await panel(page, "step-title").locator(".button-main").click();
	await said(page, "The answer is recorded.");
	await said(page, "Answered");
	ok(/it is on its way/.test(await panel(page, "steps-title").innerText()), "an answer of the library is recorded with its step");
	ok(/In time|late/.test(await page.locator(".clocks").innerText()), "and the clock stops", await page.locator(".clocks").innerText());
}

async function forward(page) {
	await open(page, "/social/queue", { state: "REACTION_OPEN" });
	await page.locator("tr[data-row] th a").first().click();
	await page.waitForSelector("#action-title");
	await settled(page);
	const id = idOf(page);
	await button(page, "Forward to a branch").click();
	equal(await field(page, "Unit").inputValue(), "north-01", "the branch that was found is proposed");
	await field(page, "Kind").selectOption("complaint");
	await field(page, "To the branch").fill("Please look into it");
	await panel(page, "step-title").locator(".button-main").click();
	await said(page, "Branch inquires");
	const link = page.locator('a[href*="/appeals/"]').first();
	await link.waitFor({ timeout: 15_000 });
	equal(await page.locator(".clocks li").count(), 2, "the clocks are a chain");
	await picture(page, config.pictures, "social-mention-forwarded");
	await link.click();
	await page.waitForSelector("#facts-title");
	await settled(page);
	await page.getByRole("link", { name: "The mention it came from" }).click();
	await page.waitForSelector("#text-title");
	equal(idOf(page), id, "the case leads back to its mention");
	return id;
}

async function cluster(page) {
	await open(page, "/social");
	await panel(page, "clusters-title").locator("a").first().click();
	await page.waitForSelector("tr[data-row]");
	await settled(page);
	const rows = page.locator("tr[data-row]");
	equal(await rows.count(), 5, "a cluster is the list of its copies");
	await rows.nth(0).locator("th a").click();
	await page.waitForSelector("#cluster-title");
	await settled(page);
	equal(await panel(page, "cluster-title").locator("li").count(), 4, "a mention shows who else said it");
	await open(page, "/social/mentions", { source: "quiet.example" });
	await rows.nth(0).locator("th a").click();
	await page.waitForSelector("#action-title");
	const before = idOf(page);
	await button(page, "Open a reaction").click();
	await page.waitForSelector("#step-title");
	ok(/Open/.test(await page.locator(".page-head").innerText()), "a person opens a reaction");
	await button(page, "Dismiss").click();
	await field(page, "Because it is").selectOption("other");
	await panel(page, "step-title").locator(".button-main").click();
	await button(page, "Reopen").click();
	await said(page, "It is open again.");
	equal(idOf(page), before, "dismisses it, and opens it again");
}

async function correct(page) {
	const form = panel(page, "correct-title");
	ok(await form.getByRole("button", { name: "Correct" }).isDisabled(), "nothing is corrected before something is said");
	await form.locator("select").nth(0).selectOption("MENTION_SUGGESTION");
	await form.locator("select").nth(1).selectOption("SENTIMENT_POSITIVE");
	await form.getByRole("button", { name: "Correct" }).click();
	await said(page, "Corrected.");
	await page.waitForFunction(() => /Suggestion/.test(document.querySelector("#found-title").parentElement.innerText));
	ok(/a person/.test(await panel(page, "found-title").innerText()), "what a person says stands, and says so", await panel(page, "found-title").innerText());
}

async function press(page, other) {
	await open(page, "/social/press");
	await button(page, "New question").click();
	await field(page, "Medium").fill("Herald");
	await field(page, "Question").fill("Why are the letters late?");
	await field(page, "Statement").fill("We have opened two more windows.");
	await panel(page, "press-title").locator(".button-main").click();
	await said(page, "Agree to the statement");
	ok(await button(page, "Agree to the statement").isDisabled(), "who wrote a statement does not agree to it");
	await open(other, "/social/press");
	await button(other, "Agree to the statement").click();
	await said(other, "agreed by administrator");
	ok(true, "another person does");
	await button(other, "Published …").click();
	await field(other, "Where it was published").fill("Herald");
	await field(other, "Address where it was published").fill("https://herald.test/1");
	await other.locator("article form .button-main").click();
	await other.waitForFunction(() => document.querySelector("article .items"));
	ok(/Published/.test(await main(other)), "and where it came out is recorded", await main(other));
	await picture(other, config.pictures, "social-press-published");
}

async function digest(page) {
	const today = new Date().toISOString().slice(0, 10);
	await open(page, "/social/digest", { day: today });
	const all = await main(page);
	ok(/Provisional/.test(all) && /How long answers took/.test(all), "the digest of a day is one page", all.slice(0, 600));
	await page.emulateMedia({ media: "print" });
	await page.screenshot({ path: `${config.pictures}/social-digest-print.png`, fullPage: true });
	ok(!(await page.locator(".nav").isVisible()) && !(await page.locator(".tabs").isVisible()), "made for paper");
	await page.emulateMedia({ media: "screen" });
}

async function looks(page, id) {
	for (const [name, path] of [["board", "/social"], ["queue", "/social/queue"], ["mention", `/social/mentions/${id}`]]) {
		await open(page, path, { lang: "zh" });
		await picture(page, config.pictures, `social-${name}-zh`);
		await page.emulateMedia({ colorScheme: "dark" });
		await open(page, path, { lang: "ru" });
		await picture(page, config.pictures, `social-${name}-ru-dark`);
		await page.emulateMedia({ colorScheme: "light" });
	}
}

// Pages of the same parts as those above: the longest texts on the smallest screen.
async function narrow(page, path) {
	await open(page, path);
	await axe(page, path);
	await page.setViewportSize(widths.phone);
	for (const lang of ["ru", "zh", "xx"]) {
		await open(page, path, { lang });
		await fits(page, `${path}, ${lang}`);
		await uncut(page, `${path}, ${lang}`);
	}
	await axe(page, `${path}, 360 px`);
	await bracketed(page, path, config.words);
	await page.setViewportSize(widths.desktop);
}

await day(async () => {
	const olga = await come("olga");
	await board(olga);
	await queue(olga);
	await answer(olga);
	const id = await forward(olga);
	await cluster(olga);
	await correct(olga);
	await press(olga, await come("administrator"));
	await digest(olga);
	if (process.env.TEST_LOOKS) await looks(olga, id);
	await everyPage(olga, config, (path, query) => open(olga, path, query), [
		["social-board", "/social"], ["social-queue", "/social/queue"], ["social-mention", `/social/mentions/${id}`],
	]);
	for (const path of ["/social/mentions", "/social/press", "/social/digest"]) await narrow(olga, path);
});
