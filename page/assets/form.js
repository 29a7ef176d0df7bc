// Forms of apps: files, sliders, the inputs as JSON, and errors at their fields.
import { ask, chosen, dropped, part, run, slug, upload, visible, within } from "./api.js";
import { plain, say } from "./words.js";

// inputsOf are the inputs of a form as JSON text; whole numbers of any size stay as they were typed.
export function inputsOf(form) {
  const parts = [];
  for (const box of form.querySelectorAll("[data-field]")) {
    const text = valueOf(box);
    if (text !== null) parts.push(`${JSON.stringify(box.dataset.field)}:${text}`);
  }
  return `{${parts.join(",")}}`;
}

const split = (text) => text.split(",").map((w) => w.trim()).filter(Boolean);

function valueOf(box) {
  const one = box.querySelector("[data-value]"), value = one?.value ?? "";
  if (one?.type !== "hidden" && one?.type !== "checkbox" && value === one?.dataset.usual) return null;
  switch (box.dataset.kind) {
    case "boolean": return String(one.checked) === one.dataset.usual ? null : String(one.checked);
    case "number": return value === "" ? null : /^-?\d+$/.test(value) ? BigInt(value).toString() : String(Number(value));
    case "numbers": return value === "" ? null : `[${split(value).map((w) => /^\d+$/.test(w) ? w : JSON.stringify(w)).join(",")}]`;
    case "strings": {
      if (box.dataset.control === "runs") {
        const names = [...box.querySelectorAll("[data-one]:checked")].map((c) => c.value);
        return names.length ? JSON.stringify(names) : null;
      }
      const words = box.dataset.control === "lines" ? value.split("\n").filter((l) => l.trim()) : split(value);
      return words.length ? JSON.stringify(words) : null;
    }
    case "reference": case "references": {
      const dataset = box.querySelector("[data-dataset]")?.value;
      const text = value || (dataset ? JSON.stringify(dataset) : "");
      if (!text) return null;
      return box.dataset.kind === "references" ? `[${text}]` : text;
    }
  }
  return value === "" && !one.dataset.usual ? null : JSON.stringify(value);
}

// show shows a problem at the field it is about, or below the form.
export function show(form, problem) {
  clear(form);
  const box = problem.field && form.querySelector(`[data-field="${CSS.escape(problem.field)}"]`);
  const spot = box?.querySelector("[data-problem]") ?? form.querySelector("[data-error]");
  if (!spot) return;
  spot.textContent = (box || !problem.field ? "" : `${problem.field}: `) + plain(problem.message.replace(`${problem.field}: `, ""));
  spot.hidden = false;
  if (!box) { spot.scrollIntoView({ block: "nearest" }); return; }
  const details = box.closest("details");
  if (details) details.open = true;
  box.classList.add("wrong");
  const control = box.querySelector("[data-value]:not([type=hidden]), input:not([type=hidden]), select, textarea");
  control?.setAttribute("aria-invalid", "true");
  control?.focus();
}

export function clear(form) {
  for (const e of form.querySelectorAll("[data-problem], [data-error]")) { e.hidden = true; e.textContent = ""; }
  for (const e of form.querySelectorAll(".wrong")) e.classList.remove("wrong");
  for (const e of form.querySelectorAll("[aria-invalid]")) e.removeAttribute("aria-invalid");
}

// wire makes a form of an app work; done is called with the job.
export function wire(form, done) {
  const app = form.dataset.app;
  const paint = painting(form, app);
  board(form);
  for (const box of form.querySelectorAll("[data-filebox]")) fileBox(form, box, paint);
  for (const slide of form.querySelectorAll("[data-slide]")) {
    const number = slide.parentElement.querySelector("[data-value]");
    slide.addEventListener("input", () => { number.value = slide.value; });
    number.addEventListener("input", () => { slide.value = number.value; });
    if (slide.closest('[data-field="strength"]')) { // what was made follows the slider
      slide.addEventListener("change", () => { if (document.querySelector("[data-panel] .beforeafter")) form.requestSubmit(); });
    }
  }
  for (const dice of form.querySelectorAll("[data-dice]")) {
    dice.addEventListener("click", () => { dice.parentElement.querySelector("[data-value]").value = 1 + Math.floor(Math.random() * 999999); });
  }
  classes(form);
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    clear(form);
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      await paint?.store();
      done(await run(app, inputsOf(form), form.querySelector("[data-apart]")?.checked ? "?apart=true" : ""));
    } catch (problem) {
      show(form, problem);
    }
    button.disabled = false;
  });
}

// classes offers those of the run that is chosen.
function classes(form) {
  const run = form.querySelector('[data-control="run"] select'), box = form.querySelector('[data-control="class"]');
  if (!run || !box) return;
  const list = document.createElement("datalist"), words = JSON.parse(run.dataset.words ?? "[]"); // which are no runs
  list.id = "classes";
  box.append(list);
  const load = async () => {
    list.replaceChildren();
    if (words.includes(run.value)) box.hidden = true; // it has no classes
    if (!run.value || words.includes(run.value)) return;
    const about = await ask("GET", `/runs/${encodeURIComponent(run.value)}`).catch(() => null);
    const all = about?.classes ?? [];
    list.replaceChildren(...all.map((c) => Object.assign(document.createElement("option"), { value: c })));
    box.hidden = Boolean(about) && !all.length;
    box.querySelector("input").placeholder = all.slice(0, 3).join(", ");
  };
  run.addEventListener("change", load);
  load();
}

// addressOf is where the file of a reference is.
function addressOf(reference) {
  if (reference.upload) return `/api/v1/uploads/${reference.upload}/files/${(reference.file || "").split("/").map(encodeURIComponent).join("/")}`;
  if (reference.result) { const [id, ...name] = reference.result.split("/"); return `/api/v1/results/${id}/${encodeURIComponent(name.join("/"))}`; }
  return "";
}

// fileBox takes a file by choosing, dropping, pasting, or from earlier results.
function fileBox(form, box, paint) {
  const value = box.querySelector("[data-value]"), chosenBox = box.querySelector("[data-chosen]"), bar = box.querySelector("progress");
  const many = "many" in box.dataset, field = box.closest("[data-field]"), several = field.dataset.control === "files";
  const set = (reference, name) => {
    value.value = reference ? JSON.stringify(reference) : "";
    chosenBox.hidden = !reference;
    chosenBox.querySelector("[data-name]").textContent = name ?? "";
    const thumb = chosenBox.querySelector("[data-thumb]"), address = reference ? addressOf(reference) : "";
    if (thumb) {
      thumb.hidden = !address || !box.querySelector('[accept="image/*"]');
      if (!thumb.hidden) thumb.src = address;
    }
    field.dispatchEvent(new CustomEvent("files", { bubbles: true, detail: (reference ? [reference].flat() : []).map(addressOf) }));
    if (paint && field.dataset.field === paint.picture) paint.open(reference ? address : "");
  };
  if (value.value) { const r = JSON.parse(value.value); set(r, chosenBox.querySelector("[data-name]").textContent); }
  const take = async (files) => {
    files = visible(files);
    if (!files.length) return;
    clear(form);
    if (several) files = files.map((f, i) => ({ ...f, path: `${i + 1}/${f.file.name}` })); // names may be alike
    else if (!many) files = files.slice(0, 1).map((f) => ({ ...f, path: f.file.name }));
    bar.hidden = false;
    try {
      const name = files[0].path.split("/")[0];
      const up = await upload(name, many ? within(files) : files, (sent, total) => { bar.value = total ? sent / total : 1; });
      if (!up.whole) throw new Error(up.failed[0].why);
      if (many) set({ upload: up.id }, say("%s files", files.length) + ` · ${name}`);
      else if (several) set(files.map((f) => ({ upload: up.id, file: f.path })), files.length === 1 ? files[0].file.name : say("%s files", files.length));
      else set({ upload: up.id, file: files[0].path }, files[0].path);
    } catch (problem) {
      show(form, { message: problem.message, field: field.dataset.field });
    }
    bar.hidden = true;
  };
  for (const input of box.querySelectorAll("[data-file]")) input.addEventListener("change", () => { take(chosen(input)); });
  box.querySelector("[data-drop-file]").addEventListener("click", () => set(null));
  box.addEventListener("dragover", (e) => { e.preventDefault(); box.classList.add("over"); });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", async (e) => { e.preventDefault(); e.stopPropagation(); box.classList.remove("over"); take(await dropped(e.dataTransfer)); });
  const earlier = box.querySelector("[data-earlier]");
  earlier?.addEventListener("click", async () => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", say("Earlier results"));
    const close = Object.assign(document.createElement("button"), { type: "button", textContent: say("Close") });
    close.addEventListener("click", () => dialog.close());
    dialog.append(await part(`/parts/results?accept=${encodeURIComponent(earlier.dataset.earlier)}`), close);
    dialog.addEventListener("click", (e) => {
      const tile = e.target.closest("[data-ref]");
      if (!tile) return;
      const one = { result: tile.dataset.ref }, before = several && value.value ? JSON.parse(value.value) : [];
      if (several) set([...before, one], say("%s files", before.length + 1)); else set(one, tile.dataset.name);
      dialog.close();
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });
}

// board lets the layers of a collage be dragged.
function board(form) {
  const box = form.querySelector("[data-layers]");
  if (!box) return;
  const now = import("./layers.js").then(({ layers }) => layers(box, form.querySelector(`[data-field="${box.dataset.layers}"] [data-value]`)));
  form.addEventListener("files", async (e) => {
    const field = e.target.dataset.field, made = await now;
    if (field === box.dataset.above) await made.above(e.detail.filter(Boolean));
    else if (e.target.dataset.control === "file" && field === box.dataset.below) await made.below(e.detail[0]);
  });
}

// painting lets the hole of a picture be painted; its strokes survive a reload.
function painting(form, app) {
  const box = form.querySelector("[data-paints]");
  if (!box) return null;
  let now, address, changed = false;
  const key = () => `strokes ${slug(app)} ${address}`;
  box.addEventListener("painted", (e) => {
    changed = true;
    try { sessionStorage.setItem(key(), JSON.stringify(e.detail)); } catch { /* there is no room: undo works all the same */ }
  });
  return {
    picture: box.dataset.paints,
    async open(at) {
      box.hidden = true;
      now = null; address = at;
      if (!at) return;
      const { painter } = await import("./mask.js");
      let kept = null;
      try { kept = JSON.parse(sessionStorage.getItem(key())); } catch { /* none */ }
      changed = Boolean(kept?.length);
      now = painter(box, at, kept);
    },
    async store() {
      const mask = changed && await now?.mask();
      if (!mask) return;
      const up = await upload("mask.png", [{ path: "mask.png", file: new File([mask], "mask.png") }], () => {});
      if (up.failed.length) throw new Error(up.failed[0].why);
      const field = form.querySelector(`[data-field="${box.dataset.mask}"]`);
      field.querySelector("[data-value]").value = JSON.stringify({ upload: up.id, file: "mask.png" });
      field.querySelector("[data-chosen]").hidden = false;
      field.querySelector("[data-name]").textContent = "mask.png";
    },
  };
}
