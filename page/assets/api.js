// Requests to the API of the studio. A refusal is thrown as a Problem with the field it is about.
import { say } from "./words.js";

export class Problem extends Error {
  constructor(status, detail, field) {
    super(detail);
    this.status = status;
    this.field = field;
  }
}

export const base = "/api/v1";

export async function ask(method, path, body, head = {}) {
  let answer;
  try {
    const json = body !== undefined && typeof body === "string";
    answer = await fetch(base + path, { method, body, headers: json ? { "Content-Type": "application/json", ...head } : head });
  } catch {
    throw new Problem(0, say("The studio does not answer."));
  }
  if (answer.status === 204) return null;
  if (!answer.ok) {
    const p = await answer.json().catch(() => ({}));
    throw new Problem(answer.status, p.detail || answer.statusText, p.field);
  }
  return answer.json();
}

export const slug = (app) => app.replaceAll(" ", "-");

// json is JSON text, with a BigInt as the whole number that it is.
export const json = (v) => JSON.stringify(v, (_, x) => typeof x === "bigint" ? `\u0001${x}` : x).replace(/"\\u0001(\d+)"/g, "$1");

// run adds a job for an app; inputs is JSON text.
export const run = (app, inputs, query = "") => ask("POST", `/apps/${slug(app)}${query}`, inputs);

// part fetches a piece of a page as an element.
export async function part(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Problem(answer.status, answer.statusText);
  const t = document.createElement("template");
  t.innerHTML = await answer.text(); // made by the server, which escapes what people wrote
  return t.content;
}

const atOnce = 3;

// upload sends files, each with a path, as one upload; told is called with the bytes sent of all.
// A file that breaks off goes on where it stopped.
export async function upload(name, files, told) {
  const begun = await ask("POST", `/uploads?name=${encodeURIComponent(name)}`);
  const total = files.reduce((n, f) => n + f.file.size, 0);
  const failed = [];
  let sent = 0;
  const queue = files.slice();
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      try {
        await send(begun.id, next);
      } catch (e) {
        failed.push({ path: next.path, why: e.message });
      }
      sent += next.file.size;
      told(sent, total, files.length - queue.length, files.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { id: begun.id, failed, whole: files.length - failed.length };
}

// waits are the seconds between tries while the studio does not answer, such as when it starts anew.
const waits = [1, 2, 4, 8, 8, 8];

async function send(id, { path, file }) {
  const at = `/uploads/${id}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
  for (let tries = 0; ; tries++) {
    try {
      let offset = 0;
      if (tries > 0) {
        const head = await fetch(base + at, { method: "HEAD" }).catch(() => ({ status: 503 }));
        if (head.status >= 500) throw new Problem(0, say("The studio does not answer."));
        offset = Number(head.headers.get("Upload-Offset") || 0);
        if (head.ok && offset === file.size) return;
      }
      await ask("PATCH", at, offset ? file.slice(offset) : file, { "Upload-Offset": String(offset), "Upload-Length": String(file.size) });
      return;
    } catch (e) {
      if (e.status !== 0 || tries >= waits.length) throw e;
      await new Promise((done) => setTimeout(done, 1000 * waits[tries]));
    }
  }
}

// dropped reads what was dropped, folders with all that is in them.
export async function dropped(transfer) {
  const entries = [...transfer.items].map((i) => i.webkitGetAsEntry?.()).filter(Boolean);
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      const file = await new Promise((yes, no) => entry.file(yes, no));
      found.push({ path: entry.fullPath.slice(1), file });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((yes, no) => reader.readEntries(yes, no));
      if (!some.length) return;
      for (const e of some) await walk(e);
    }
  };
  for (const e of entries) await walk(e);
  return found.length ? found : [...transfer.files].map((file) => ({ path: file.name, file }));
}

export const chosen = (input) => [...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

// within leaves out the folder that all files are in: those below it are their labels.
export function within(files) {
  const top = files[0]?.path.split("/")[0] + "/";
  if (!files.every((f) => f.path.startsWith(top))) return files;
  return files.map((f) => ({ ...f, path: f.path.slice(top.length) }));
}

// visible leaves out hidden files, which systems put into folders.
export const visible = (files) => files.filter((f) => !f.path.split("/").some((p) => p.startsWith(".")));
