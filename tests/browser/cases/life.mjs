// life.mjs -- a handler's morning: finds, takes and carries cases to their end, with a
// colleague looking on; what was typed survives, what is promised is seen, the second
// pair of eyes is another's. After pages.mjs, whose people have passwords now.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { axe, equal, fits, ok, picture, settled, widths } from "../lib.mjs";
import { choose, come, config, day, main, open, record, said } from "../people.mjs";

function publish(prefix, n, fields) {
	const lines = Array.from({ length: n }, (_, i) => JSON.stringify({
		type: "RegisterAppeal", external_id: `${prefix}-${i + 1}`, kind: "complaint", channel: "call-centre",
		topic: "delivery", unit: "north-01", occurred_at_us: new Date(Date.now() - 60_000 * (i + 1)).toISOString(), ...fields,
	}));
	const file = `${config.dir}/${prefix}.jsonl`;
	writeFileSync(file, lines.join("\n") + "\n");
	execFileSync(config.cli, ["publish", "appeals", file], { env: config.cli_env, cwd: config.dir });
}

async function find(page) {
	publish("odd", 1, { text: "The parcel arrived with a broken samovar inside" });
	publish("bulk", 5, { text: "The queue was long" });
	await open(page, "/appeals");
	// The index of words follows in a moment.
	let found = false;
	for (let i = 0; i < 20 && !found; i++) {
		await page.fill("input[type=search]", "samovars broke");
		await page.waitForTimeout(700);
		await settled(page);
		found = (await page.locator("main mark").count()) > 0;
		if (!found) await open(page, "/appeals");
	}
	ok(found, "words find a case in other forms of them, and are marked");
	ok(!/samovar/.test(page.url().replace("samovars+broke", "")) , "what was found stands in no address");
	await axe(page, "a search");
	await picture(page, config.pictures, "search");
	await page.getByText("odd-1", { exact: true }).click();
	await said(page, "samovar");
}

async function views(page) {
	await open(page, "/appeals", { handler: "nobody", only: "open" });
	await page.getByText("Save as a view").click();
	await page.getByLabel("Name of the view").fill("Unclaimed");
	await page.getByRole("button", { name: "Save", exact: true }).click();
	const view = page.getByRole("button", { name: "Unclaimed", exact: true });
	await view.waitFor();
	await open(page, "/appeals");
	await view.click();
	await page.waitForFunction(() => new URLSearchParams(location.search).get("handler") === "nobody");
	ok(true, "a saved view brings its filters back");
}

async function bulk(page) {
	for (const n of [1, 2, 3]) await page.getByLabel(`Choose bulk-${n}`, { exact: true }).check();
	await axe(page, "chosen rows");
	await page.getByRole("button", { name: "Assign to me" }).click();
	await page.waitForFunction(() => !document.querySelector("main").innerText.includes("bulk-1"));
	await open(page, "/appeals", { handler: "me" });
	const text = await main(page);
	ok(["bulk-1", "bulk-2", "bulk-3"].every((id) => text.includes(id)), "chosen cases are taken in one go", text.slice(0, 300));
	ok(!text.includes("bulk-4"), "and no other");
}

// A system outside is asked by keyboard alone, and its answer stands in the case.
async function lookUp(page) {
	const panel = page.locator("section", { has: page.locator("#lookup-title") });
	await panel.getByLabel("What").selectOption({ label: "Place" });
	ok(/does not say it: Address/.test(await panel.innerText()), "what a case lacks for a look-up is said", await panel.innerText());
	await panel.getByLabel("What").selectOption({ label: "Parcel" });
	const number = panel.getByLabel("Number");
	await number.fill("RA12");
	ok(/Does not look like/.test(await panel.innerText()) && (await panel.getByRole("button").isDisabled()), "a number of another shape is not asked for");
	await number.fill("RA123456785RU");
	await number.press("Enter");
	await panel.getByText("in transit").waitFor();
	ok(/answered/.test(await panel.innerText()) && /Kept in the case/.test(await panel.innerText()), "a look-up is answered where it was asked");
	await page.locator(".timeline li", { hasText: "Looked up outside" }).getByText("in transit").waitFor();
	const entry = await page.locator(".timeline li", { hasText: "Looked up outside" }).innerText();
	ok(/Parcel/.test(entry) && /RA123456785RU/.test(entry) && /Place/.test(entry), "and stands in the time line: what, by which number, the answer", entry);
	equal(await page.getByText("Somebody has just changed this case.").count(), 0, "one's own look-up is no news");
}

async function life(page, colleague) {
	await open(page, "/appeals", { handler: "me" });
	await page.getByText("bulk-1", { exact: true }).click();
	await said(page, "The queue was long");
	const at = page.url();
	const path = new URL(at).pathname.slice(config.prefix.length);

	await choose(page, "Note");
	await page.locator("main form textarea").fill("Half a thought");
	await page.waitForTimeout(2200);
	await page.reload({ waitUntil: "load" });
	await settled(page);
	await choose(page, "Note");
	equal(await page.locator("main form textarea").inputValue(), "Half a thought", "what was typed is there after a reload");
	await open(colleague, path);
	await said(colleague, "anna");
	ok(/also open|writing here/i.test(await main(colleague)), "a colleague is told who is here");
	await record(page);
	await said(page, "Half a thought");

	await choose(page, "Task for a unit");
	await page.locator("main form textarea").fill("Count the people at noon");
	await page.getByLabel("Unit", { exact: true }).fill("north-02");
	await page.locator("main form .button-main").click();
	await page.getByRole("alert").waitFor();
	ok(/Due: is missing, and no policy says it/.test(await main(page)), "what is missing is named, and nothing lost");
	await page.getByLabel("Due").fill("2027-01-10T10:00");
	await record(page);
	await said(page, "Count the people at noon");
	await page.getByRole("button", { name: "Settle" }).first().click();
	await page.getByLabel("Outcome").selectOption("TASK_DONE");
	await page.locator("main form textarea").fill("Forty at noon");
	await record(page);
	await said(page, "Forty at noon");
	ok(true, "a task goes out and comes back");

	await choose(page, "Promise to the customer");
	await page.locator("main form textarea").fill("A second window from Monday");
	await page.getByRole("button", { name: "Me", exact: true }).click();
	await page.getByLabel("Due").fill("2027-01-11T10:00");
	await record(page);
	await said(page, "A second window from Monday");
	ok(/Promises/.test(await main(page)), "a promise is watched");

	await choose(page, "Remedy");
	await page.getByLabel("Remedy").selectOption("refund");
	await page.getByLabel("Amount").fill("250.50");
	await page.getByLabel(/Currency/).fill("RUB");
	await record(page);
	await said(page, "waits for a second person");
	const own = page.getByRole("button", { name: "Decide" });
	equal(await own.count(), 0, "who proposed a remedy does not decide it");
	await colleague.reload();
	await settled(colleague);
	await colleague.getByRole("button", { name: "Decide" }).click();
	await colleague.getByLabel("Outcome", { exact: false }).first().selectOption("REMEDY_APPROVED");
	await record(colleague);
	await said(colleague, "approved");
	ok(true, "a second person approves it");

	// What she did is told here, and is to be looked at before the next step.
	await page.getByRole("button", { name: /seen it/ }).click();
	await choose(page, "Attach a file");
	await page.locator("main form input[type=file]").setInputFiles({ name: "queue.txt", mimeType: "text/plain", buffer: Buffer.from("forty people") });
	await page.waitForFunction(() => !document.querySelector("main form .button-main").disabled);
	await record(page);
	const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /queue\.txt/ }).click()]);
	equal(readFileSync(await file.path(), "utf8"), "forty people", "a file comes back as it went in");

	await lookUp(page);
	await axe(page, "a case with everything");
	await picture(page, config.pictures, "case-full");
	await page.setViewportSize(widths.phone);
	await settled(page);
	await fits(page, "a case with everything");
	await picture(page, config.pictures, "case-full");
	await page.setViewportSize(widths.desktop);

	for (const [step, text, state] of [
		["Answer", "There will be a second window", "Answered"], ["Resolve", "The window is open", "Resolved"],
		["Inform the customer", "You were told", "Customer informed"], ["Close", "", "Closed"], ["Reopen", "It is closed again", "Reopened"],
	]) {
		await choose(page, step);
		if (text) await page.locator("main form textarea").fill(text);
		await record(page);
		await page.waitForFunction((s) => document.querySelector(".page-head").innerText.includes(s), state);
		ok(true, `${step}: the case is ${state.toLowerCase()}`);
	}
}

await day(async () => {
	const page = await come("anna");
	const colleague = await come("administrator");
	await find(page);
	await views(page);
	await bulk(page);
	await life(page, colleague);
});
