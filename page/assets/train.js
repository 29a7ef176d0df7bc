// The form of a training, and the command that it stands for.
import { run } from "./api.js";
import { clear, show } from "./form.js";

const quoted = (w) => /^[\w.,:@/=+-]+$/.test(w) ? w : `'${w.replaceAll("'", `'\\''`)}'`;

export function wire(form, done) {
  const asked = () => {
    const from = form.querySelector('[name="from"]:checked');
    const settings = from ? JSON.parse(from.dataset.settings) : [];
    const add = (key, value) => {
      const i = settings.findIndex((s) => s.startsWith(`${key}=`));
      if (i >= 0) settings.splice(i, 1);
      settings.push(`${key}=${value}`);
    };
    for (const s of form.querySelectorAll("[data-setting]")) if (s.value !== "") add(s.dataset.setting, s.value);
    for (const l of form.querySelector("[data-others]").value.split("\n")) {
      const [key, ...value] = l.trim().split("=");
      if (key) add(key, value.join("="));
    }
    const inputs = { recipe: from?.dataset.recipe ?? "", settings };
    const minutes = form.querySelector("[data-minutes]").value;
    if (minutes !== "") inputs.minutes = Number(minutes);
    return inputs;
  };
  const tell = () => {
    const a = asked();
    form.querySelector("[data-command]").textContent = ["atelier train", a.recipe, ...a.settings.map(quoted), ...(a.minutes ? [`--minutes=${a.minutes}`] : [])].join(" ");
  };
  form.addEventListener("input", tell);
  tell();
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    clear(form);
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try { await done(await run("train", JSON.stringify(asked()))); } catch (problem) { show(form, problem); }
    button.disabled = false;
  });
}
