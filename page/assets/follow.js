// Following a job: one stream of events, which is closed while the page is not seen and goes on
// with what was missed.
import { base } from "./api.js";
import { say } from "./words.js";

const stop = new Set();

export function follow(id, on) {
  let source, last = 0, over = false, refused = false, timer;
  const offline = document.getElementById("offline");
  const close = () => { clearTimeout(timer); source?.close(); source = null; };
  const hear = (kind) => (e) => {
    if (e.lastEventId) last = Math.max(last, Number(e.lastEventId));
    on[kind]?.(JSON.parse(e.data));
  };
  const open = () => {
    if (over || document.hidden || source) return;
    source = new EventSource(`${base}/jobs/${id}/events?after=${last}`);
    for (const kind of ["state", "log", "notice", "output", "text", "run", "found", "progress"]) source.addEventListener(kind, hear(kind));
    source.addEventListener("open", () => { offline.hidden = true; refused = false; });
    source.addEventListener("end", () => { over = true; close(); on.end?.(); });
    source.addEventListener("error", () => {
      close();
      if (over) return;
      offline.hidden = false;
      timer = setTimeout(ask, 2000);
    });
  };
  const ask = async () => { // a stream is refused without a reason: if the job is over, and again, because all is told
    try {
      const answer = await fetch(`${base}/jobs/${id}`);
      if (answer.ok) offline.hidden = true;
      if (answer.ok && ["done", "failed", "cancelled"].includes((await answer.json()).state) && last > 0) {
        if (refused) {
          over = true;
          on.end?.();
          return;
        }
        refused = true;
      }
      if (answer.status === 404 || answer.status === 401) { over = true; on.end?.(); return; }
    } catch { /* it is not back yet */ }
    if (navigator.onLine !== undefined) open();
    if (!source && !document.hidden) timer = setTimeout(ask, 2000);
  };
  const seen = () => { if (document.hidden) close(); else open(); };
  document.addEventListener("visibilitychange", seen);
  const end = () => { over = true; close(); document.removeEventListener("visibilitychange", seen); stop.delete(end); };
  stop.add(end);
  open();
  return end;
}

// endAll stops following.
export const endAll = () => { for (const end of [...stop]) end(); };

// left tells how long work takes that has come to done of total, by its speed since it was first
// told.
export function clock() {
  let first;
  return (done, total) => {
    const now = performance.now();
    if (!first || done < first.done) { first = { done, now }; return ""; }
    if (done <= first.done || !total) return "";
    const seconds = ((now - first.now) / 1000) * (total - done) / (done - first.done);
    if (seconds < 60) return say("%s s", Math.ceil(seconds));
    if (seconds < 5400) return say("%s min", Math.round(seconds / 60));
    return say("%s h", (seconds / 3600).toFixed(1));
  };
}
