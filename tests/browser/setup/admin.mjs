// admin.mjs -- the pages of an administrator: the directory's parts, policies with a
// preview of what a change would do, calendars, centres, accounts, answers; first as
// a day's work, then every page in each language, width and by the keyboard.
import { axe, equal, everyPage, ok, picture, publisher, settled } from "../lib.mjs";
import { button, come, config, day, root, field as fieldOf, main as mainOf, open as goTo } from "../people.mjs";

const page = await come("olga");
const publish = publisher(config, "policy");

const open = (path, query) => goTo(page, path, query);
const main = () => mainOf(page);
const main_button = (name) => button(page, name);
const field = (label) => fieldOf(page, label);

async function checkAndSave(what) {
	await main_button("Check").click();
	await page.getByText("Nothing speaks against it.", { exact: false }).waitFor();
	await main_button("Save").click();
	await page.waitForFunction(() => !document.querySelector("#form-title"));
	await settled(page);
	ok(true, what);
}

async function names(text) {
	const group = page.locator("fieldset", { has: page.locator("legend", { hasText: /^Name$/ }) }).first();
	for (const [i, before] of ["Имя ", "名 ", ""].entries()) await group.locator("input").nth(i).fill(before + text);
}

async function unit() {
	await open("/directory/units", { unit: "north" });
	await page.getByRole("link", { name: "Add a unit" }).click();
	await page.waitForSelector("#form-title");
	await settled(page);
	ok(await main_button("Check").isDisabled(), "what is missing is said, and nothing can be sent before");
	await field("Code").fill("north-77");
	await names("Test office");
	equal(await field("Part of").inputValue(), "north", "a new unit lies where one stood");
	await field("First day").fill("2026-01-01");
	await field("Level").fill("office");
	await field("Part of").fill("no-such-unit");
	await main_button("Check").click();
	await page.getByRole("alert").first().waitFor();
	ok(/does not take/.test(await main()), "the directory refuses before anything is saved");
	await field("Part of").fill("north");
	await checkAndSave("a unit is added");
	ok(/Test office/.test(await page.locator("h1").innerText()), "and has its page", await page.locator("h1").innerText());
	await main_button("Move").click();
	await field("Part of").fill("east");
	await field("First day").fill("2026-03-01");
	await picture(page, config.pictures, "unit-move");
	await checkAndSave("it is moved from a day on");
	const text = await main();
	ok(/until Mar 1, 2026 begins/.test(text) && /from Mar 1, 2026/.test(text), "both versions stand in the line of time", text.slice(-500));
	await picture(page, config.pictures, "unit-record");
}

async function fixMistake() {
	await open("/directory/departments/+");
	await field("Code").fill("claims");
	await names("Claims");
	await field("First day").fill("2026-01-01");
	await checkAndSave("a department is added");
	await main_button("End it").click();
	await field("Gone from (empty: open)").fill("2030-01-01");
	await checkAndSave("and ended on a day to come");
	ok(/until Jan 1, 2030 begins/.test(await main()), "which is said");
}

async function policy() {
	await open("/directory/policies");
	const text = await main();
	ok(/within 48 hours \(elapsed time\), from registration to first answer, for all cases/.test(text), "a policy is said in words", text.slice(0, 600));
	await page.getByRole("link", { name: /^First answer$/ }).first().click();
	await page.waitForSelector("#now-title");
	await settled(page);
	await main_button("Change from a day on").click();
	await field("Time limit").fill("10");
	await main_button("Check").click();
	await page.getByText("Nothing speaks against it.", { exact: false }).waitFor();
	ok(/48 hours\s*→\s*10 hours/.test(await main()), "what would change is said", await main());
	await main_button("Look").click();
	await page.getByText(/would have another time limit/).waitFor();
	const told = await main();
	ok(/First answer/.test(told) && /In time/.test(told) && /→/.test(told), "and what it would do to cases", told.slice(-800));
	await picture(page, config.pictures, "policy-preview");
	await main_button("Save").click();
	await page.waitForFunction(() => !document.querySelector("#form-title"));
	await settled(page);
	ok(/within 10 hours/.test(await main()), "saved: it holds from today on");
	const [id] = publish(1);
	await open("/appeals", { order: "newest" });
	await page.getByText(id, { exact: true }).first().click();
	await page.waitForSelector("#facts-title");
	await settled(page);
	const clocks = await page.locator(".clocks").innerText();
	ok(/First answer/.test(clocks) && /[89] h|10 h/.test(clocks) && !/1 d/.test(clocks), "a case of today has the new limit", clocks);
}

// Lists of things in one form: added, taken away, refused at the place, saved.
async function lookup() {
	await open("/directory/policies/+", { rule: "lookup" });
	await field("Code").fill("meter");
	await page.locator("main form").getByLabel("English").first().fill("Meter");
	await field("Address").fill("https://meters.test/{meter}");
	const group = (name) => page.locator("fieldset", { has: page.locator(`legend:text-is("${name}")`) });
	for (const name of ["Typed in by who asks", "Shown of the answer", "Shown of the answer"])
		await group(name).getByRole("button", { name: /^Add/ }).click();
	const input = group("Typed in by who asks").getByRole("group").first();
	await input.getByLabel("Field").fill("number");
	await input.getByLabel("English").fill("Meter number");
	await group("Shown of the answer").getByRole("button", { name: /^Remove.* 2$/ }).click();
	const shown = group("Shown of the answer").getByRole("group").first();
	await shown.getByLabel("Pointer").fill("/state");
	await shown.getByLabel("English").fill("Meter state");
	await field("First day").fill("2026-01-01");
	await main_button("Check").click();
	await page.getByText("names a field that is neither the case's nor typed in").waitFor();
	ok(true, "a look-up with an unknown field is refused, in words");
	await field("Address").fill("https://meters.test/{number}");
	await main_button("Check").click();
	await page.getByText("Nothing speaks against it.", { exact: false }).waitFor();
	await axe(page, "the form of a look-up");
	await picture(page, config.pictures, "lookup-new");
	await main_button("Save").click();
	await page.waitForFunction(() => !document.querySelector("#form-title"));
	await settled(page);
	ok(/asks meters\.test, shows: Meter state, for all cases/.test(await main()), "saved: said in words", await main());
	await main_button("Change from a day on").click();
	equal(await group("Shown of the answer").getByRole("group").first().getByLabel("Pointer").inputValue(), "/state", "and opens again as it was");
}

// A rule about mentions: no case is looked at for it.
async function spam() {
	await open("/directory/policies/+", { rule: "spam" });
	await field("Code").fill("adverts");
	await names("Adverts");
	await field("Mentions of one author within an hour from which all are spam").fill("50");
	await field("Copies: judged from so many mentions on").fill("5");
	await field("Copies: share from which all are spam, %").fill("101");
	await field("Links: judged from so many mentions on").fill("6");
	await field("Links: share from which all are spam, %").fill("90");
	await field("First day").fill("2026-01-01");
	await main_button("Check").click();
	await page.getByText("must be from 1 to 100").waitFor();
	await field("Copies: share from which all are spam, %").fill("70");
	equal(await main_button("Look").count(), 0, "a rule about mentions has no preview of cases");
	await checkAndSave("what is spam is said by a policy");
	ok(/Spam of one author within an hour: 50 mentions or more, 5 or more if 70% are copies, 6 or more if 90% carry links/.test(await main()), "in words", await main());
}

async function calendar() {
	await open("/directory/calendars/+");
	await field("Code").fill("offices");
	await names("Offices");
	for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]) await field(day).fill("9-18");
	await field("First day").fill("2020-01-01");
	await checkAndSave("a calendar is added");
	const day = page.locator('[data-day$="-06-15"]');
	await day.click();
	const named = await day.getAttribute("aria-label");
	const weekday = !/Saturday|Sunday/.test(named);
	await page.getByLabel("Closed all day").check();
	await page.getByLabel("Why", { exact: true }).fill("Day of the city");
	await page.locator(".day-form").getByRole("button", { name: "Save" }).click();
	await page.waitForFunction(() => /Day of the city/.test(document.querySelector('[data-day$="-06-15"]')?.getAttribute("aria-label") ?? ""));
	ok(/day-holiday/.test((await day.getAttribute("class")) ?? "") === weekday, "a day of the year is closed where it stands");
	await day.focus();
	await page.keyboard.press("ArrowDown");
	equal(await page.evaluate(() => document.activeElement.dataset.day.slice(5)), "06-22", "arrows walk the days");
	await page.locator(".day-form").getByRole("button", { name: "Not now" }).click();
	equal(
		[await page.locator(".day-form").count(), await page.evaluate(() => document.activeElement.dataset.day?.slice(5))],
		[0, "06-22"], "a day that is put away keeps the focus",
	);
	await day.click();
	await picture(page, config.pictures, "calendar");
}

async function account() {
	await open("/directory/people/+");
	await field("Sign-in name").fill("vera");
	await field("Shown as").fill("Vera");
	await page.getByLabel("handles cases").check();
	await field("Sees the subtree of (empty: everything)").fill("north");
	await checkAndSave("an account is added");
	await open("/directory/people");
	await page.getByRole("link", { name: "Vera" }).click();
	await page.waitForSelector("#now-title");
	await main_button("Change").click();
	await field("Revoked: may not sign in").check();
	await checkAndSave("and revoked");
	await open("/directory/people");
	ok(/revoked/.test(await page.getByRole("row", { name: /^Vera / }).innerText()), "which the list says");
}

// Of a machine: made, used, told of, ended.
async function tokens() {
	const asks = (token) => fetch(`${root}/api/v1/session`, { headers: { Authorization: `Bearer ${token}` } });
	await open("/directory/people/webform");
	await page.waitForSelector("#tokens-title");
	await main_button("Make an API token").click();
	await field("What it is for").fill("The form of the site");
	equal(await field("Days it is valid").inputValue(), "365", "a token is valid for a year unless said");
	await page.locator("#token-form ~ form .button-main").click();
	const shown = page.getByLabel("API token", { exact: true });
	await shown.waitFor();
	const token = await shown.inputValue();
	const answer = await asks(token);
	equal([answer.status, (await answer.json()).principal?.name], [200, "webform"], "an API token is made, and lets the machine in");
	await axe(page, "an API token that was made");
	await picture(page, config.pictures, "token-made");
	await open("/directory/people/webform");
	const row = page.getByRole("row", { name: /The form of the site/ });
	await row.waitFor();
	ok(!(await main()).includes(token), "its secret is shown once");
	ok(/valid until/.test(await row.innerText()) && !/never/.test(await row.innerText()), "the list says until when, and the last sign-in", await row.innerText());
	await row.getByRole("button", { name: "Revoke" }).click();
	await page.locator("#token-form ~ form .button-main").click();
	await row.getByText(/revoked/).waitFor();
	equal((await asks(token)).status, 401, "a revoked one lets nobody in");
}

// The second person, without a browser.
async function approve(code) {
	const json = { "Content-Type": "application/json" };
	const answer = await fetch(`${root}/api/v1/invites/accept`, {
		method: "POST",
		headers: json,
		body: JSON.stringify({ code: config.invites.administrator, password: config.password }),
	});
	const session = await answer.json();
	const cookie = answer.headers.getSetCookie().map((c) => c.split(";")[0]).join("; ");
	const done = await fetch(`${root}/api/v1/templates/${code}/decision`, {
		method: "POST",
		headers: { ...json, Cookie: cookie, "X-CSRF-Token": session.csrf_token, "Idempotency-Key": crypto.randomUUID() },
		body: JSON.stringify({ version: 1, state: "DESK_APPROVED" }),
	});
	equal(done.status, 200, "the second person's decision is taken");
}

async function template() {
	await open("/answers/templates/+");
	await field("Code").fill("late-letter");
	await names("Late letter");
	const texts = page.locator("fieldset", { has: page.locator("legend", { hasText: /^Text$/ }) }).locator("textarea");
	await texts.nth(0).fill("Здравствуйте, {{person.name}}! Письмо {{appeal.external_id}} найдено.");
	await texts.nth(2).fill("Dear {{person.name}}, {{person.nmae}}");
	await page.getByText("There is no such field:").waitFor();
	ok(true, "a field that there is not is told while one types");
	await texts.nth(2).fill("Dear {{person.name}}, we found the letter {{appeal.external_id}}.");
	ok(/Dear name of the customer/.test(await main()), "the text is shown filled");
	await picture(page, config.pictures, "template-edit");
	await main_button("Save as a draft").click();
	await page.waitForSelector("#version-1");
	await settled(page);
	ok(await main_button("Approve").isDisabled(), "its author does not approve it");
	await approve("late-letter");
	await open("/answers/templates/late-letter");
	ok(/approved, in use/.test(await main()), "a second person does");
	await open("/answers/articles/+");
	await field("Code").fill("letters");
	const titles = page.locator("fieldset", { has: page.locator("legend", { hasText: /^Title$/ }) }).locator("input");
	const bodies = page.locator("fieldset", { has: page.locator("legend", { hasText: /^Text$/ }) }).locator("textarea");
	for (const [i, [title, body]] of [["Где моё письмо?", "Придёт за неделю."], ["我的信在哪里？", "一周内到达。"], ["Where is my letter?", "It comes within a week."]].entries()) {
		await titles.nth(i).fill(title);
		await bodies.nth(i).fill(body);
	}
	await page.getByLabel("Customers may read it").check();
	await main_button("Save as a draft").click();
	await page.waitForSelector("#version-1");
	ok(/Where is my letter/.test(await main()), "an article is a draft too");
}

async function centre() {
	await open("/directory/centres/+");
	await field("Unit").fill("north-02");
	await field("Opening planned for").fill("2026-09-01");
	await field("First day").fill("2026-01-01");
	await checkAndSave("a centre is planned");
	await open("/directory/centres");
	ok(/quarter 3/.test(await main()) && /in preparation/.test(await main()), "and stands in the plan of its quarter", (await main()).slice(0, 500));
}

async function reader() {
	await open("/directory/policies");
	await page.getByRole("button", { name: /Olga/i }).click();
	await page.getByRole("button", { name: /sign out/i }).click();
	await page.waitForSelector("input[name=name]");
	await page.goto("about:blank");
	await page.goto(`${root}/?lang=en#/invite/${config.invites.rita}`);
	await page.locator("input[type=password]").first().waitFor();
	await page.locator("input[type=password]").nth(0).fill(config.password);
	await page.locator("input[type=password]").nth(1).fill(config.password);
	await page.locator(".button-main").click();
	await page.waitForSelector("nav a[aria-current=page]");
	await open("/directory/policies");
	equal(await page.locator("main a", { hasText: "Add" }).count(), 0, "a reader sees policies and is offered no change");
	await open("/directory/units");
	ok(/post/i.test(await main()), "and the tree");
}

const pages = [
	["units", "/directory/units"], ["unit", "/directory/units/north-77"], ["unit-new", "/directory/units/+"],
	["departments", "/directory/departments"], ["employees", "/directory/employees"], ["employee-new", "/directory/employees/+"],
	["terms", "/directory/terms"], ["term", "/directory/terms/topic%2Fdelivery"],
	["calendars", "/directory/calendars"], ["calendar", "/directory/calendars/offices"],
	["policies", "/directory/policies"], ["policy", "/directory/policies/first_response"], ["policy-new", "/directory/policies/+"],
	["policy-spam", "/directory/policies/adverts"],
	["centres", "/directory/centres"], ["denominators", "/directory/denominators"], ["people", "/directory/people"],
	["machine", "/directory/people/webform", { dataHeading: true }],
	["templates", "/answers/templates"], ["template", "/answers/templates/late-letter"], ["template-new", "/answers/templates/+"],
	["articles", "/answers/articles"], ["article", "/answers/articles/letters"],
];

await day(async () => {
	await unit();
	await fixMistake();
	await calendar();
	await centre();
	await account();
	await tokens();
	await template();
	await policy();
	await lookup();
	await spam();
	await everyPage(page, config, open, pages);
	await reader();
});
