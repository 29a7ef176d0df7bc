// What a person does with the pages, in Chromium: drop a folder, train, watch, make, paint, look at
// the gallery, compare, talk. Every page is looked over by axe in both themes and languages, and no
// request may leave the machine.
import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [executablePath, link, folder] = process.argv.slice(2);
const origin = new URL(link).origin, busy = Number(process.env.ATELIER_BUSY ?? 90) * 1000;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: "en" });
context.setDefaultTimeout(busy);
await context.addInitScript(() => {
  globalThis.shifts = 0;
  new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) globalThis.shifts += e.value; }).observe({ type: "layout-shift", buffered: true });
});
const page = await context.newPage();
const wrong = [];
let clicks = 0;
const click = async (what) => { clicks++; await what.click(); };
const step = (what) => console.log(`${Math.round(performance.now() / 1000)} s: ${what}`);
page.on("pageerror", (e) => wrong.push(e.message));
page.on("console", (m) => { if (m.type() === "error" && !/401|404|422|ERR_/.test(m.text())) wrong.push(m.text()); });
page.on("request", (r) => { if (!r.url().startsWith(origin) && !/^(blob|data):/.test(r.url())) wrong.push(`a request to ${r.url()}`); });

process.on("uncaughtException", async (e) => {
  console.log(e.stack, "\nat", page.url(), "\n", await page.locator("body").innerText().catch(() => ""), wrong);
  process.exit(1);
});

// signing in by the link
await page.goto(`${origin}/runs`);
await page.getByText("atelier studio link").waitFor();
await page.goto(link);
await page.getByRole("heading", { name: "What would you like to do?" }).waitFor();
await page.waitForLoadState();
assert.ok(!page.url().includes("code"), "the code stays in the address");
step("signed in");

// one drop and five clicks to a picture of one's own model
await page.locator('.action input[type="file"]').setInputFiles(folder);
await page.getByText("works to learn from").waitFor();
await click(page.getByRole("link", { name: "Train on it" }));
await page.locator("details.more > summary").click();
await page.locator("[data-others]").fill("steps=4\npictures=1\nsave=2\nbatch=2\nscore.metrics=[]\nmodel.generator.width=1\nmodel.discriminator.width=1\nmodel.discriminator.hidden=[]");
await page.locator("[data-command]", { hasText: /^atelier train pictures .*stored.* steps=4 / }).waitFor();
await click(page.getByRole("button", { name: "Train", exact: true }));
await page.waitForURL(/\/runs\//);
await page.locator('[data-run-state="done"]').waitFor();
await page.locator("[data-legend] button").first().waitFor();
await page.locator(".strip img").nth(3).waitFor();
const run = decodeURIComponent(page.url().split("/").pop());
step(`trained ${run}`);
await click(page.getByRole("link", { name: "Generate" }));
await click(page.getByRole("button", { name: "Make it" }));
const picture = page.locator(".output.picture img");
await picture.waitFor();
await page.waitForFunction(() => document.querySelector(".output.picture img")?.naturalWidth > 0);
assert.ok(clicks <= 5, `${clicks} clicks`);
step(`a picture with ${clicks} clicks and one drop`);

// a reload has the same in form and panel; another seed gives another job
await page.reload();
await picture.waitFor();
assert.equal(await page.locator("#f-run").inputValue(), run);
const first = page.url();
await page.getByRole("button", { name: "Vary" }).click();
await page.waitForFunction((was) => location.href !== was, first);
await page.locator('.job[data-state="done"]', { hasText: /Seed\s*2/ }).locator(".output.picture img").waitFor();
step("varied");

// an error stands at its field
await page.locator("#f-n").fill("100000");
await page.getByRole("button", { name: "Make it" }).click();
await page.locator('[data-field="n"] [data-problem]:not([hidden])').waitFor();
assert.equal(await page.locator("#f-n").getAttribute("aria-invalid"), "true");

// what was made is an input of other apps, a hole is painted, and undo takes a stroke back
await page.goto(`${origin}/gallery`);
await page.locator(".work").nth(1).waitFor();
assert.equal(await page.locator(".work").count(), 2);
await page.locator(".work .shot").first().click();
await page.locator(".uses summary").first().click();
await page.locator(".uses").getByRole("link", { name: "Inpaint" }).first().click();
const canvas = page.locator(".painter canvas");
await canvas.waitFor();
const stroke = async (y) => {
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * y, { steps: 5 });
  await page.mouse.up();
};
const kept = () => page.evaluate(() => JSON.parse(Object.values(sessionStorage)[0] ?? "[]").length);
await stroke(0.4);
await stroke(0.6);
assert.equal(await kept(), 2);
await page.getByRole("button", { name: "Undo" }).click();
assert.equal(await kept(), 1);
await page.reload();
await canvas.waitFor();
assert.equal(await kept(), 1, "the strokes survive a reload");
await page.getByRole("button", { name: "Make it" }).click();
await page.locator(".beforeafter .after").waitFor();
step("painted and filled");

// a subject is marked, and layers are dragged
const file = async (name) => ({ name, mimeType: "image/png", buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 240, height: 160 } }) });
await page.goto(`${origin}/make/cutout`);
await page.locator('[data-field="picture"] [data-file]').setInputFiles(await file("scene.png"));
await canvas.waitFor();
await stroke(0.5);
await page.locator(".painter").getByRole("button", { name: "Background" }).click();
await stroke(0.1);
await page.getByRole("button", { name: "Make it" }).click();
await page.locator(".beforeafter .after").waitFor();
await page.goto(`${origin}/make/collage`);
await page.locator('[data-field="picture"] [data-file]').setInputFiles(await file("below.png"));
await page.locator('[data-field="layer"] [data-file]').setInputFiles(await file("above.png"));
await canvas.waitFor();
const lines = page.locator('[data-field="place"] [data-value]');
const placed = (line) => page.waitForFunction((was) => { const now = document.querySelector('[data-field="place"] [data-value]').value; return now && now !== was; }, line);
await placed("");
const before = await lines.inputValue();
await canvas.scrollIntoViewIfNeeded();
const board = await canvas.boundingBox();
await page.mouse.move(board.x + board.width / 2, board.y + board.height / 2);
await page.mouse.down();
await page.mouse.move(board.x + board.width / 4, board.y + board.height / 4, { steps: 4 });
await page.mouse.up();
await placed(before);
assert.match(before, /^x=\d+,y=\d+,scale=0\.\d+,rotate=0,opacity=1$/);
await page.getByRole("button", { name: "Make it" }).click();
await page.locator(".beforeafter .after").waitFor();
step("marked and laid");

// deleting can be undone
await page.goto(`${origin}/gallery`);
await page.locator(".work").first().getByRole("button", { name: "Delete" }).click();
await page.locator(".work").first().waitFor({ state: "hidden" });
await page.getByRole("button", { name: "Undo" }).click();
await page.locator(".work").first().waitFor();
await page.locator("[data-label-file]").setInputFiles({ name: "other.png", mimeType: "image/png", buffer: await page.screenshot() });
await page.getByText("no Atelier label").waitFor();
const made = await page.evaluate(async () => {
  const { jobs } = await (await fetch("/api/v1/jobs?app=generate&state=done")).json();
  const answer = await fetch(`/api/v1/results/${jobs[0].id}/${jobs[0].outputs[0].name}`);
  return [...new Uint8Array(await answer.arrayBuffer())];
});
await page.locator("[data-label-file]").setInputFiles({ name: "made.png", mimeType: "image/png", buffer: Buffer.from(made) });
await page.getByText("that run is here").waitFor();
await page.getByText("Its label is whole").waitFor();
await page.locator("[data-label-result]").getByRole("link", { name: "Make again" }).click();
await page.getByRole("button", { name: "Make it" }).waitFor();
assert.equal(await page.locator("#f-run").inputValue(), run);
assert.equal(await page.locator("#f-seed").inputValue(), "2");

// a story is written, and a conversation held
await page.goto(origin);
await page.getByRole("button", { name: /Write a story/ }).click();
await page.locator(".output pre.text").first().waitFor();
assert.match(await page.locator(".output pre.text").textContent(), /Once upon a time/);
await page.goto(`${origin}/chat`);
await page.locator("#message").fill("How do I train on my own pictures?");
await page.keyboard.press("Enter");
const marked = page.locator(".said.it").first().locator("code", { hasText: /^atelier train / });
await marked.waitFor();
await page.reload();
await page.locator(".said.me").getByText("How do I train on my own pictures?").waitFor();
await marked.waitFor();
// a branch has what came before, and leaves the conversation as it is; until it is there, nothing can
// be typed that would be lost
await page.route("**/branch", async (route) => { await new Promise((done) => setTimeout(done, 300)); await route.continue(); });
const from = page.url();
await page.locator("[data-branch]").click();
await page.locator("#message").fill("What is EMA?");
assert.notEqual(page.url(), from);
await page.waitForLoadState();
await page.locator("#message").press("Enter");
await page.locator(".said.it").nth(1).getByText("average").waitFor();
await page.reload();
assert.equal(await page.locator(".said").count(), 4);
assert.equal(await page.locator("[aria-label=Conversations] a").count(), 2);
step("wrote and talked");

// a piece is composed, seen and heard
await page.goto(`${origin}/music`);
await page.getByRole("button", { name: "Compose a piece" }).click();
await page.locator("[data-panel]").getByRole("button", { name: "Hear it" }).click();
await page.waitForFunction(() => document.querySelector("[data-panel] audio")?.duration > 2);
step("composed and heard");

// ten pairs are judged by the keys, and what comes out is shown
await page.evaluate(async (run) => {
  for (const seed of [11, 12]) {
    await fetch("/api/v1/apps/generate?apart=true", { method: "POST", headers: { "Content-Type": "application/json", Prefer: "wait=60" }, body: JSON.stringify({ run, seed, n: 9 }) });
  }
}, run);
await page.goto(`${origin}/rate`);
for (const i of [0, 1]) await page.locator("[data-new-rating] .choice").nth(i).click();
await page.getByRole("button", { name: "Begin" }).click();
await page.waitForURL(/\/rate\/2/);
const side = page.locator("[data-side=left] img");
await side.waitFor();
await page.locator("#rater").fill("ann");
await page.locator("#rater").press("Tab");
for (let i = 1; i <= 10; i++) {
  await page.getByText(`${i} of 10`).waitFor();
  await page.locator("[data-vote=left][aria-disabled=false]").waitFor();
  const shown = await side.getAttribute("src");
  await page.locator("main").focus();
  await page.keyboard.press(["1", "2", "0"][i % 3]);
  await page.waitForFunction((was) => document.querySelector("[data-side=left] img").getAttribute("src") !== was || !document.querySelector("[data-over]").hidden, shown);
}
await page.getByRole("link", { name: "See the result" }).click();
await page.getByText("What the votes say so far").click();
await page.getByText(/ann: 10 votes/).waitFor();
const rated = page.url().split("/").pop();
step("judged ten pairs");

await page.getByRole("button", { name: "Keep with the scores of the runs" }).click();
await page.getByRole("button", { name: "Kept" }).waitFor();
await page.goto(`${origin}/runs/${run}`);
await page.locator(".scores td").filter({ hasText: /^rated by the votes of 1 rater/ }).waitFor();
step("kept what was judged");

// the playground: samples, a walk, a grid, what is nearest, and that nothing stays that is not kept
await page.getByRole("link", { name: "Playground" }).click();
await page.waitForURL(/\/play$/);
const seed = page.locator("#play-seed");
await seed.fill("9007199254740993"); // 2^53 + 1, which is no number of a script
await seed.press("Tab");
await page.locator("[data-samples] button").nth(2).click();
assert.deepEqual(await page.locator("[data-samples] .caption").allTextContents(), Array.from({ length: 8 }, (_, i) => String(9007199254740993n + BigInt(i))));
assert.match(await page.locator("[data-generate]").getAttribute("href"), /seed=9007199254740995&/);
const drawnAt = await page.evaluate(async () => (await (await fetch("/api/v1/jobs?app=generate&limit=1")).text()).match(/"seed": ?(\d+)/)[1]);
assert.equal(drawnAt, "9007199254740993");
for (const [text, wrong] of [["-1", true], ["1.5", true], ["18446744073709551616", true], ["18446744073709551615", false]]) {
  await seed.fill(text);
  await seed.press("Tab");
  if (wrong) await page.locator('[data-field="seed"].wrong [data-problem]', { hasText: "A seed is a whole number" }).waitFor();
  else await page.locator("[data-samples] .caption", { hasText: /^18446744073709551615$/ }).waitFor();
  assert.equal(await seed.getAttribute("aria-invalid"), wrong ? "true" : null);
}
await seed.fill("1");
await seed.press("Tab");
await page.locator("[data-samples] .caption", { hasText: /^8$/ }).waitFor(); // not one of those after the last seed
await page.locator("[data-samples] button").nth(2).click();
await page.locator("#walk-from").fill("-3");
await page.getByRole("button", { name: "Draw the walk" }).click();
await page.locator('[data-field="from"].wrong [data-problem]:not([hidden])').waitFor();
await page.locator("#walk-from").fill("1");
await page.getByRole("button", { name: "Walk to here" }).click();
await page.locator("[data-walk-at]:not([disabled])").waitFor();
assert.equal(await page.locator("#walk-to").inputValue(), "3");
const drawn = () => page.locator("[data-stage]").evaluate((c) => c.toDataURL());
const start = await drawn();
await page.locator("[data-walk-at]").fill("16");
assert.notEqual(await drawn(), start);
await page.getByRole("button", { name: "Draw the grid" }).click();
await page.waitForFunction(() => document.querySelectorAll("[data-table] img").length === 40);
await page.getByRole("button", { name: "Nearest training pictures" }).click();
await page.locator("[data-near] img").waitFor();
await page.locator("[data-keep=walk]").click();
await page.goto(`${origin}/gallery`);
assert.equal(await page.locator(".work .about b").filter({ hasText: "Interpolate" }).count(), 1, "what was kept is not there");
const gone = page.locator("[data-trashed]");
do await page.goto(`${origin}/gallery?kind=trash`); while (await gone.count() < 6); // those of a page that was left go after it
await gone.first().getByRole("button", { name: "Restore" }).click();
await page.getByText("Restored.").waitFor();
step("played");

// a branch of a checkpoint, and the card
await page.goto(`${origin}/runs/${run}`);
await page.getByRole("button", { name: "Branch" }).click();
await page.locator("#branch-step").selectOption("2");
await page.locator("#branch-name").fill("other");
await page.getByRole("button", { name: "Make the branch" }).click();
await page.waitForURL(/-other$/);
await page.locator('[data-run-state="stopped"]').waitFor();
const branch = decodeURIComponent(page.url().split("/").pop());
await page.getByRole("button", { name: "Resume" }).click();
await page.locator('[data-run-state="done"]').waitFor();
await page.goto(`${origin}/runs/${run}`);
await page.getByRole("button", { name: "Prune" }).click();
await page.getByText("MiB freed.").waitFor();
await page.getByRole("link", { name: "Card" }).click();
await page.getByRole("heading", { name: "What it cannot do" }).waitFor();
step(`branched ${branch}`);

// a page that an app made shows itself, in a frame that reaches nothing
await page.evaluate(async () => {
  const { jobs } = await (await fetch("/api/v1/jobs?app=generate&state=done")).json();
  await fetch("/api/v1/apps/relief", { method: "POST", headers: { "Content-Type": "application/json", Prefer: "wait=120" }, body: JSON.stringify({ picture: { result: `${jobs[0].id}/${jobs[0].outputs[0].name}` }, format: "html" }) });
});
await page.goto(`${origin}/gallery?kind=moving`);
await page.locator(".work .shot").first().click();
const inside = page.frameLocator("iframe.viewer");
await inside.locator("header h1").waitFor();
assert.ok(!await inside.locator("#fault").isVisible(), await inside.locator("#fault").textContent());
const turned = await page.evaluate(async () => {
  const { jobs } = await (await fetch("/api/v1/jobs?app=generate&state=done")).json();
  return (await (await fetch("/api/v1/apps/relief", { method: "POST", headers: { "Content-Type": "application/json", Prefer: "wait=120" }, body: JSON.stringify({ picture: { result: `${jobs[0].id}/${jobs[0].outputs[0].name}` } }) })).json()).id;
});
await page.goto(`${origin}/jobs/${turned}`);
await page.frameLocator("iframe.viewer").locator("html[data-shown=yes]").waitFor({ state: "attached" });
step("looked at a solid");

// what was left out stands beside what was kept
await page.goto(`${origin}/data/shapes?reason=exact+duplicate`);
await page.locator(".twins img").nth(1).waitFor();
await page.waitForFunction(() => [...document.querySelectorAll(".twins img")].every((i) => i.complete && i.naturalWidth));
assert.equal(await page.locator(".twins img").count(), 2);
await page.goto(`${origin}/data/shapes`);
await page.getByRole("link", { name: "New version" }).click();
assert.equal(await page.locator("#set-name").inputValue(), "shapes");

// a single picture is a set of one, which the list of datasets shows at once; wrong settings of cleaning
// stand at their field, in the language of the page
await context.addCookies([{ name: "atelier_lang", value: "zh", url: origin }]);
await page.goto(`${origin}/data`);
const single = async () => { await page.locator('[data-drop] [data-upload=collect]').nth(1).setInputFiles(await file("single.png")); };
await page.locator("[data-drop] summary").click();
await page.locator("#set-clean").fill("blurr=off");
await single();
await page.locator('[data-field="clean"] [data-problem]', { hasText: /没有.*blurr.*是不是 "blur"/ }).waitFor();
await page.locator("#set-clean").fill("blur=off");
await single();
await page.locator("[data-datasets] .card", { hasText: "single" }).waitFor();
await context.addCookies([{ name: "atelier_lang", value: "en", url: origin }]);
const asked = [];
page.on("request", (r) => asked.push(new URL(r.url()).pathname));
await page.goto(`${origin}/make/variations`);
await page.locator('[data-field="class"]').waitFor({ state: "hidden" });
const looked = page.waitForRequest((r) => r.url().endsWith(`/api/v1/runs/${run}`));
await page.locator("#f-model").selectOption(run);
await looked;
assert.ok(!asked.includes("/api/v1/runs/patch"), "patch is no run");

// settings that differ
await page.goto(`${origin}/compare?run=${run}&run=${run}`);
await page.getByText("settings are the same").waitFor();

// axe, in both themes and languages
const paints = [];
const pages = ["/", "/data", "/data/shapes", "/train", "/make", "/make/generate", "/make/inpaint", "/make/collage", "/make/write", "/make/level", "/gallery", "/gallery?kind=trash", "/data?extend=shapes", "/data/shapes?reason=exact+duplicate", "/runs", `/runs/${run}`, `/runs/${run}/play`, `/runs/${run}/card`, `/compare?run=${run}&run=${run}`, "/rate", "/rate/" + rated, "/chat", "/music", "/jobs/2", "/nowhere"];
for (const late of ["**/assets/**/*.js", "**/api/v1/results/**"]) { // what shifts is painted without them first
  await page.route(late, async (route) => { await new Promise((done) => setTimeout(done, 100)); await route.continue().catch(() => {}); });
}
for (const [theme, lang] of [["light", "en"], ["dark", "zh"]]) {
  await context.addCookies([{ name: "atelier_theme", value: theme, url: origin }, { name: "atelier_lang", value: lang, url: origin }]);
  for (const path of pages) {
    await page.goto(origin + path);
    await page.locator("main h1").first().waitFor();
    await page.waitForLoadState("networkidle");
    const [shifts, paint] = await page.evaluate(() => [globalThis.shifts, performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0]);
    if (shifts > 0.05) wrong.push(`${path} shifts by ${shifts.toFixed(3)} while it loads`);
    paints.push(paint);
    for (const d of await page.locator("details > summary").all()) if (await d.isVisible()) await d.evaluate((e) => { e.parentElement.open = true; });
    const found = (await new AxeBuilder({ page }).analyze()).violations.filter((v) => ["serious", "critical"].includes(v.impact));
    for (const v of found) wrong.push(`${path} ${theme} ${lang}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(" | ")}`);
    await page.setViewportSize({ width: 400, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > 400) wrong.push(`${path} is ${wide} pixels wide on a phone`);
    await page.setViewportSize({ width: 1200, height: 900 });
  }
}
step(`looked over; first paint after ${Math.round(paints.sort((a, b) => a - b)[paints.length >> 1])} ms in the middle, ${Math.round(paints.at(-1))} ms at worst`);
await browser.close();
assert.deepEqual(wrong, []);
console.log("done");
