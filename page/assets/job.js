// The panel of a job: its progress as it comes, and its results when they are there.
import { ask, json, part, run } from "./api.js";
import { clock, follow } from "./follow.js";
import { plain, say } from "./words.js";

const final = (state) => ["done", "failed", "cancelled"].includes(state);

// watch follows the job of a panel, and shows its results.
export function watch(panel, on = {}) {
  const job = panel.querySelector("[data-job]");
  if (!job) return;
  wireOutputs(job);
  const text = job.querySelector("[data-text]"), log = job.querySelector("[data-log]");
  const badge = job.querySelector(".jobhead .badge"), bar = job.querySelector("[data-bar]"), work = job.querySelector("[data-work]"), left = job.querySelector("[data-left]");
  const going = !final(job.dataset.state), remaining = clock();
  let phase = "";
  const line = (l) => { const li = document.createElement("li"); li.textContent = l; log.append(li); };
  follow(job.dataset.job, {
    log: (l) => line(plain(l)), notice: (l) => line(plain(l)),
    state(s) {
      if (!going || s.state !== "running") return;
      badge.className = "badge running";
      badge.textContent = say("running");
      if (work && job.dataset.state === "queued") work.textContent = say("Starting");
      if (text) text.textContent = ""; // it is begun anew
    },
    text(piece) {
      if (!going || !text) return;
      text.hidden = false;
      text.textContent += piece;
      text.scrollTop = text.scrollHeight;
    },
    progress(p) {
      if (!bar) return;
      if (p.work !== phase) phase = p.work;
      work.textContent = p.work || say("Working");
      if (!p.total) { bar.removeAttribute("value"); return; }
      bar.max = p.total; bar.value = p.done;
      const rest = remaining(p.done, p.total);
      left.textContent = `${p.done.toLocaleString()} / ${p.total.toLocaleString()}` + (rest ? ` · ${say("%s left", rest)}` : "");
    },
    run(name) { on.run?.(name); },
    async end() {
      if (!going) return;
      await load(panel, job.dataset.job, on);
      on.end?.();
    },
  });
}

// load shows the panel of a job.
export async function load(panel, id, on = {}) {
  panel.replaceChildren(await part(`/parts/jobs/${id}`));
  times(panel);
  watch(panel, on);
}

// times shows times as those of the reader's zone, in the form that the server gave them, so that
// nothing moves.
export function times(within) {
  for (const t of within.querySelectorAll("time[datetime]")) {
    const at = new Date(t.dateTime), two = (n) => String(n).padStart(2, "0");
    t.textContent = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
  }
}

// varied are inputs with another seed.
export function varied(text) {
  const next = text.replace(/("seed"\s*:\s*)(\d+)/, (_, key, n) => key + BigInt.asUintN(64, BigInt(n) + 1n));
  return next !== text ? next : text.replace(/^\s*{\s*/, '{"seed":2,').replace(",}", "}");
}

// made runs an app, and is its job once it is done.
export async function made(app, inputs, query) {
  const { id } = await run(app, json(inputs), query);
  await new Promise((done) => follow(id, { end: done }));
  const j = await ask("GET", `/jobs/${id}`);
  if (j.state !== "done" || !(j.outputs.length || j.found)) throw new Error(j.problem?.message ?? say("It failed."));
  return j;
}

// addressOf is where an output of a job is.
export const addressOf = (j, output) => `/api/v1/results/${j.id}/${encodeURIComponent(output.name)}`;

// maps draws the maps of tiles within an element.
export function maps(within) {
  for (const canvas of within.querySelectorAll("[data-map]")) import("./map.js").then(({ draw }) => draw(canvas)).catch(() => { canvas.hidden = true; });
}

function wireOutputs(job) {
  maps(job);
  for (const box of job.querySelectorAll("[data-compare]")) {
    const slider = box.querySelector("input");
    slider.addEventListener("input", () => box.style.setProperty("--cut", `${slider.value}%`));
  }
}

// perform has a piece of music played, or its notes drawn; what was made is shown in place.
export async function perform(score, app) {
  const spot = score.querySelector("[data-here]"), ref = score.dataset.music, name = ref.split("/").slice(1).join("/");
  spot.textContent = say("Working");
  try {
    const j = await made(app, { piece: { result: ref } }), src = addressOf(j, j.outputs[0]);
    if (j.outputs[0].media_type.startsWith("audio/")) {
      const audio = Object.assign(document.createElement("audio"), { controls: true, src });
      audio.setAttribute("aria-label", name);
      spot.replaceChildren(audio);
      audio.play().catch(() => {}); // some browsers want a press on the player
    } else {
      spot.replaceChildren(Object.assign(document.createElement("img"), { src, alt: say("The notes of %s", name) }));
    }
  } catch (problem) {
    spot.textContent = problem.message;
  }
}
