// A conversation: each message is a job, whose answer appears as it is written.
import { ask, run } from "./api.js";
import { follow } from "./follow.js";
import { say } from "./words.js";

export function wire(box) {
  const turns = box.querySelector("[data-turns]"), form = box.querySelector("[data-say]");
  const message = form.querySelector("[data-message]"), stop = form.querySelector("[data-stop]"), error = form.querySelector("[data-error]");
  let name = box.dataset.talk, before = []; // what a branch begins with

  const said = (who, text) => {
    const li = document.createElement("li"), p = document.createElement("p");
    li.className = `said ${who}`;
    p.textContent = text;
    li.append(p);
    turns.append(li);
    if (who === "it") li.append(document.querySelector("[data-tools]").content.cloneNode(true));
    li.scrollIntoView({ block: "end", behavior: "smooth" });
    return p;
  };

  // exchanges are the messages and answers in turn up to a place in the list.
  function exchanges(to) {
    const all = [...turns.children].slice(0, to), texts = [];
    for (let i = 0; i + 1 < all.length; i += 2) {
      const [question, reply] = [all[i], all[i + 1]].map((li) => li.querySelector("p"));
      if (!reply.querySelector(".error") && !reply.classList.contains("error") && reply.textContent) texts.push(question.textContent, reply.textContent);
    }
    return texts;
  }
  const fresh = () => `talk-${new Date().toISOString().slice(0, 23).replaceAll(/[:.]/g, "").replace("T", "-")}`;
  const fail = (problem) => { error.textContent = problem.message; error.hidden = false; };
  const inputs = (more) => {
    const model = form.querySelector("[data-model]").value;
    return JSON.stringify(model ? { ...more, model } : more);
  };

  // An answer can be written anew, or the conversation branch off after it; both leave it as it is.
  async function again(at) {
    const conversation = fresh(), earlier = exchanges(at - 1);
    const asked = { message: turns.children[at - 1].querySelector("p").textContent, conversation, seed: 1 + Math.floor(Math.random() * 999999) };
    try {
      await run("chat", inputs(earlier.length ? { ...asked, before: earlier } : asked));
      location.href = `/chat?c=${conversation}`;
    } catch (problem) { fail(problem); }
  }
  function branch(at) {
    before = exchanges(at + 1);
    name = "";
    for (const later of [...turns.children].slice(at + 1)) later.remove();
    for (const kept of turns.children) kept.classList.add("earlier");
    history.replaceState(null, "", "/chat");
    message.focus();
  }
  turns.addEventListener("click", (e) => {
    const tool = e.target.closest("[data-again], [data-branch]");
    if (tool) ("again" in tool.dataset ? again : branch)([...turns.children].indexOf(tool.closest("li")));
  });

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
      name = fresh();
      history.replaceState(null, "", `/chat?c=${name}`);
    }
    try {
      const j = await run("chat", inputs(before.length ? { message: text, conversation: name, before } : { message: text, conversation: name }));
      before = [];
      box.querySelector("[data-first]")?.remove();
      message.value = "";
      said("me", text);
      await answer(j.id, said("it", ""));
    } catch (problem) {
      fail(problem);
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
