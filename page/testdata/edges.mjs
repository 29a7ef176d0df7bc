// A conversation of wide answers on a screen and a phone: it stays within the page, branches are told
// apart, and it is deleted after a question. Seeds of many digits are shown whole in the playground, and
// names of datasets are not changed in silence.
import AxeBuilder from "@axe-core/playwright";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [executablePath, link, run, job] = process.argv.slice(2);
const origin = new URL(link).origin;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await (await browser.newContext({ locale: "en" })).newPage();
page.setDefaultTimeout(60000);
process.on("uncaughtException", (e) => { console.log(e.stack); process.exit(1); });

await page.goto(link);
await page.getByRole("heading", { name: "What would you like to do?" }).waitFor();
const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
await page.goto(`${origin}/gallery`);
const heights = await page.locator(".work").evaluateAll((all) => all.map((e) => e.offsetHeight));
assert.ok(heights.length && Math.max(...heights) < 700, `a card is ${heights} pixels high`);
for (const width of [1280, 360]) {
  await page.setViewportSize({ width, height: 800 });
  for (const at of [`/jobs/${job}`, `/runs/${"x".repeat(200)}`, "/chat?c=wide"]) {
    await page.goto(origin + at);
    assert.ok(await wide() <= 0, `${at} is ${await wide()} pixels too wide at ${width}`);
  }
  for (const box of ["pre", ".scroll"]) {
    assert.ok(await page.locator(`.said ${box}`).evaluate((e) => e.scrollWidth > e.clientWidth), `${box} does not scroll at ${width}`);
  }
}
const { violations } = await new AxeBuilder({ page }).analyze();
assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes[0].html}`), []);

// a branch has a name of its own, and is the one that is open
await page.locator("[data-branch]").first().click();
const open = page.locator("[aria-label=Conversations] [aria-current=true]");
await page.waitForURL(/c=talk-/);
assert.match(await open.innerText(), /^Show/);
assert.equal(new Set(await page.locator("[aria-label=Conversations] a").allInnerTexts()).size, 2);

// it is deleted when that was meant
const remove = page.getByRole("button", { name: "Delete", exact: true });
page.once("dialog", (d) => d.dismiss());
await remove.click();
assert.equal(await open.count(), 1);
page.once("dialog", (d) => d.accept());
await remove.click();
await page.waitForURL(/\/chat$/);
assert.equal(await page.locator("[aria-label=Conversations] a").count(), 1);
assert.ok(await remove.isHidden());

// the last seeds that there are
await page.setViewportSize({ width: 1200, height: 900 });
await page.goto(`${origin}/runs/${encodeURIComponent(run)}/play`);
const whole = (what) => page.locator(what).evaluate((e) => e.scrollWidth <= e.clientWidth);
await page.locator("#play-seed").fill("18446744073709551612");
await page.locator("#play-seed").press("Enter");
await page.locator("[data-samples] img").nth(7).waitFor();
assert.ok(await whole("#play-seed"), "digits of the field are cut off");
assert.ok(await page.locator("[data-samples] .caption span").evaluateAll((all) => all.every((e) => e.scrollWidth <= e.clientWidth)), "labels are cut off");
await page.locator("#grid-rows").selectOption({ index: 0 });
await page.getByRole("button", { name: "Draw the grid" }).click();
await page.locator("[data-table] img").nth(39).waitFor();
const widths = await page.locator("[data-table] td").evaluateAll((all) => all.map((e) => e.offsetWidth));
assert.ok(Math.max(...widths) < 80 && Math.min(...widths) >= 56, `columns of the grid are not as wide as their pictures: ${widths}`);
for (const at of ["from", "to"]) {
  await page.locator(`[data-walk-${at}]`).fill("18446744073709551615");
  assert.ok(await whole(`[data-walk-${at}]`), "digits of the walk are cut off");
}
// a name that no dataset can have is refused at its field, and one of a folder is not given to others
const photo = { name: "我的图片.txt", mimeType: "text/plain", buffer: Buffer.from("Once upon a time.") };
await page.goto(`${origin}/data`);
await page.locator("[data-drop=collect] details > summary").click();
await page.locator("#set-name").fill("我的");
await page.locator("[data-drop=collect] [data-upload]:not([webkitdirectory])").setInputFiles(photo);
await page.locator('[data-field="name"] [data-problem]').getByText("letters from a to z").waitFor();
await page.locator("#set-name").fill("");
await page.locator("[data-drop=collect] [data-upload]:not([webkitdirectory])").setInputFiles(photo);
await page.locator("[data-uploading]").getByText(/^Uploading data-\d{8}T\d{6}$/).waitFor();
await browser.close();
