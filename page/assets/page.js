// What every page does: buttons, drops, uploads, messages with undo, and following what goes on.
import { ask, chosen, dropped, part, Problem, run, slug, upload, visible, within } from "./api.js";
import { clock, follow } from "./follow.js";
import { clear, show, wire as wireForm } from "./form.js";
import { load, maps, perform, times, varied, watch } from "./job.js";
import { wire as wirePlay } from "./play.js";
import { begin as beginRating, wire as wireRating } from "./rate.js";
import { wire as wireTalk } from "./talk.js";
import { wire as wireTraining } from "./train.js";
import { say } from "./words.js";

const $ = (what, within = document) => within.querySelector(what), $$ = (what, within = document) => [...within.querySelectorAll(what)];
const panel = () => $("[data-panel]");

// toast tells something for a while, with a way back if there is one.
export function toast(text, undo) {
  const box = document.createElement("div");
  box.className = "toast";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) {
    const b = Object.assign(document.createElement("button"), { type: "button", textContent: say("Undo") });
    b.addEventListener("click", async () => { box.remove(); try { await undo(); } catch (p) { toast(p.message); } });
    box.append(b);
  }
  $("#toasts").append(box);
  setTimeout(() => box.remove(), undo ? 12000 : 6000);
}

const cookie = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=strict`; };
const inputsNear = (e) => $("[data-inputs-of]", e.closest("[data-job-id], .job"))?.textContent;
const jobNear = (e) => { const box = e.closest("[data-job-id], [data-job]"); return box.dataset.jobId ?? box.dataset.job; };
const runNear = (e) => e.closest("[data-run-name]").dataset.runName;
const go = (path) => { location.href = path; };

// here shows a job in the panel of the page, and in its address, or goes to its page.
async function here(j, keep) {
  if (!panel() || !keep) return go(`/jobs/${j.id}`);
  const at = new URL(location.href);
  at.searchParams.set("job", j.id);
  history.replaceState(null, "", at);
  await load(panel(), j.id, panelEvents());
  if (matchMedia("(max-width: 60rem)").matches) panel().scrollIntoView({ behavior: "smooth" });
}

// panelEvents: a training goes to the page of its run once there is one.
const panelEvents = () => ({ run: (name) => { if ($("[data-train]")) go(`/runs/${encodeURIComponent(name)}`); } });

const acts = {
  lang: (b) => { cookie("atelier_lang", b.dataset.lang); location.reload(); },
  theme() {
    const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    cookie("atelier_theme", root.dataset.theme);
    dispatchEvent(new Event("resize"));
  },
  async run(b) {
    const inputs = JSON.parse(b.dataset.inputs);
    if (b.dataset.vary) inputs[b.dataset.vary] = 1 + Math.floor(Math.random() * 999999);
    await here(await run(b.dataset.app, JSON.stringify(inputs)), b.dataset.then === "here");
  },
  forget(b) {
    const box = b.closest("[data-item]"), dialog = $("[data-forget-dialog]"), error = $("[data-forget-error]", dialog);
    error.hidden = true;
    for (const choice of $$("[data-forget]", dialog)) {
      choice.onclick = async () => {
        if (!choice.dataset.forget) return dialog.close();
        choice.disabled = true;
        try {
          const name = box.closest("[data-dataset-name]").dataset.datasetName;
          const done = await ask("POST", `/datasets/${encodeURIComponent(name)}/forget`, JSON.stringify({ items: [box.dataset.item], erase: choice.dataset.forget === "erase" }));
          box.remove();
          dialog.close();
          toast(done.runs.length ? say("Forgotten; %s learned from it.", done.runs.join(", ")) : say("Forgotten; no known model learned from it."));
        } catch (problem) {
          error.textContent = problem.message;
          error.hidden = false;
        }
        choice.disabled = false;
      };
    }
    dialog.showModal();
  },
  async cancel(b) { await ask("DELETE", `/jobs/${jobNear(b)}`); await refresh(b); },
  async retry(b) { await ask("POST", `/jobs/${jobNear(b)}/retry`); await refresh(b); },
  async vary(b) {
    const app = b.closest(".job")?.dataset.appName ?? (await ask("GET", `/jobs/${jobNear(b)}`)).app;
    await here(await run(app, varied(inputsNear(b))), Boolean(b.closest("[data-panel]")));
  },
  async trash(b) {
    const id = jobNear(b), box = b.closest(".work");
    await ask("DELETE", `/jobs/${id}`);
    if (box) box.hidden = true; else b.closest("[data-panel]").replaceChildren();
    toast(say("Moved to the trash."), async () => {
      await ask("POST", `/jobs/${id}/restore`);
      if (box) box.hidden = false; else location.reload();
    });
  },
  async restore(b) { const row = b.closest("[data-trashed]"); await ask("POST", `/trash/${encodeURIComponent(row.dataset.trashed)}/restore`); row.remove(); toast(say("Restored.")); },
  async purge(b) {
    if (!confirm(say("Remove it for good?"))) return;
    const row = b.closest("[data-trashed]");
    await ask("DELETE", `/trash/${encodeURIComponent(row.dataset.trashed)}`);
    row.remove();
  },
  async "delete-talk"() {
    if (!confirm(say("Delete this conversation for good, with its answers?"))) return;
    await ask("DELETE", `/conversations/${encodeURIComponent(new URLSearchParams(location.search).get("c"))}`);
    go("/chat");
  },
  async "stop-run"(b) { b.disabled = true; await ask("POST", `/runs/${encodeURIComponent(runNear(b))}/stop`); await refreshRun(); },
  async "resume-run"(b) {
    let steps = 0;
    if (b.dataset.done === "true") {
      const more = prompt(say("Train to how many steps?"), 2 * b.dataset.steps);
      if (more === null) return;
      steps = Math.floor(Number(more));
      if (!(steps > b.dataset.steps)) { toast(say("Want more steps than it has.")); return; }
    }
    b.disabled = true;
    const j = await ask("POST", `/runs/${encodeURIComponent(runNear(b))}/resume`, JSON.stringify(steps ? { steps } : {}));
    await new Promise((done) => { const end = follow(j.id, { run: () => { end(); done(); }, end: done }); });
    await refreshRun();
  },
  "branch-run"(b) {
    const dialog = $("[data-branch-dialog]"), form = $("form", dialog), error = $("[data-error]", dialog);
    error.hidden = true;
    form.onsubmit = async (e) => {
      e.preventDefault();
      const name = $("[data-branch-name]", dialog).value.trim(), step = Number($("[data-branch-step]", dialog).value);
      try {
        const made = await ask("POST", `/runs/${encodeURIComponent(b.closest("[data-run-name]").dataset.runName)}/copy`, JSON.stringify({ name, step }));
        go(`/runs/${encodeURIComponent(made.name)}`);
      } catch (problem) {
        error.textContent = problem.message;
        error.hidden = false;
      }
    };
    $("[data-close]", dialog).onclick = () => dialog.close();
    dialog.showModal();
  },
  async "prune-run"(b) {
    const { freed } = await ask("POST", `/runs/${encodeURIComponent(runNear(b))}/prune`);
    await refreshRun();
    toast(say("%s MiB freed.", (freed / 2 ** 20).toFixed(1)));
  },
  async "trash-run"(b) {
    const name = runNear(b);
    await ask("DELETE", `/runs/${encodeURIComponent(name)}`);
    $("[data-run]").replaceChildren();
    toast(say("Moved to the trash."), async () => { await ask("POST", `/trash/run-${encodeURIComponent(name)}/restore`); location.reload(); });
  },
  hear: (b) => perform(b.closest("[data-music]"), "render"),
  roll: (b) => perform(b.closest("[data-music]"), "inspect"),
};

document.addEventListener("click", async (e) => {
  const b = e.target.closest("[data-act]");
  if (!b) return;
  try { await acts[b.dataset.act](b); } catch (problem) { b.disabled = false; toast(problem.message); }
});

const refresh = (b) => { const p = b.closest("[data-panel]") ?? b.closest(".panel"); return load(p, jobNear(b), panelEvents()); };

// fit is the name of a dataset for a folder: that of the folder, or where letters of it would be lost,
// which is the only thing that tells it from others, the time.
function fit(folder) {
  const plain = folder.normalize("NFKD").replace(/\p{M}/gu, ""), name = plain.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, 48);
  return name && !/\p{L}/u.test(plain.replace(/[A-Za-z]/g, "")) ? name : `data-${new Date().toISOString().slice(0, 19).replaceAll(/[:-]/g, "")}`;
}

// collecting uploads files, and makes a dataset of them.
async function collecting(files) {
  files = visible(files);
  const box = $("[data-uploading]");
  if (!files.length) return;
  const [top, ...below] = files[0].path.split("/"), folder = below.length ? top : top.replace(/(\.tar)?\.[a-z0-9]{1,9}$/i, "");
  const drop = $("[data-drop=collect]"), typed = $('[data-set="name"]')?.value.trim();
  clear(drop);
  if (typed && !/^[A-Za-z0-9][\w.-]{0,63}$/.test(typed)) {
    show(drop, new Problem(0, say("A name has up to 64 letters from a to z, digits, dots, dashes and underscores; a letter or digit first."), "name"));
    return;
  }
  const name = typed || (files.length > 1 && !files[0].path.includes("/") ? "data" : fit(folder));
  box.hidden = false;
  box.innerHTML = "<p><b></b> <span class=note></span></p><progress max=1 value=0></progress><ul class=log></ul>";
  $("b", box).textContent = say("Uploading %s", name);
  $("progress", box).setAttribute("aria-label", say("Uploading %s", name));
  box.scrollIntoView({ block: "nearest" });
  try {
    const up = await upload(name, within(files), (sent, total, done, all) => {
      $("progress", box).value = total ? sent / total : 1;
      $(".note", box).textContent = say("%s of %s files", done.toLocaleString(), all.toLocaleString());
    });
    for (const f of up.failed) $(".log", box).append(Object.assign(document.createElement("li"), { textContent: `${f.path}: ${f.why}` }));
    if (!up.whole) throw new Error(say("No file could be uploaded."));
    const inputs = { name, sources: [{ upload: up.id }] };
    const set = (what) => $(`[data-set="${what}"]`)?.value.trim() ?? "", clean = [set("recipe"), ...set("clean").split(",")].map((w) => w.trim()).filter(Boolean);
    if (set("licence")) inputs.licence = set("licence");
    if (clean.length) inputs.clean = clean;
    const j = await run("data add", JSON.stringify(inputs));
    const spot = document.createElement("div");
    spot.dataset.panel = "";
    $("progress", box).remove();
    box.append(spot);
    await load(spot, j.id, { end: datasets });
  } catch (problem) {
    $("progress", box)?.remove();
    if (problem.field === "clean" && $('[data-field="clean"]', drop)) {
      box.hidden = true;
      show(drop, problem);
      return;
    }
    box.append(Object.assign(document.createElement("p"), { className: "error", role: "alert", textContent: problem.message }));
  }
}

// datasets lists them again, after one was made.
async function datasets() {
  const list = $("[data-datasets]");
  if (list) { list.replaceChildren(await part("/parts/datasets")); times(list); }
}

// findings are what else a label says: whether it is whole, and who signed the work.
function findings(p) {
  const lines = [p.whole ? say("Its label is whole: the work is the one that was labelled.") : `${say("Its label is not whole:")} ${(p.faults ?? []).join("; ")}`];
  if (p.signature) lines.push(p.signature.valid ? say("Signed by %s; unchanged since.", p.signature.by) : say("It has a signature, which does not hold."));
  if (p.watermark?.found) lines.push(say("The invisible watermark was found."));
  const list = document.createElement("ul");
  list.className = "findings";
  list.append(...lines.map((l) => Object.assign(document.createElement("li"), { textContent: l })));
  return list;
}

// labelled tells whether a file is labelled, and by what.
async function labelled(files) {
  const spot = $("[data-label-result]"), f = files[0];
  if (!f) return;
  spot.textContent = say("Working");
  try {
    const p = await ask("POST", `/provenance?name=${encodeURIComponent(f.file.name)}`, f.file);
    const box = document.createElement("div");
    box.className = `notice ${p.labelled ? "good" : ""}`;
    const text = document.createElement("span");
    text.textContent = p.labelled ? say("%s is labelled: made with Atelier", f.file.name) + (p.label.run ? ` · ${p.label.run}` : "") +
      (p.label.seeds?.length ? ` · ${say("seeds")} ${p.label.seeds.slice(0, 8).join(", ")}` : "") + (p.label.run ? ` · ${p.here ? say("that run is here") : say("that run is not here")}` : "") : `${f.file.name}: ${p.why}`;
    box.append(text);
    spot.replaceChildren(box);
    if (p.labelled) spot.append(findings(p));
    const settings = Object.entries(p.label?.settings ?? {});
    if (settings.length) {
      const list = document.createElement("dl");
      list.className = "pairs";
      for (const [k, v] of settings) list.append(Object.assign(document.createElement("dt"), { textContent: k }), Object.assign(document.createElement("dd"), { textContent: v }));
      spot.append(list);
    }
    const app = p.label?.settings?.app ?? (p.label?.run && !p.label.settings?.step ? "generate" : "");
    if (app) { // its form, filled as it was; labels of generate do not name it
      const given = new URLSearchParams(settings.filter(([k]) => k !== "app"));
      for (const key of ["run", "model"]) if (p.label.run && !given.has(key)) given.set(key, p.label.run);
      spot.append(Object.assign(document.createElement("a"), { className: "button", href: `/make/${slug(app)}?${given}`, textContent: say("Make again") }));
    }
  } catch (problem) {
    spot.textContent = problem.message;
  }
}

// heard plays a piece that was dropped.
async function heard(files) {
  const f = files[0];
  if (!f) return;
  try {
    const up = await upload(f.file.name, [{ path: f.file.name, file: f.file }], () => {});
    if (up.failed.length) throw new Error(up.failed[0].why);
    const piece = { upload: up.id, file: f.file.name };
    const j = await run("render", JSON.stringify({ piece }));
    await load(panel(), j.id);
    const drawn = await run("inspect", JSON.stringify({ piece })), spot = document.createElement("div");
    panel().after(spot);
    await load(spot, drawn.id);
  } catch (problem) {
    toast(problem.message);
  }
}

const drops = { collect: collecting, label: labelled, music: heard };
for (const zone of $$("[data-drop]")) {
  zone.addEventListener("dragover", (e) => { e.preventDefault(); zone.classList.add("over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", async (e) => { e.preventDefault(); zone.classList.remove("over"); drops[zone.dataset.drop](await dropped(e.dataTransfer)); });
}
for (const [what, take] of [["[data-upload=collect]", collecting], ["[data-label-file]", labelled], ["[data-music-file]", heard]]) {
  for (const input of $$(what)) input.addEventListener("change", () => { take(chosen(input)); input.value = ""; }); // the same file can be chosen again
}
// A file that misses a drop zone does not replace the page.
addEventListener("dragover", (e) => e.preventDefault());
addEventListener("drop", (e) => e.preventDefault());

// A run that is being trained is shown as it goes.
let drawChart;
async function refreshRun() {
  const box = $("[data-run]"), open = $$("details", box).map((d) => d.open);
  const fresh = await part(`/parts/runs/${encodeURIComponent(box.dataset.run)}`);
  box.replaceChildren(fresh);
  $$("details", box).forEach((d, i) => { d.open = open[i] ?? false; });
  await showRun();
}
async function showRun() {
  times(document);
  const curves = $("[data-chart]");
  if (curves) drawChart = (await import("./chart.js")).chart(curves);
  film();
  const line = $("[data-follow]");
  if (!line) return;
  const bar = $("[data-bar]", line), remaining = clock();
  let told = 0, pictures = Date.now();
  const end = follow(line.dataset.follow, {
    progress(p) {
      if (!p.stats) { $("[data-left]", line).textContent = p.work ? `${p.work} ${p.done.toLocaleString()}/${p.total.toLocaleString()}` : ""; return; }
      bar.max = p.total; bar.value = p.done;
      $("[data-steps-done]", line).textContent = `${p.done.toLocaleString()} / ${p.total.toLocaleString()}`;
      const rest = remaining(p.done, p.total);
      if (rest) $("[data-left]", line).textContent = say("%s left", rest);
      if (Date.now() - told > 2000) { told = Date.now(); drawChart?.(); }
      if (Date.now() - pictures > 8000) { pictures = Date.now(); frames(); }
    },
    end: () => { end(); refreshRun(); },
  });
}

// film scrubs through the previews.
function film() {
  const box = $("[data-film]");
  if (!box) return;
  const slider = $("input", box), frame = $("[data-frame]", box);
  const pick = (i) => {
    const all = $$(".strip img", box);
    frame.src = all[i].src;
    all.forEach((im, k) => im.parentElement.classList.toggle("current", k === i));
    const strip = $(".strip", box), li = all[i].parentElement;
    strip.scrollLeft = li.offsetLeft - strip.offsetLeft - (strip.clientWidth - li.offsetWidth) / 2;
  };
  slider.addEventListener("input", () => pick(Number(slider.value)));
  $(".strip", box).addEventListener("click", (e) => {
    const i = $$(".strip img", box).indexOf(e.target);
    if (i >= 0) { slider.value = i; pick(i); }
  });
  pick($$(".strip img", box).length - 1);
}

// frames adds previews that are new.
async function frames() {
  const name = $("[data-run]").dataset.run;
  const about = await ask("GET", `/runs/${encodeURIComponent(name)}`).catch(() => null);
  if (!about) return;
  const box = $("[data-film]");
  if (!box) { if (about.previews.length) await refreshRun(); return; }
  const strip = $(".strip", box), slider = $("input", box), atEnd = Number(slider.value) === Number(slider.max);
  for (const p of about.previews.slice(strip.children.length)) {
    const li = document.createElement("li");
    li.append(Object.assign(document.createElement("img"), { src: `/api/v1/runs/${encodeURIComponent(name)}/previews/${encodeURIComponent(p)}`, alt: p, width: 72, height: 72 }));
    strip.append(li);
  }
  slider.max = strip.children.length - 1;
  slider.disabled = strip.children.length < 2;
  if (atEnd) { slider.value = slider.max; slider.dispatchEvent(new Event("input")); }
}

// signIn trades the code in the address for a session.
async function signIn(box) {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (!code) return;
  history.replaceState(null, "", location.pathname + location.search);
  $("[data-wait]", box).hidden = false; $("[data-how]", box).hidden = true;
  try {
    await ask("POST", "/session", JSON.stringify({ code }));
    location.reload();
  } catch (problem) {
    $("[data-wait]", box).hidden = true; $("[data-how]", box).hidden = false;
    const spot = $("[data-error]", box);
    spot.textContent = problem.message; spot.hidden = false;
  }
}

// begin makes the page work, before it counts as loaded: what is pressed earlier than that waits, since
// the buttons of forms that need a script are disabled until it is there.
function begin() {
  const sign = $("[data-signin]");
  if (sign) { addEventListener("hashchange", () => signIn(sign)); signIn(sign); return; }
  if (location.hash.startsWith("#code=")) history.replaceState(null, "", location.pathname + location.search);
  times(document);
  for (const [what, wire] of [
    ["form[data-app]", (form) => wireForm(form, (j) => here(j, true))], ["[data-train]", (form) => wireTraining(form, (j) => here(j, true))],
    ["[data-talk]", wireTalk], ["[data-new-rating]", beginRating], ["[data-rating]", wireRating], ["[data-play]", wirePlay],
  ]) for (const box of $$(what)) wire(box);
  for (const b of $$("[data-late]")) b.disabled = false;
  for (const p of $$("[data-panel]")) watch(p, panelEvents());
  for (const shot of $$(".shot, .tile")) maps(shot);
  for (const s of $$(".panel[data-job]")) { const id = s.dataset.job; s.removeAttribute("data-job"); s.dataset.panel = ""; load(s, id, { end: datasets }); }
  if ($("[data-run]")) showRun();
  for (const s of $$("[data-refresh]")) setInterval(async () => {
    if (document.hidden) return;
    try { s.replaceChildren(await part(s.dataset.refresh)); $("#offline").hidden = true; } catch { $("#offline").hidden = false; }
  }, Number(s.dataset.every));
  const two = $("[data-needs-two]");
  if (two) {
    const count = () => { two.disabled = $$('input[name="run"]:checked').length !== 2; };
    document.addEventListener("change", count);
    count();
  }
}
begin();
