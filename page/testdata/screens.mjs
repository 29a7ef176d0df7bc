// The pictures of docs/page.md: fills a studio through its pages and its API, and takes pictures of
// it, wide and as on a phone.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";

const [executablePath, link, out, photo, settings] = process.argv.slice(2);
const origin = new URL(link).origin;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, locale: "en" });
context.setDefaultTimeout(300_000);
const page = await context.newPage();
await page.goto(link);
await page.locator("nav").waitFor();

const api = (method, path, body) => page.evaluate(async ([method, path, body]) => {
  const answer = await fetch(`/api/v1${path}`, { method, body, headers: { "Content-Type": "application/json" } });
  return answer.status === 204 ? null : answer.json();
}, [method, path, body]);
const make = async (app, inputs) => {
  let j = await api("POST", `/apps/${app}`, JSON.stringify(inputs));
  for (const began = Date.now(); !["done", "failed"].includes(j.state) && Date.now() - began < 3_600_000;) {
    await page.waitForTimeout(500);
    j = await api("GET", `/jobs/${j.id}`);
  }
  assert.equal(j.state, "done", JSON.stringify(j));
  return j;
};
const shoot = async (path, name, { width = 1200, theme = "light", lang = "en", before } = {}) => {
  await context.addCookies([{ name: "atelier_theme", value: theme, url: origin }, { name: "atelier_lang", value: lang, url: origin }]);
  await page.setViewportSize({ width, height: 800 });
  await page.goto(origin + path);
  await page.waitForLoadState("load");
  await before?.();
  await page.waitForTimeout(800); // pictures and curves
  const file = `${out}/page-${name}.jpg`;
  await page.screenshot({ path: file, type: "jpeg", quality: 80 });
  console.log(`${file}: ${statSync(file).size} bytes`);
};

let run = (await api("GET", "/runs")).runs.filter((r) => r.state === "done").pop()?.name;
run ??= (await make("train", { recipe: "fashion", settings: JSON.parse(settings ?? "[]") })).run;
const beside = (name) => ({ name, bytes: readFileSync(join(dirname(photo), name)).toString("base64") });
await make("chat", { message: "怎么用自己的照片训练？", conversation: "pictures" });
await make("write", { prompt: "Once upon a time", seed: 7 });
await make("terrain", { water: 0.18, as: "colours" });
await make("level", { theme: "dungeon", seed: 4, size: "16x16", format: "png" });
await make("retarget", { picture: beside("pagoda.jpg"), size: "340x342" });
await make("generate", { run, n: 64 });

// a tree that is painted over by hand
await page.goto(`${origin}/make/inpaint`);
await page.locator('[data-field="picture"] [data-file]').setInputFiles(photo);
const canvas = page.locator(".painter canvas");
await canvas.waitFor();
await canvas.scrollIntoViewIfNeeded();
const box = await canvas.boundingBox();
const at = (x, y) => [box.x + box.width * x, box.y + box.height * y];
for (const x of [0.7, 0.735, 0.77]) {
  await page.mouse.move(...at(x, 0.38));
  await page.mouse.down();
  await page.mouse.move(...at(x, 0.61), { steps: 8 });
  await page.mouse.up();
}
await page.getByRole("button", { name: "Make it" }).click();
await page.locator(".beforeafter .after").waitFor();
const inpaint = page.url().slice(origin.length);

await shoot("/", "start");
await shoot(`/runs/${run}`, "run");
await shoot(`/runs/${run}/play`, "play", { width: 1360, before: async () => {
  await page.getByRole("button", { name: "Draw samples" }).click();
  await page.locator("[data-samples] button").nth(2).click();
  await page.locator("#walk-to").fill("3");
  await page.getByRole("button", { name: "Draw the walk" }).click();
  await page.locator("[data-walk-at]:not([disabled])").waitFor();
  await page.locator("[data-walk-at]").fill("8");
  await page.getByRole("button", { name: "Draw the grid" }).click();
  await page.waitForFunction(() => document.querySelectorAll("[data-table] img").length === 40);
} });
await shoot(inpaint, "inpaint", { before: async () => {
  await page.locator(".painter canvas").waitFor();
  await page.locator(".beforeafter input").fill("60");
} });
await shoot("/gallery", "gallery-phone", { width: 400 });
await shoot("/chat?c=pictures", "chat-dark", { width: 400, theme: "dark", lang: "zh" });
await browser.close();
