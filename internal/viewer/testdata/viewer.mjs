// Opens the pages that show solids, panoramas and rooms, by mouse and keys, and with an emulated
// headset.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [executablePath, solid, panorama, rooms] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"] });

// open opens a page and waits until it has drawn itself. Nothing may be requested from elsewhere.
const open = async (address, { headset, locale = "en-GB", width = 320, height = 240 } = {}) => {
  const page = await browser.newPage({ locale, viewport: { width, height } });
  page.setDefaultTimeout(120_000);
  page.on("pageerror", e => { throw e; });
  page.on("request", r => assert.match(r.url(), /^(file|blob|data):/));
  if (headset) {
    const require = createRequire(import.meta.url);
    await page.addInitScript(fs.readFileSync(require.resolve("iwer").replace(/lib.*$/, "build/iwer.min.js"), "utf8"));
    await page.addInitScript(() => {
      window.device = new IWER.XRDevice(IWER.metaQuest3);
      window.device.installRuntime({ forceInstall: true }); // in the place of Chromium's own, which has no device
    });
  }
  await page.goto(address);
  await page.waitForFunction(() => document.documentElement.dataset.shown || !document.getElementById("fault").hidden);
  assert.equal(await page.locator("#fault").isHidden(), true, await page.locator("#fault").textContent());
  return page;
};
// pixel is the mean colour of the middle of what the page draws.
const pixel = async page => {
  const shot = (await page.screenshot()).toString("base64");
  return page.evaluate(async shot => {
    const img = await createImageBitmap(await (await fetch("data:image/png;base64," + shot)).blob());
    const c = new OffscreenCanvas(8, 8).getContext("2d");
    c.drawImage(img, img.width / 2 - 4, img.height / 2 - 4, 8, 8, 0, 0, 8, 8);
    const sum = [0, 0, 0];
    c.getImageData(0, 0, 8, 8).data.forEach((v, i) => { if (i % 4 < 3) sum[i % 4] += v / 64; });
    return sum;
  }, shot);
};
const near = (got, want, what) => assert.ok(got.every((v, i) => Math.abs(v - want[i]) < 40), `${what}: ${got}, want ${want}`);
const frames = (page, n = 3) => page.evaluate(n => new Promise(done => { const each = () => n-- ? requestAnimationFrame(each) : done(); each(); }), n);

// A board of red: seen in front, then turned until its back is seen.
{
  const page = await open(solid);
  await page.waitForTimeout(1500);
  const front = await pixel(page);
  assert.ok(front[0] > 2 * front[1], `the front is ${front}`);
  await page.evaluate(() => { const v = document.getElementById("view"); v.cameraOrbit = "180deg 80deg auto"; v.jumpCameraToGoal(); });
  await page.waitForTimeout(1500);
  const back = await pixel(page);
  assert.ok(back[0] < 1.5 * back[1], `the back is ${back}`);
  assert.ok(await page.evaluate(() => document.getElementById("view").iosSrc.startsWith("blob:")));
  console.log("done: solid");
  await page.close();
}

// A panorama: green in front, blue to the right, red behind, yellow to the left.
{
  const page = await open(panorama);
  near(await pixel(page), [0, 200, 0], "in front");
  for (const [yaw, pitch, want, what] of [[-Math.PI / 2, 0, [0, 0, 220], "to the right"], [Math.PI, 0, [220, 0, 0], "behind"], [Math.PI / 2, 0, [220, 220, 0], "to the left"], [0, 1.5, [255, 255, 255], "above"], [0, -1.5, [0, 0, 0], "below"]]) {
    await page.evaluate(([yaw, pitch]) => Object.assign(atelier.gaze, { yaw, pitch }), [yaw, pitch]);
    await frames(page);
    near(await pixel(page), want, what);
  }
  await page.evaluate(() => Object.assign(atelier.gaze, { yaw: 0, pitch: 0 }));
  await page.mouse.move(160, 120);
  await page.mouse.down();
  await page.mouse.move(60, 120, { steps: 4 });
  await page.mouse.up();
  const yaw = await page.evaluate(() => atelier.gaze.yaw);
  assert.ok(yaw < -0.3, `dragged to the left, the gaze turned by ${yaw}`);
  await page.keyboard.press("ArrowLeft");
  assert.ok(await page.evaluate(() => atelier.gaze.yaw) > yaw);
  await page.mouse.wheel(0, -300);
  await page.waitForFunction(() => atelier.camera.fov < 75);
  console.log("done: panorama");
  await page.close();
}

// Rooms: a key walks, walls stop, the button leads to a picture, which is red, and its title is told.
{
  const page = await open(rooms);
  const at = () => page.evaluate(() => atelier.rig.position.toArray());
  const from = await at();
  await page.keyboard.down("ArrowUp");
  await page.waitForFunction(z => atelier.rig.position.z < z - 0.2, from[2]);
  await page.waitForFunction(() => { const z = atelier.rig.position.z; return z < -4; });
  await page.waitForTimeout(800);
  await page.keyboard.up("ArrowUp");
  assert.ok(await page.evaluate(() => { const p = atelier.rig.position; return atelier.free(p.x, p.z); }), "within a wall");
  await page.locator("#next").click();
  await page.waitForFunction(() => { const s = atelier.stops[0], p = atelier.rig.position; return Math.hypot(p.x - s.x, p.z - s.z) < 0.01; });
  await frames(page);
  const seen = await pixel(page);
  assert.ok(seen[0] > 2 * seen[1], `the picture is ${seen}`);
  assert.equal(await page.locator("#at").textContent(), "1 of 2: red");
  await page.keyboard.press("n");
  await page.waitForFunction(() => document.getElementById("at").textContent === "2 of 2: <also>");
  console.log("done: rooms");
  await page.close();
}

// The pages speak Chinese where the browser does.
{
  const page = await open(rooms, { locale: "zh-CN" });
  assert.match(await page.locator("header p").textContent(), /按方向键/);
  assert.equal(await page.locator("#next").getAttribute("aria-label"), "下一幅");
  await page.locator("#next").click();
  await page.waitForFunction(() => document.getElementById("at").textContent === "第 1 幅，共 2 幅: red");
  console.log("done: Chinese");
  await page.close();
}

// With a headset: the button enters, the head turns the view, the trigger goes where the hand points.
for (const address of [panorama, rooms]) {
  const page = await open(address, { headset: true });
  await page.locator("#enter").click();
  await page.waitForFunction(() => atelier.renderer.xr.isPresenting);
  await page.waitForTimeout(500);
  const turned = await page.evaluate(async () => {
    const direction = () => atelier.renderer.xr.getCamera().getWorldDirection(new atelier.THREE.Vector3()).toArray();
    const wait = () => new Promise(done => setTimeout(done, 600));
    const before = direction();
    device.quaternion.set(0, Math.SQRT1_2, 0, Math.SQRT1_2); // a quarter to the left
    await wait();
    return { before, after: direction() };
  });
  assert.ok(turned.before[2] < -0.9 && turned.after[0] < -0.9, JSON.stringify(turned));
  if (address === rooms) {
    const moved = await page.evaluate(async () => {
      const wait = ms => new Promise(done => setTimeout(done, ms));
      device.quaternion.set(0, 0, 0, 1);
      const hand = device.controllers.right;
      hand.position.set(0.2, 1.3, -0.3);
      hand.quaternion.set(-0.3420201, 0, 0, 0.9396926); // 40° downwards
      await wait(600);
      const before = atelier.rig.position.z;
      hand.updateButtonValue("trigger", 1);
      await wait(600);
      hand.updateButtonValue("trigger", 0);
      await wait(600);
      const after = atelier.rig.position.z;
      device.controllers.left.updateAxes("thumbstick", 0, -1);
      await wait(900);
      device.controllers.left.updateAxes("thumbstick", 0, 0);
      return { before, after, walked: atelier.rig.position.z };
    });
    assert.ok(moved.after < moved.before - 0.5, `the trigger led from ${moved.before} to ${moved.after}`);
    assert.ok(moved.walked < moved.after - 0.1, `the stick led from ${moved.after} to ${moved.walked}`);
  }
  await page.evaluate(() => atelier.renderer.xr.getSession().end());
  await page.waitForFunction(() => !atelier.renderer.xr.isPresenting);
  await page.close();
}
console.log("done: headset");
await browser.close();
