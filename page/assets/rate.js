// Judging works side by side: by mouse, touch or the keys 1, 2 and 0; each vote is kept at once, and
// the next pair is loaded while one is looked at.
import { ask, base } from "./api.js";
import { made } from "./job.js";
import { say } from "./words.js";

export function begin(form) {
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const error = form.querySelector("[data-error]");
    const jobs = [...form.querySelectorAll("[name=job]:checked")].map((b) => Number(b.value)), dataset = form.querySelector("[name=dataset]")?.value;
    try {
      const made = await ask("POST", "/ratings", JSON.stringify(dataset ? { jobs, dataset } : { jobs }));
      location.href = `/rate/${encodeURIComponent(made.name)}`;
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    }
  });
}

// keep has the votes made the score "rated" of the runs whose works were judged.
async function keep(b, name) {
  const text = await (await fetch(`${base}/ratings/${encodeURIComponent(name)}/votes`)).text();
  const bytes = btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const runs = Object.entries(JSON.parse(b.dataset.keepRated));
  for (const [side, { name: run }] of runs) await made("evaluate", { run, metric: ["rated"], votes: { name: "votes.jsonl", bytes }, side });
  return runs.length;
}

// work makes the element of a work, and loads it.
async function work(address, sort) {
  if (sort === "text") {
    const text = document.createElement("pre");
    text.className = "text prose";
    text.textContent = await (await fetch(address)).text();
    return text;
  }
  if (sort === "audio") return Object.assign(document.createElement("audio"), { src: address, controls: true, preload: "auto" });
  const picture = Object.assign(document.createElement("img"), { src: address, alt: say("a work") });
  await picture.decode().catch(() => {});
  return picture;
}

export function wire(box) {
  const $ = (what) => box.querySelector(what), rater = $("[data-rater]"), error = $("[data-error]");
  const path = `/ratings/${encodeURIComponent(box.dataset.rating)}`, count = document.querySelector("[data-count]");
  rater.value = localStorage.getItem("rater") ?? "";
  let queue = [], current = null, since = 0, busy = false;

  const ready = async (p) => ({ ...p, works: await Promise.all([work(p.left, p.sort), work(p.right, p.sort)]) });
  const fail = (problem) => { error.textContent = problem.message; error.hidden = false; };

  // fill asks for pairs that are not in the queue yet.
  async function fill() {
    const whose = rater.value.trim() ? `&rater=${encodeURIComponent(rater.value.trim())}` : "";
    const page = await ask("GET", `${path}/pairs?limit=3${whose}`);
    count.textContent = say("%s of %s", Math.min(page.done + 1, page.total), page.total);
    const known = new Set(queue.map((q) => q.pair));
    for (const p of page.pairs) if (!known.has(p.pair) && p.pair !== current?.pair) queue.push({ pair: p.pair, loaded: ready(p) });
  }

  const votes = $("[data-votes]").querySelectorAll("button");
  const show = (pair) => { current = pair; for (const b of votes) b.setAttribute("aria-disabled", String(!pair)); };

  async function next() {
    show(null);
    await fill();
    const first = queue.shift();
    $("[data-over]").hidden = Boolean(first);
    for (const part of ["[data-pair]", "[data-votes]"]) $(part).hidden = !first;
    if (!first) return;
    const pair = await first.loaded;
    ["left", "right"].forEach((side, i) => $(`[data-side=${side}]`).replaceChildren(pair.works[i]));
    show(pair);
    since = performance.now();
  }

  async function vote(choice) {
    if (busy || !current) return;
    busy = true;
    try {
      error.hidden = true;
      for (const a of box.querySelectorAll("audio")) a.pause();
      const body = { pair: current.pair, for: choice, seconds: (performance.now() - since) / 1000 };
      if (rater.value.trim()) body.rater = rater.value.trim();
      await ask("POST", `${path}/votes`, JSON.stringify(body)).catch((p) => { if (!(p.status === 409 && p.field === "pair")) throw p; });
      await next();
    } catch (problem) {
      fail(problem);
    } finally {
      busy = false;
    }
  }

  for (const b of box.querySelectorAll("[data-vote]")) b.addEventListener("click", () => vote(b.dataset.vote));
  const keys = { 1: "left", 2: "right", 0: "tie", ArrowLeft: "left", ArrowRight: "right", "=": "tie" };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|TEXTAREA|SELECT|AUDIO)$/.test(e.target.tagName) || !(e.key in keys)) return;
    e.preventDefault();
    vote(keys[e.key]);
  });
  rater.addEventListener("change", () => { localStorage.setItem("rater", rater.value.trim()); queue = []; next().catch(fail); });
  const kept = document.querySelector("[data-keep-rated]");
  kept?.addEventListener("click", async () => {
    kept.disabled = true;
    try {
      await keep(kept, box.dataset.rating);
      kept.textContent = say("Kept");
    } catch (problem) { fail(problem); kept.disabled = false; }
  });
  next().catch(fail);
}
