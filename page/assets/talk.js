// A conversation: each message is a job, whose answer appears as it is written.
import { ask, run } from "./api.js";
import { follow } from "./follow.js";
import { say } from "./words.js";

export function wire(box) {
  const turns = box.querySelector("[data-turns]"), form = box.querySelector("[data-say]");
  const message = form.querySelector("[data-message]"), stop = form.querySelector("[data-stop]"), error = form.querySelector("[data-error]");
  let name = box.dataset.talk;

  const said = (who, text) => {
    const li = document.createElement("li"), p = document.createElement("p");
    li.className = `said ${who}`;
    p.textContent = text;
    li.append(p);
    turns.append(li);
    li.scrollIntoView({ block: "end", behavior: "smooth" });
    return p;
  };

  // answer shows the answer of a job as it comes, and at last what was kept of it.
  const answer = (id, p) => new Promise((done) => {
    p.classList.add("writing");
    let streamed = "";
    stop.hidden = false;
    stop.onclick = () => ask("DELETE", `/jobs/${id}`).catch(() => {});
    const end = follow(id, {
      text(piece) { streamed += piece; p.textContent = streamed; },
      async end() {
        end();
        stop.hidden = true;
        p.classList.remove("writing");
        const j = await ask("GET", `/jobs/${id}`).catch(() => null), o = j?.outputs[0];
        if (o) p.textContent = (await (await fetch(`/api/v1/results/${id}/${encodeURIComponent(o.name)}`)).text()).trim();
        else if (j?.problem) { p.textContent = j.problem.message; p.classList.add("error"); }
        else if (j?.state === "cancelled") p.append(` (${say("stopped")})`);
        done();
      },
    });
  });

  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const text = message.value.trim();
    if (!text) return;
    error.hidden = true;
    if (!name) {
      name = `talk-${new Date().toISOString().slice(0, 19).replaceAll(":", "").replace("T", "-")}`;
      history.replaceState(null, "", `/chat?c=${name}`);
    }
    const inputs = { message: text, conversation: name }, model = form.querySelector("[data-model]").value;
    if (model) inputs.model = model;
    try {
      const j = await run("chat", JSON.stringify(inputs));
      box.querySelector("[data-first]")?.remove();
      message.value = "";
      said("me", text);
      await answer(j.id, said("it", ""));
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    }
  });
  message.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); form.requestSubmit(); }
  });
  for (const li of turns.querySelectorAll("[data-answer]")) {
    if (["queued", "running"].includes(li.dataset.state)) answer(li.dataset.answer, li.querySelector("p"));
  }
  turns.lastElementChild?.scrollIntoView({ block: "end" });
}
