// privacy.mjs -- what is kept of customers, what goes out to them, who comes to visit,
// the report of a quarter and what an organisation writes for everybody: as an
// administrator, a privacy officer and a handler work with it, then every page in each
// language, width and by the keyboard. After admin.mjs, whose people have passwords.
import { readFileSync } from "node:fs";
import { axe, equal, everyPage, fits, ok, picture, publisher, settled, uncut, widths } from "../lib.mjs";
import { unzipSync } from "../../../services/gateway/web/node_modules/fflate/esm/index.mjs";
import { button, choose, come, config, day, field, main, open, record, root, said, somebody } from "../people.mjs";

const publish = publisher(config, "privacy");
const PHONE = "+7 900 555-77-01";
const EMAIL = "vera@customers.test";
const addresses = [];

const sees = (request) => addresses.push(decodeURIComponent(request.url()));

// What a click saves.
async function saved(page, click) {
	const [file] = await Promise.all([page.waitForEvent("download"), click()]);
	const content = readFileSync(await file.path());
	return { name: file.suggestedFilename(), content, text: content.toString() };
}

const person = { name: "Vera Pavlovna", phone: PHONE };

// --- customers ---

async function links(page) {
	publish(2, { person, text: "The parcel is lost" });
	const [other] = publish(1, { person: { name: "V. P.", email: EMAIL }, text: "Still lost" });
	const id = async (text) => {
		await open(page, "/appeals", { order: "newest" });
		await page.getByText(text, { exact: true }).first().click();
		await page.waitForSelector("#facts-title");
		await settled(page);
		return new URL(page.url()).pathname.split("/").pop();
	};
	const otherId = await id(other);
	const first = await id("privacy-1");
	await page.getByText("Other cases of this customer").click();
	await said(page, "privacy-2");
	ok(/perhaps the same matter/.test(await main(page)), "a case shows the others of its customer, and which may be the same matter");
	await button(page, "Join with the customer of another case").click();
	await field(page, "Number of the other case").fill(otherId);
	await field(page, "Why").fill("the same handwriting");
	await page.locator("section", { has: page.locator("#subject-form") }).locator(".button-main").click();
	await said(page, "the same handwriting");
	ok((await main(page)).includes(other), "two customers are joined, with a reason");
	await axe(page, "a case with its customer");
	await picture(page, config.pictures, "case-customer");
	await page.locator(".items li", { hasText: "the same handwriting" }).getByRole("button", { name: "Part again" }).click();
	await field(page, "Why").fill("another hand after all");
	await page.locator("section", { has: page.locator("#subject-form") }).locator(".button-main").click();
	await said(page, "another hand after all");
	ok(!(await page.locator("details tbody").first().innerText()).includes(other), "and parted again");
	await page.getByText("Messages about this case").click();
	await said(page, "Nobody was written to");
	ok(true, "a case says what went out about it");
	await choose(page, "Attach a file");
	await page.locator("main form input[type=file]").setInputFiles({ name: "letter: 1.txt", mimeType: "text/plain", buffer: Buffer.from("Vera's letter") });
	await page.waitForFunction(() => !document.querySelector("main form .button-main").disabled);
	await record(page);
	return first;
}

async function ask(page, by, value) {
	await open(page, "/privacy");
	await field(page, "By").selectOption({ label: by });
	await page.locator("main form input").fill(value);
	await button(page, "Look up").click();
	await page.waitForSelector("#found-title, .box-bad");
	await settled(page);
}

async function customer(page) {
	await open(page, "/privacy");
	equal(await page.locator("nav a[aria-current=page]").first().innerText(), "Customers' data", "a privacy officer has a section for it");
	ok(await button(page, "Look up").isDisabled(), "nothing is looked up before one says whom");
	await ask(page, "Phone", PHONE);
	ok(/2 cases found/.test(await main(page)) && /privacy-1/.test(await main(page)), "a customer's cases are found by phone", await main(page));
	await axe(page, "a customer");
	await picture(page, config.pictures, "privacy-customer-found");
	const file = await saved(page, () => page.getByRole("button", { name: "Save all as an archive" }).click());
	const files = unzipSync(file.content);
	const kept = JSON.parse(Buffer.from(files["customer.json"]).toString());
	ok(/^customer-[\d-]+\.zip$/.test(file.name) && kept.appeals.length === 2 && kept.appeals[0].person.phone === PHONE &&
		kept.appeals.every((a) => a.text === "The parcel is lost"), "all that is kept is a file", JSON.stringify(kept).slice(0, 400));
	const paths = kept.appeals.flatMap((a) => a.attachments.map((attachment) => attachment.path));
	ok(paths.length === 1 && /^files\/[0-9a-f-]+\/[^/]+letter_ 1\.txt$/.test(paths[0]) &&
		Buffer.from(files[paths[0]]).toString() === "Vera's letter", "with what they have attached", Object.keys(files));
	const erase = page.locator(".button-bad");
	ok(await erase.isDisabled(), "nothing is erased before it was read what that does");
	ok(/cannot be undone/.test(await main(page)) && /backups/.test(await main(page)), "which is said");
	await page.getByLabel("I have read what it does.").check();
	await erase.click();
	await said(page, "The data of 2 cases was erased.");
	await picture(page, config.pictures, "privacy-erased");
	await ask(page, "Phone", PHONE);
	ok(/Nothing is kept/.test(await main(page)), "afterwards there is nothing to find");
	await ask(page, "E-mail", EMAIL);
	ok(/1 case found/.test(await main(page)), "the other customer's data is there");
	await open(page, "/privacy/erasures");
	const list = await main(page);
	ok(/the customer asked for it/.test(list) && /paula/.test(list), "the erasure is on record", list);
	const proof = await saved(page, () => button(page, "Export CSV").click());
	equal(proof.text.trim().split("\r\n").length, 3, "and in a file, a line a case");
	ok(!/555-?77/.test(proof.text) && !list.includes("Vera"), "without anything personal");
	await open(page, "/privacy/retention");
	await page.locator("tr", { hasText: "Complaint" }).getByRole("button").click();
	await field(page, "Days after the end of the case").fill("3650");
	await page.getByLabel("I have read what it does.").check();
	await button(page, "Save").click();
	await said(page, "3,650 days after the end");
	ok(true, "how long a kind is kept is set");
	await picture(page, config.pictures, "privacy-retention");
	ok(!addresses.some((a) => a.includes("555-77") || a.includes(EMAIL)), "no address had anything personal in it");
}

async function byCase(page, id) {
	await open(page, `/appeals/${id}`);
	ok(/Nothing is known of the customer/.test(await main(page)), "the case itself is there still, without its customer");
	await page.getByText("Other cases of this customer").click();
	await page.getByRole("link", { name: "All that is kept of this customer" }).click();
	await page.waitForSelector("#ask-title");
	await button(page, "Look up").click();
	await page.waitForSelector("#found-title");
	ok(/privacy-1/.test(await page.locator("section", { has: page.locator("#found-title") }).innerText()), "from a case one comes to its customer");
	await open(page, "/audit");
	equal(await page.locator("main nav.tabs a").allInnerTexts(), ["Audit", "A customer", "Erasures", "Retention"], "an administrator finds it beside the audit");
	ok(/Looked up all that is kept of a customer/.test(await main(page)), "where each look is recorded", (await main(page)).slice(0, 800));
}

async function auditor(page) {
	equal(new URL(page.url()).pathname, `${config.prefix}/audit`, "an auditor begins with the audit");
	equal(await page.locator("main nav.tabs a").allInnerTexts(), ["Audit", "Erasures", "Retention"], "and sees what was erased, not whose");
	await open(page, "/privacy");
	ok(/the customer asked for it/.test(await main(page)) && (await page.locator("main form input").count()) === 0, "no customer is looked up");
	await open(page, "/privacy/retention");
	ok(/3,650 days/.test(await main(page)) && (await page.locator("main td button").count()) === 0, "nor anything changed");
}

// --- mail ---

// What the service does in a moment, on a page that is loaded anew by hand.
async function comes(page, what) {
	for (let i = 0; i < 40; i++) {
		if (what.test(await main(page))) return true;
		await button(page, "Reload").click();
		await settled(page);
	}
	return false;
}

async function mail(page) {
	await open(page, "/system/messages", { state: "OUTGOING_FAILED" });
	const rows = page.locator("main tbody tr");
	ok((await rows.count()) >= 1 && /no approved template/.test(await main(page)), "what has failed is listed with its reason", await main(page));
	await picture(page, config.pictures, "messages-failed");
	await rows.first().getByRole("button", { name: "Try now" }).click();
	await said(page, "will be tried now");
	await axe(page, "a message that is tried");
	// There is no template still: the second attempt fails as well.
	ok(await comes(page, /attempt 2/), "and is", await main(page));
	const file = await saved(page, () => button(page, "Export CSV").click());
	ok(/no_template/.test(file.text) && !file.text.includes("@"), "the file says why, and to nobody's address", file.text);
	await rows.first().locator("th a").click();
	await page.waitForSelector("#facts-title");
	await page.getByText("Messages about this case").click();
	await said(page, "attempt 2");
	ok(true, "the case has its messages with each attempt");
	await picture(page, config.pictures, "case-messages");

	await open(page, "/system/webhooks");
	await button(page, "Add a webhook").click();
	await field(page, "Name").fill("crm");
	await field(page, "Address").fill("http://127.0.0.1/events");
	await field(page, "Name of the file with the secret").fill("box");
	await button(page, "Save").click();
	await page.getByRole("alert").first().waitFor();
	ok(/https:/.test(await page.getByRole("alert").first().innerText()), "a webhook that is not safe is refused, and what was typed is kept");
	await field(page, "Address").fill("https://crm.test/events");
	await button(page, "Save").click();
	await page.waitForFunction(() => !document.querySelector("#webhook-title"));
	await settled(page);
	ok(/https:\/\/crm.test\/events/.test(await main(page)) && /codes and times/.test(await main(page)), "one is added");

	await open(page, "/system/mailboxes");
	await button(page, "Add a mailbox").click();
	await field(page, "Name").fill("care");
	await field(page, "Address").fill("imaps://localhost:1/INBOX");
	await field(page, "User of the mailbox").fill("box");
	await field(page, "Name of the file with the secret").fill("box");
	await field(page, "Kind").selectOption("complaint");
	await field(page, "Channel").selectOption("call-centre");
	await field(page, "Unit").fill("north-01");
	await picture(page, config.pictures, "mailbox-new");
	await button(page, "Save").click();
	await page.waitForFunction(() => !document.querySelector("#mailbox-title"));
	ok(await comes(page, /does not work/), "a mailbox that cannot be reached says so", await main(page));
	await picture(page, config.pictures, "mailbox-broken");
	await page.locator("tr", { hasText: "does not work" }).getByRole("button").click();
	await field(page, "Address").fill(config.imap);
	await button(page, "Save").click();
	await page.waitForFunction(() => !document.querySelector("#mailbox-title"));
	ok(await comes(page, /in use/), "with the right address it works", await main(page));
	await open(page, "/system/mailboxes");
	const aside = await main(page);
	ok(/too large/.test(aside) && /an answering machine/.test(aside), "mails that were put aside are listed with the reason", aside);
	ok(/Taken\s+1|\b1\b/.test(await page.locator("tr", { hasText: "care" }).first().innerText()), "and the others counted", aside);
	await picture(page, config.pictures, "mailboxes");
}

// --- visits ---

// As somebody on the street would.
async function book() {
	const slots = await (await fetch(`${root}/api/v1/public/slots?unit=north-01&service=specialist`)).json();
	const slot = slots.slots[0];
	const answer = await fetch(`${root}/api/v1/public/bookings`, {
		method: "POST",
		headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
		body: JSON.stringify({ unit: "north-01", service: "specialist", day: slot.day, minute: slot.minute, person, consent: true }),
	});
	equal(answer.status, 201, "somebody books a visit");
	return slot.day;
}

async function rules(page) {
	await open(page, "/directory/centres/north-01");
	await said(page, "20 min each, 2 visits at a time");
	await page.locator("tr", { hasText: "20 min each" }).getByRole("button", { name: "Change from a day on" }).click();
	await field(page, "Visits at a time").fill("3");
	await field(page, "First day").fill("2099-01-01");
	await button(page, "Save").click();
	await said(page, "3 visits at a time");
	ok(/until Jan 1, 2099 begins/.test(await main(page)), "a rule holds from a day on, and ends the one before");
	await page.locator("tr", { hasText: "3 visits at a time" }).getByRole("button", { name: "End it" }).click();
	await field(page, "First day").fill("2099-06-01");
	await page.locator("section", { has: page.locator("#slot-form") }).locator(".button-main").click();
	await said(page, "no visits");
	ok(true, "and is ended from a day on");
	await axe(page, "slot rules");
	await picture(page, config.pictures, "slot-rules");
	await page.setViewportSize(widths.phone);
	for (const lang of ["ru", "zh", "xx"]) {
		await open(page, "/directory/centres/north-01", { lang });
		await fits(page, `slot rules, ${lang}`);
		await uncut(page, `slot rules, ${lang}`);
	}
	await page.setViewportSize(widths.desktop);
}

async function visits(page, day) {
	await open(page, "/appeals");
	await page.getByRole("link", { name: "Visits of the day" }).click();
	await page.waitForSelector("input[type=date]");
	await settled(page);
	await open(page, "/visits", { centre: "north-01", day });
	ok(/Vera Pavlovna/.test(await main(page)) && /09:00|[01]\d:\d0/.test(await main(page)) && (await main(page)).includes(PHONE), "who comes is listed by time", await main(page));
	await axe(page, "visits of a day");
	await picture(page, config.pictures, "visits");
	await page.emulateMedia({ media: "print" });
	ok(!(await page.locator(".nav").isVisible()) && !(await page.locator(".filters").isVisible()) && (await page.locator("h1").isVisible()), "on paper there is the list alone");
	await page.emulateMedia({ media: "screen" });
	await button(page, "Next day").click();
	await settled(page);
	ok(/Nobody has booked/.test(await main(page)), "the next day is empty, which is said");
	ok(!page.url().includes("Vera"), "no address names who comes");
}

// --- the report ---

async function report(page) {
	await open(page, "/", { period: "12m" });
	await page.getByRole("link", { name: "Report", exact: true }).click();
	await page.waitForSelector(".report caption");
	await settled(page);
	const text = await main(page);
	ok(/What came in/.test(text) && /Compared/.test(text) && /complaint/.test(text), "the overview leads to the report", text.slice(0, 600));
	const answer = await page.evaluate(async (url) => (await fetch(url)).json(), `${root}/api/v1/reports/appeals?days=2020-01-01..2099-01-01`);
	await open(page, "/report", { period: "2020-01-01..2098-12-31" });
	const all = answer.rows.find((row) => row.margin === "all");
	ok((await page.locator(".report-total").innerText()).startsWith(Number(all.count).toLocaleString("en")), "its total is the service's", all);
	const kinds = answer.rows.filter((row) => row.margin === "kind");
	const cells = await page.locator(".report").first().locator(".report-sum td").allInnerTexts();
	equal(cells.length, kinds.length, "each kind has its column");
	equal(cells.reduce((sum, cell) => sum + Number(cell.split(/\s/)[0].replaceAll(",", "")), 0), Number(all.count), "which together are all");
	const file = await saved(page, () => button(page, "Export CSV").click());
	equal(file.text.trim().split("\r\n").length, answer.rows.length + 1, "the file has every row");
	const quarter = page.locator("main .filters button").nth(1);
	await quarter.click();
	await settled(page);
	ok(/period=\d{4}-\d\d-01\.\.\d{4}-\d\d-3[01]/.test(page.url()) && (await quarter.getAttribute("aria-pressed")) === "true", "a quarter stands in the address", page.url());
	await open(page, "/report", { period: "12m", unit: "north" });
	ok(/north/i.test(await page.locator("h1").innerText()), "as does the unit");
	await picture(page, config.pictures, "report");
	await page.emulateMedia({ media: "print" });
	const paper = await main(page);
	ok(/Made .+ by/.test(paper) && !(await page.locator(".top").isVisible()) && !(await page.locator(".actions").isVisible()), "on paper it says what it is of and when it was made, without controls", paper.slice(-300));
	await page.setViewportSize({ width: 794, height: 1123 });
	await fits(page, "the report on paper");
	await page.screenshot({ path: `${config.pictures}/report-print.png`, fullPage: true });
	await page.emulateMedia({ media: "screen" });
	await page.setViewportSize({ width: 1280, height: 800 });
}

// --- for everybody ---

// Writes with one session and approves with another, as two people do.
async function article(writer, approver, code, parent, texts) {
	const post = (page, path, body) =>
		page.evaluate(async ([url, session, sent]) => {
			const { csrf_token } = await (await fetch(session)).json();
			const answer = await fetch(url, {
				method: "POST",
				headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token, "Idempotency-Key": crypto.randomUUID() },
				body: JSON.stringify(sent),
			});
			return answer.status;
		}, [`${root}/api/v1${path}`, `${root}/api/v1/session`, body]);
	equal(await post(writer, "/articles", { code, parent, public: true, texts }), 201, `${code} is written`);
	equal(await post(approver, `/articles/${code}/decision`, { version: 1, state: "DESK_APPROVED" }), 200, "and approved by another");
}

async function everybody(page, writer, approver) {
	const text = (title, body) => [{ lang: "en", title, body }, { lang: "ru", title: `Ру: ${title}`, body }, { lang: "zh", title: `中文：${title}`, body }];
	await article(writer, approver, "how-to-pay", "", text("How to pay", "At the office or by card."));
	await article(writer, approver, "pay-card", "how-to-pay", text("By card", "Any card will do."));
	await article(writer, approver, "publications", "", text("Publications", "What we have to tell."));
	await article(writer, approver, "tariffs-2027", "publications", text("Tariffs of 2027", "They stay as they are."));
	await article(writer, approver, "lost-key", "", text("I have lost my key", "Come to us."));
	await open(page, "/public");
	await page.getByText("How to pay", { exact: true }).click();
	await said(page, "At the office or by card.");
	await page.getByText("By card", { exact: true }).click();
	await said(page, "Any card will do.");
	ok(true, "customers find how to pay on the first page");
	await axe(page, "a section for everybody");
	await open(page, "/public");
	await page.getByText("Publications", { exact: true }).click();
	await said(page, "Tariffs of 2027");
	ok(/20\d\d/.test(await page.locator(".cards small").first().innerText()), "and publications with their days");
	await fits(page, "publications");
	await picture(page, config.pictures, "public-publications");
	await open(page, "/public/faq");
	const faq = await main(page);
	ok(/lost my key/.test(faq) && !/Tariffs|By card/.test(faq), "which are no questions", faq);
	await open(page, "/public", { lang: "ru" });
	ok(/Ру: How to pay/.test(await main(page)), "in the reader's language");
	await picture(page, config.pictures, "public-home");
}

const pages = [
	["privacy-customer", "/privacy"], ["privacy-erasures", "/privacy/erasures"], ["privacy-retention", "/privacy/retention"],
	["messages", "/system/messages"], ["mailboxes", "/system/mailboxes"], ["webhooks", "/system/webhooks"],
	["visits", "/visits"], ["report", "/report"],
];

await day(async () => {
	const anna = await come("anna", sees);
	const id = await links(anna);
	const paula = await come("paula", sees);
	await customer(paula);
	await auditor(await come("igor", sees));
	const olga = await come("olga", sees);
	await byCase(olga, id);
	await mail(olga);
	await rules(olga);
	await visits(anna, await book());
	await report(olga);
	await everybody(await somebody("reads"), olga, await come("administrator", sees));
	await everyPage(olga, config, (path, query) => open(olga, path, query), pages);
});
