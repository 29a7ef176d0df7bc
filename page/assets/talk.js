// A conversation: each message is a job, whose answer appears as it is written.
import { ask, part, run } from "./api.js";
import { follow } from "./follow.js";
import { say } from "./words.js";

export function wire(box) {
  const turns = box.querySelector("[data-turns]"), form = box.querySelector("[data-say]");
  const message = form.querySelector("[data-message]"), send = form.querySelector("[type=submit]"), stop = form.querySelector("[data-stop]"), error = form.querySelector("[data-error]");
  let name = box.dataset.talk, busy = 0;

  // during keeps further messages back until something is done: an answer is written, or the page goes
  // to another conversation.
  async function during(what) {
    send.disabled = ++busy > 0;
    try { return await what; } finally { send.disabled = --busy > 0; }
  }
  const textOf = (turn) => turn.querySelector("[data-text]");
  const said = (who, text) => {
    const li = document.createElement("li"), spot = document.createElement(who === "it" ? "div" : "p");
    li.className = `said ${who}`;
    spot.dataset.text = "";
    spot.textContent = text;
    li.append(spot);
    turns.append(li);
    if (who === "it") li.append(document.querySelector("[data-tools]").content.cloneNode(true));
    li.scrollIntoView({ block: "end", behavior: "smooth" });
    return spot;
  };

  // answered is how many of the first turns in the list have an answer.
  const answered = (to) => [...turns.children].slice(0, to).filter((li, i) => i % 2 && textOf(li).textContent && !textOf(li).matches(".error, .stopped, .writing")).length;
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
    const conversation = await branched(at - 1);
    await run("chat", inputs({ message: textOf(turns.children[at - 1]).textContent, conversation, seed: 1 + Math.floor(Math.random() * 999999) }));
    return conversation;
  }
  // leave goes to a conversation once there is it: what is typed on the way would be lost.
  async function leave(to) {
    message.disabled = true;
    error.hidden = true;
    try { location.href = `/chat?c=${encodeURIComponent(await during(to))}`; } catch (problem) { message.disabled = false; fail(problem); }
  }
  addEventListener("pagehide", () => { message.disabled = false; }); // should the browser come back to it
  turns.addEventListener("click", (e) => {
    const tool = e.target.closest("[data-again], [data-branch]");
    if (!tool || message.disabled) return;
    const at = [...turns.children].indexOf(tool.closest("li"));
    leave("again" in tool.dataset ? again(at) : branched(at + 1));
  });

  // answer shows the answer of a job as it comes, and at last what was kept of it.
  const answer = (id, spot) => new Promise((done) => {
    spot.classList.add("writing");
    let streamed = "";
    const show = () => { spot.textContent = streamed; };
    stop.hidden = false;
    stop.onclick = () => ask("DELETE", `/jobs/${id}`).catch(() => {});
    const end = follow(id, {
      state(s) { if (s.state === "running" && streamed) { streamed = ""; show(); } }, // it is begun anew
      text(piece) { streamed += piece; show(); },
      async end() {
        end();
        try {
          const j = await ask("GET", `/jobs/${id}`);
          if (j.outputs.length) spot.replaceChildren(await part(`/parts/answers/${id}`));
          else if (j.problem) { spot.textContent = j.problem.message; spot.classList.add("error"); }
          else if (j.state === "cancelled") { spot.append(` (${say("stopped")})`); spot.classList.add("stopped"); }
        } catch (problem) { fail(problem); }
        stop.hidden = true;
        spot.classList.remove("writing");
        done();
      },
    });
  });

  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    const text = message.value.trim();
    if (!text || busy) return;
    error.hidden = true;
    if (!name) {
      name = fresh();
      history.replaceState(null, "", `/chat?c=${name}`);
    }
    try {
      const j = await during(run("chat", inputs({ message: text, conversation: name })));
      box.querySelector("[data-first]")?.remove();
      message.value = "";
      said("me", text);
      await during(answer(j.id, said("it", "")));
      document.querySelector("[data-act=delete-talk]")?.removeAttribute("hidden");
    } catch (problem) {
      fail(problem);
    }
  });
  message.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); form.requestSubmit(); }
  });
  for (const li of turns.querySelectorAll("[data-answer]")) {
    if (["queued", "running"].includes(li.dataset.state)) during(answer(li.dataset.answer, textOf(li)));
  }
  turns.lastElementChild?.scrollIntoView({ block: "end" });
}
