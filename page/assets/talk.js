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
    if (who === "it") li.append(document.querySelector("[data-tools]").content.cloneNode(true));
    li.scrollIntoView({ block: "end", behavior: "smooth" });
    return p;
  };

  // answered is how many of the first turns in the list have an answer.
  const answered = (to) => [...turns.children].slice(0, to).filter((li, i) => {
    const p = li.querySelector("p");
    return i % 2 && p.textContent && !p.matches(".error, .stopped, .writing") && !p.querySelector(".error");
  }).length;
  const fresh = () => `talk-${new Date().toISOString().slice(0, 23).replaceAll(/[:.]/g, "").replace("T", "-")}`;
  const fail = (problem) => { error.textContent = problem.message; error.hidden = false; };
  const inputs = (more) => {
    const model = form.querySelector("[data-model]").value;
    return JSON.stringify(model ? { ...more, model } : more);
  };

  // An answer can be written anew, or the conversation branch off after it; both leave it as it is.
  async function branched(to) {
    const other = fresh(), { exchanges } = await ask("GET", `/conversations/${encodeURIComponent(name)}`);
    let left = answered(to), count = 0; // where a conversation began anew is an exchange too
    while (left > 0 && count < exchanges.length) if (!exchanges[count++].new) left--;
    await ask("POST", `/conversations/${encodeURIComponent(name)}/branch`, JSON.stringify({ name: other, exchanges: count }));
    return other;
  }
  async function again(at) {
    const message = turns.children[at - 1].querySelector("p").textContent;
    try {
      const conversation = await branched(at - 1);
      await run("chat", inputs({ message, conversation, seed: 1 + Math.floor(Math.random() * 999999) }));
      location.href = `/chat?c=${conversation}`;
    } catch (problem) { fail(problem); }
  }
  async function branch(at) {
    try { location.href = `/chat?c=${await branched(at + 1)}`; } catch (problem) { fail(problem); }
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
        else if (j?.state === "cancelled") { p.append(` (${say("stopped")})`); p.classList.add("stopped"); }
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
      const j = await run("chat", inputs({ message: text, conversation: name }));
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
