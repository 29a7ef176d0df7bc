// The playground of a run: samples by seed, class and truncation, a walk between two of them, and a
// grid over two settings. Jobs draw them; those of a drawing go into the trash when another takes
// its place and when the page is left, unless it is kept.
import { ask, base, Problem, slug } from "./api.js";
import { clear, show } from "./form.js";
import { addressOf, made } from "./job.js";
import { say } from "./words.js";

const shown = 8; // samples, and seeds of a grid
const steps = 16; // of a walk
const truncations = [0.3, 0.5, 0.7, 0.85, 1];

const element = (tag, with_ = {}, ...inside) => { const e = Object.assign(document.createElement(tag), with_); e.append(...inside); return e; };

export function wire(box) {
  const $ = (what) => box.querySelector(what), run = box.dataset.play, classes = JSON.parse($("[data-classes]").textContent) ?? [];
  const drawings = {}; // by section: jobs
  const seed = $("[data-seed]"), truncation = $("[data-truncation]"), kind = $("[data-class]");

  // settings are those of the dials, without those that are as usual.
  function settings() {
    const s = { run };
    if (truncation && truncation.value !== "1") s.truncation = Number(truncation.value);
    if (kind?.value) s.class = kind.value;
    return s;
  }
  const mostSeed = 2n ** 64n - 1n;
  function seedOf(control) {
    const text = control.value.trim();
    if (!/^\d{1,20}$/.test(text) || BigInt(text) > mostSeed) throw new Problem(0, say("A seed is a whole number from 0 to 18446744073709551615."), control.closest("[data-field]").dataset.field);
    return BigInt(text);
  }
  const first = () => seedOf(seed);

  // generate draws n pictures of a class, or of each of several, in files of their own.
  async function generate(with_, n, classes) {
    const { class: one, ...inputs } = with_, all = classes ?? (one ? [one] : []);
    if (all.length) inputs.class = all;
    return made("generate", { ...inputs, n: n * Math.max(1, all.length), as: "files" }, "?apart=true");
  }

  // drawing calls a function that draws with jobs, in the place of what was drawn before.
  function drawing(section, form, draw) {
    const button = form.querySelector("[type=submit]"), keep = box.querySelector(`[data-keep=${section}]`);
    let again = false;
    const go = async () => {
      if (button.disabled) { again = true; return; }
      button.disabled = true;
      clear(form);
      form.setAttribute("aria-busy", "true");
      const before = drawings[section] ?? [], jobs = [];
      try {
        await draw(jobs);
        drawings[section] = jobs;
        keep.disabled = false;
      } catch (problem) {
        show(form, problem);
        before.push(...jobs);
        drawings[section] = [];
      }
      for (const j of before) ask("DELETE", `/jobs/${j.id}`).catch(() => {}); // it may be there already
      button.disabled = false;
      form.removeAttribute("aria-busy");
      if (again) { again = false; go(); }
    };
    keep.addEventListener("click", () => { drawings[section] = []; keep.disabled = true; });
    form.addEventListener("submit", (e) => { e.preventDefault(); go(); });
    return go;
  }

  addEventListener("pagehide", () => {
    for (const j of Object.values(drawings).flat()) fetch(`${base}/jobs/${j.id}`, { method: "DELETE", keepalive: true });
  });

  // samples
  const list = $("[data-samples]"), picked = $("[data-picked]");
  let chosen = null;
  const draw = drawing("samples", $("[data-dials]"), async (jobs) => {
    const with_ = settings(), from = first(), j = await generate({ ...with_, seed: from }, shown);
    jobs.push(j);
    list.replaceChildren(...j.outputs.slice(0, shown).map((o, i) => {
      const of = BigInt.asUintN(64, from + BigInt(i)), called = `${say("seed")} ${of}`;
      const b = element("button", { type: "button", className: "tile", title: called }, element("img", { src: addressOf(j, o), alt: called }), element("span", { className: "caption" }, element("span", { textContent: of })));
      b.setAttribute("aria-pressed", "false");
      b.addEventListener("click", () => pick(b, { ...with_, seed: of }));
      return element("li", {}, b);
    }));
    picked.hidden = true;
  });
  function pick(b, settings) {
    chosen = settings;
    for (const other of list.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === b));
    picked.hidden = false;
    $("[data-picked-name]").textContent = `${say("seed")} ${settings.seed}`;
    const given = new URLSearchParams({ ...settings, n: 1 });
    $("[data-generate]").href = `/make/${slug("generate")}?${given}`;
  }
  truncation?.addEventListener("input", () => { $("[data-truncation-told]").value = truncation.value; });
  for (const dial of [seed, truncation, kind]) dial?.addEventListener("change", draw);
  $("[data-dice]").addEventListener("click", () => { seed.value = 1 + Math.floor(Math.random() * 999999); draw(); });

  // nearest training pictures
  $("[data-nearest]").addEventListener("click", async () => {
    const spot = $("[data-near]"), { seed: of, ...with_ } = chosen;
    $("[data-near-panel]").hidden = false;
    spot.textContent = say("Working");
    try {
      const j = await made("nearest", { ...with_, seeds: [of], k: 5 });
      for (const before of drawings.near ?? []) ask("DELETE", `/jobs/${before.id}`).catch(() => {});
      drawings.near = [j];
      spot.replaceChildren(element("a", { href: `/jobs/${j.id}` }, element("img", { src: addressOf(j, j.outputs[0]), alt: `${say("seed")} ${of}` })));
    } catch (problem) {
      spot.textContent = problem.message;
    }
  });

  if ($("[data-walk]")) walk();
  function walk() {
    const stage = $("[data-stage]"), g = stage.getContext("2d"), at = $("[data-walk-at]"), gap = Number(box.dataset.gap);
    const from = $("[data-walk-from]"), to = $("[data-walk-to]");
    let sheet = null;
    const look = () => { // a frame of the sheet, of which the last stands in a row of its own
      if (!sheet) return;
      const i = Number(at.value), wide = (sheet.naturalWidth - gap) / steps, high = (sheet.naturalHeight - gap) / 2;
      stage.width = wide - gap; stage.height = high - gap;
      g.drawImage(sheet, gap + i % steps * wide, gap + Math.floor(i / steps) * high, wide - gap, high - gap, 0, 0, wide - gap, high - gap);
    };
    at.addEventListener("input", look);
    const draw = drawing("walk", $("[data-walk]"), async (jobs) => {
      const j = await made("interpolate", { ...settings(), seeds: [seedOf(from), seedOf(to)], frames: steps, loop: false, format: "png" });
      jobs.push(j);
      sheet = element("img", { src: addressOf(j, j.outputs[0]) });
      await sheet.decode();
      at.disabled = false;
      look();
    });
    $("[data-from]").addEventListener("click", () => { from.value = chosen.seed; draw(); });
    $("[data-to]").addEventListener("click", () => { to.value = chosen.seed; draw(); });
  }

  // the grid
  drawing("grid", $("[data-grid]"), async (jobs) => {
    const rows = $("[data-rows]").value, columns = $("[data-columns]").value;
    if (rows === columns) throw new Error(say("Choose two settings."));
    const values = { truncation: truncations, class: classes, seed: Array.from({ length: shown }, (_, i) => BigInt.asUintN(64, first() + BigInt(i))) };
    const name = { truncation: (v) => v, class: (v) => v, seed: (v) => `${say("seed")} ${v}` };
    const cells = values[rows].map(() => values[columns].map(() => element("td")));
    const table = element("table", {}, element("thead", {}, element("tr", {}, element("th"), ...values[columns].map((v) => element("th", { textContent: name[columns](v), className: columns === "seed" ? "digits" : "" })))),
      element("tbody", {}, ...cells.map((line, i) => element("tr", {}, element("th", { textContent: name[rows](values[rows][i]), className: rows === "seed" ? "digits" : "" }), ...line))));
    $("[data-table]").replaceChildren(table);
    const has = (what) => rows === what || columns === what;
    const seeds = has("seed") ? shown : 1, kinds = has("class") ? classes : null;
    for (const t of has("truncation") ? truncations : [null]) {
      const with_ = { ...settings(), seed: first() };
      if (t !== null) with_.truncation = t;
      const j = await generate(with_, seeds, kinds);
      jobs.push(j);
      j.outputs.filter((o) => o.media_type.startsWith("image/")).forEach((o, i) => { // by classes, and then by seeds
        const value = { truncation: truncations.indexOf(t), seed: i % seeds, class: Math.floor(i / seeds) };
        cells[value[rows]][value[columns]].replaceChildren(element("img", { src: addressOf(j, o), alt: o.name, width: 56, height: 56 }));
      });
    }
  });
}
