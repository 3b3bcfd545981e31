// listen.mjs -- rules, training, feeds, sources: a handler of social listening makes a
// rule and judges what it finds, decides what the model was not sure of, adds feeds and
// judges a spike; an administrator changes the model; a reader only looks.
import { axe, equal, everyPage, fits, ok, picture, settled, uncut, widths } from "../lib.mjs";
import { button, come, config, day, field, main, open, said } from "../people.mjs";

const rule = (page) => page.locator(".rule-over");

// What the service does in a moment, on a page that is loaded anew.
async function comes(page, path, what) {
	for (let i = 0; i < 30; i++) {
		await open(page, path);
		if (what.test(await main(page))) return true;
	}
	return false;
}

async function rules(page) {
	await open(page, "/social/watches");
	ok(/There are no rules yet/.test(await main(page)), "without rules the list says what one is for");
	await page.getByRole("link", { name: "Add a rule" }).click();
	await rule(page).waitFor();
	await field(page, "Code").fill("queue");
	await field(page, "English").fill("Post queues");
	await field(page, "Русский").fill("Очереди на почте");
	await field(page, "中文").fill("邮局排队");
	const save = button(page, "Save");
	ok(await save.isDisabled(), "nothing is saved that was not tried");
	await rule(page).fill("(очередь OR окно NOT вакансия");
	await page.keyboard.press("Control+Enter");
	await page.waitForSelector(".piece-wrong");
	ok(/Character \d+:/.test(await main(page)) && (await save.isDisabled()), "what is wrong is said at its character", await page.locator("#rule-says").innerText());
	equal(await rule(page).getAttribute("aria-invalid"), "true", "and to who does not see it");
	await axe(page, "a rule that is wrong");
	await picture(page, config.pictures, "watch-wrong");
	await rule(page).fill("очередь   AND посылк* NOT (вакансия)");
	await button(page, "Try it").click();
	await said(page, "It would have found");
	ok((await page.locator(".found mark").count()) >= 2, "a trial shows what it would find, with the words marked", await main(page));
	ok(/mentions? (was|were) looked at/.test(await main(page)), "of how many");
	ok(!/NOT \(вакансия\)/.test(await page.locator(".found .rule-text").first().innerText()), "and the rule as it was understood");
	await button(page, "Write it so").click();
	const canonical = await rule(page).inputValue();
	await axe(page, "a trial");
	await picture(page, config.pictures, "watch-tried");
	await page.emulateMedia({ colorScheme: "dark" });
	await page.screenshot({ path: `${config.pictures}/watch-tried-dark.png`, fullPage: true });
	await axe(page, "a trial, dark");
	await page.emulateMedia({ colorScheme: "light" });
	await save.click();
	await page.waitForURL(/watches\/queue/);
	await said(page, "version 1");
	ok((await main(page)).includes(canonical), "it is saved");
	await rule(page).fill("очередь OR letter");
	ok(await button(page, "Save as a new version").isDisabled(), "another text is tried again");
	await button(page, "Try it").click();
	await said(page, "It would have found");
	await button(page, "Save as a new version").click();
	await said(page, "version 2");
	ok((await page.locator(".versions li").count()) === 2, "a change is a version");
	await page.locator(".versions").getByRole("button", { name: "Take it into the form" }).click();
	equal(await rule(page).inputValue(), canonical, "an older one comes back into the form");
}

// After a feed has brought what it finds.
async function judge(page) {
	ok(await comes(page, "/social/watches/queue", /Found rightly/), "what it finds stands at the rule", (await main(page)).slice(0, 1500));
	const hits = page.locator("section", { has: page.locator("#hits-title") });
	ok((await hits.locator("mark").count()) > 0, "with what was found marked");
	await hits.getByRole("button", { name: "Found rightly" }).nth(0).click();
	await said(page, "1 judged");
	await hits.getByRole("button", { name: "Wrongly" }).nth(1).click();
	await said(page, "2 judged");
	ok(/50\.0%\s+95% interval/.test(await main(page)), "judging gives its precision, with an interval", await page.locator(".facts").innerText());
	await axe(page, "what a rule has found");
	await picture(page, config.pictures, "watch-hits");
	await open(page, "/social/watches");
	ok(/2 judged/.test(await main(page)), "which the list has too");
	await page.keyboard.press("j");
	await page.keyboard.press("Enter");
	await page.waitForSelector("#versions-title");
	await button(page, "End it").click();
	await said(page, "It is looked for no longer");
	await button(page, "Begin again").click();
	await page.waitForFunction(() => !document.querySelector("main").innerText.includes("It is looked for no longer"));
	ok((await page.locator(".versions li").count()) >= 3, "a rule is ended, and begins again");
}

async function decide(page) {
	await open(page, "/social/training");
	await page.waitForSelector(".unsure-say");
	const before = await page.locator(".said").first().innerText();
	const labels = async () => Number(/(\d+) corrections? by people/.exec(await main(page))?.[1]);
	const known = await labels();
	ok(/1 of \d/.test(await main(page)) && /The model thinks/.test(await main(page)), "what the model was not sure of comes one by one", await main(page));
	await page.keyboard.press("x");
	await page.waitForSelector("h3:has-text('Why?')");
	await settled(page);
	ok(/It says .+, with/.test(await main(page)), "why it said so is told", await main(page));
	await axe(page, "an explanation");
	await picture(page, config.pictures, "training-why");
	await page.keyboard.press("q");
	equal(await page.getByRole("button", { name: "q negative" }).getAttribute("aria-pressed"), "true", "a key says the tone");
	await page.keyboard.press("1");
	await said(page, "2 of");
	ok((await page.locator(".said").first().innerText()) !== before, "a key says what it is, and brings the next");
	await page.keyboard.press("s");
	await said(page, "3 of");
	await page.keyboard.press("b");
	await said(page, "2 of");
	ok(true, "one is passed over, or gone back to");
	await open(page, "/social/training");
	equal(await labels(), known + 1, "a decision is a label");
}

async function models(page) {
	await open(page, "/social/training");
	const list = page.locator(".models");
	ok(/version 2/.test(await list.innerText()) && /waits for a decision/.test(await list.innerText()), "versions of the model stand with their state", await list.innerText());
	ok(/no clear difference|better|worse/.test(await list.innerText()) && /95% interval/.test(await list.innerText()), "and how good each is beside the one in use", await list.innerText());
	await axe(page, "models");
	await button(page, "Use version 2").click();
	await said(page, "In use from now on: version 2.");
	await picture(page, config.pictures, "models-used");
	await button(page, "Undo: back to version 1").click();
	await said(page, "In use from now on: version 1.");
	await button(page, "Go back to the rules of the profile").click();
	await said(page, "In use from now on: the rules of the profile.");
	ok(true, "another is used, and taken back, down to the profile's rules");
	await button(page, "Undo: back to version 1").click();
	await said(page, "In use from now on: version 1.");
}

async function feeds(page) {
	await open(page, "/social/feeds");
	ok(/There are no feeds yet/.test(await main(page)), "without feeds the list says what one needs");
	const add = async (kind, code, url) => {
		await button(page, "Add a feed").click();
		await field(page, "What it is").selectOption({ label: kind });
		await field(page, "Code").fill(code);
		await field(page, "Address").fill(url);
	};
	await add("RSS or Atom", "shop", `${config.site}/nothing`);
	await button(page, "Try it").click();
	await said(page, "It does not work.");
	ok(/HTTP 404/.test(await main(page)), "a trial says what is wrong");
	await field(page, "Address").fill(`${config.site}/rss`);
	await button(page, "Try it").click();
	await said(page, "It works: 3 mentions would come.");
	ok(/The letter 1 came late/.test(await main(page)), "and what would come");
	await axe(page, "a feed that was tried");
	await picture(page, config.pictures, "feed-tried");
	await button(page, "Save").click();
	await page.waitForFunction(() => !document.querySelector("#feed-title"));
	await add("JSON of an interface", "api", `${config.site}/api`);
	await field(page, "Where the mentions are").fill("/data/items");
	await field(page, "Id of an item").fill("/id");
	await field(page, "Text of an item").fill("/say");
	await field(page, "Published at").fill("/at");
	await button(page, "Try it").click();
	await said(page, "It works: 2 mentions would come.");
	ok(/1 item is no mention/.test(await main(page)), "of an interface too, with what would be refused", await page.locator(".found").innerText());
	await picture(page, config.pictures, "feed-json");
	await button(page, "Save").click();
	await page.waitForFunction(() => !document.querySelector("#feed-title"));
	await add("mailbox (IMAP)", "reviews", config.reviews);
	equal(await field(page, "Header").count(), 0, "a mailbox has no header");
	await field(page, "User of the mailbox").fill("box");
	await field(page, "Name of the file with the secret").fill("old-box");
	await button(page, "Try it").click();
	await said(page, "It does not work.");
	ok(/Login denied/.test(await page.locator(".box-bad").innerText()), "a mailbox that refuses us is told", await main(page));
	await picture(page, config.pictures, "feed-mailbox-denied");
	await field(page, "Name of the file with the secret").fill("box");
	await button(page, "Try it").click();
	await said(page, "It works: 2 mentions would come.");
	ok(/Review 1/.test(await main(page)), "and what would come of its mails");
	await axe(page, "a mailbox that was tried");
	await picture(page, config.pictures, "feed-mailbox");
	await button(page, "Save").click();
	await page.waitForFunction(() => !document.querySelector("#feed-title"));
	await add("RSS or Atom", "broken", `${config.site}/nothing`);
	await button(page, "Save").click();
	await page.waitForFunction(() => !document.querySelector("#feed-title"));
	ok(await comes(page, "/social/feeds", /has failed/) && (await comes(page, "/social/feeds", /works[\s\S]*works[\s\S]*works/)), "each says how it does", await main(page));
	await picture(page, config.pictures, "feeds-list");
	await page.locator("tr", { hasText: "broken" }).getByRole("button", { name: /End it/ }).click();
	await page.waitForFunction(() => !document.querySelector("main table").innerText.includes("broken"));
	await button(page, "With ended ones").click();
	await said(page, "broken");
	ok(/ended/.test(await page.locator("tr", { hasText: "broken" }).innerText()), "one that was ended is out of the way, not gone");
	await page.locator("tr", { hasText: "shop" }).getByRole("button", { name: /Change/ }).click();
	equal(await field(page, "Address").inputValue(), `${config.site}/rss`, "a feed is changed");
	await field(page, "Seconds between looks").fill("60");
	await button(page, "Save").click();
	await page.waitForFunction(() => !document.querySelector("#feed-title"));
}

async function sources(page) {
	await open(page, "/social/sources");
	const silent = page.locator("tr", { hasText: "quiet.example" });
	ok(/silent for/.test(await silent.innerText()), "a silent source stands first, and since when", await silent.innerText());
	await silent.locator("summary").click();
	ok(/now:/.test(await silent.innerText()), "its silences are listed", await silent.innerText());
	const spikes = page.locator("section", { has: page.locator("#spikes-title") });
	const lasting = spikes.locator("tbody tr", { hasText: "lasts" });
	// This one, also when another has begun meanwhile and stands before it.
	const what = await lasting.first().locator("th").innerText();
	const row = lasting.filter({ hasText: what });
	ok(/by chance/.test(await row.innerText()), "a spike says what was expected", await row.innerText());
	await row.getByRole("button", { name: "Real" }).click();
	await said(page, "1 judged");
	await row.getByRole("button", { name: "False alarm" }).click();
	await row.locator("[aria-pressed=true]", { hasText: "False" }).waitFor();
	await page.reload();
	await settled(page);
	equal(await row.getByRole("button", { name: "False alarm" }).getAttribute("aria-pressed"), "true", "it is judged, and judged again");
	await picture(page, config.pictures, "sources-judged");
}

async function reader(page) {
	await open(page, "/social/watches/queue");
	ok((await page.locator(".rule-over").count()) === 0 && (await page.locator(".said").count()) === 0, "a reader sees rules, no texts and no form");
	await open(page, "/social/training");
	ok((await page.locator(".unsure-say").count()) === 0 && (await page.locator(".models button").count()) === 0, "models, and changes none");
	await open(page, "/social/feeds");
	ok((await page.locator("main table button").count()) === 0 && (await button(page, "Add a feed").count()) === 0, "feeds");
	await open(page, "/social/sources");
	ok((await button(page, "Real").count()) === 0, "and spikes, which others judge");
}

async function narrow(page) {
	for (const lang of ["ru", "zh"]) {
		for (const [name, path] of [["watch", "/social/watches/queue"], ["training", "/social/training"]]) {
			await page.setViewportSize(widths.desktop);
			await open(page, path, { lang });
			await page.screenshot({ path: `${config.pictures}/${name}-${lang}.png`, fullPage: true });
			await page.setViewportSize(widths.phone);
			await fits(page, `${name}, ${lang}`);
			await uncut(page, `${name}, ${lang}`);
		}
	}
	await page.setViewportSize(widths.desktop);
}

const pages = [
	["listen-watches", "/social/watches"], ["listen-watch", "/social/watches/queue"],
	["listen-training", "/social/training"], ["listen-feeds", "/social/feeds"], ["listen-sources", "/social/sources"],
];

await day(async () => {
	const olga = await come("olga");
	await rules(olga);
	await feeds(olga);
	await decide(olga);
	await models(await come("administrator"));
	await judge(olga);
	await sources(olga);
	await narrow(olga);
	await reader(await come("rita"));
	await everyPage(olga, config, (path, query) => open(olga, path, query), pages);
});
