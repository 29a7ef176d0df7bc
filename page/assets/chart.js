// A chart of the losses of a run: every step is kept, and each column of pixels shows the range of
// the steps that fall into it.
import { ask } from "./api.js";
import { say } from "./words.js";

const suffix = "/loss";

// ticks are a few round numbers from low to high.
function ticks(low, high) {
  const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const by = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= rough), all = [];
  for (let i = Math.ceil(low / by - 1e-9); i * by <= high + by * 1e-9; i++) all.push(Number((i * by).toPrecision(12)));
  return all;
}

export function chart(box) {
  const canvas = box.querySelector("canvas"), legend = box.querySelector("[data-legend]"), empty = box.querySelector("[data-empty]");
  const series = new Map(); // by name: steps and values
  const hidden = new Set();
  let last = -1, hover = null, loading = false;

  async function load() {
    if (loading) return;
    loading = true;
    try {
      const lines = await ask("GET", `/runs/${encodeURIComponent(box.dataset.chart)}/statistics?after=${last}`);
      for (const line of lines) {
        last = Math.max(last, line.step);
        for (const [name, value] of Object.entries(line)) {
          if (!name.endsWith(suffix) || typeof value !== "number") continue;
          const key = name.slice(0, -suffix.length);
          if (!series.has(key)) series.set(key, []);
          series.get(key).push([line.step, value]);
        }
      }
    } catch { /* the run is not there yet, or the studio is not; the next time */ }
    loading = false;
    draw();
  }

  const style = () => getComputedStyle(document.documentElement);
  const colour = (i) => style().getPropertyValue(`--line-${(i % 6) + 1}`).trim();

  function draw() {
    const names = [...series.keys()].sort();
    empty.hidden = names.length > 0;
    if (!names.length) return;
    tell(names);
    const scale = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = width * scale; canvas.height = height * scale;
    const g = canvas.getContext("2d");
    g.scale(scale, scale);
    g.font = "12px system-ui, sans-serif";
    const shown = names.filter((n) => !hidden.has(n));
    let low = Infinity, high = -Infinity;
    for (const n of shown) for (const [, v] of series.get(n)) { if (v < low) low = v; if (v > high) high = v; }
    if (!(high > low)) { high = low + 1; }
    const left = 52, right = width - 8, top = 8, bottom = height - 26;
    const x = (step) => left + (right - left) * step / Math.max(1, last), y = (v) => bottom - (bottom - top) * (v - low) / (high - low);
    g.strokeStyle = style().getPropertyValue("--edge"); g.fillStyle = style().getPropertyValue("--ink-2");
    g.textAlign = "right"; g.textBaseline = "middle";
    for (const v of ticks(low, high)) {
      g.beginPath(); g.moveTo(left, y(v)); g.lineTo(right, y(v)); g.stroke();
      g.fillText(v, left - 6, y(v));
    }
    g.textBaseline = "top";
    for (const step of ticks(0, Math.max(1, last)).filter(Number.isInteger)) {
      g.textAlign = step === 0 ? "left" : x(step) > right - 20 ? "right" : "center";
      g.fillText(step.toLocaleString(), x(step), bottom + 8);
    }
    for (const n of shown) line(g, series.get(n), colour(names.indexOf(n)), x, y);
    if (hover !== null) point(g, names, shown, x, y, top, bottom, left, right);
  }

  function line(g, points, ink, x, y) {
    g.strokeStyle = ink; g.lineWidth = 1.5; g.beginPath();
    let column = null, min, max;
    const flush = () => { if (column !== null) { g.lineTo(column, y(max)); g.lineTo(column, y(min)); } };
    for (const [step, v] of points) {
      const at = Math.round(x(step));
      if (at !== column) { flush(); column = at; min = max = v; } else { min = Math.min(min, v); max = Math.max(max, v); }
    }
    flush();
    g.stroke();
  }

  function point(g, names, shown, x, y, top, bottom, left, right) {
    const step = Math.round(Math.min(1, Math.max(0, (hover - left) / (right - left))) * last);
    g.strokeStyle = style().getPropertyValue("--ink-2"); g.lineWidth = 1;
    g.beginPath(); g.moveTo(x(step), top); g.lineTo(x(step), bottom); g.stroke();
    const texts = [`${say("step")} ${step.toLocaleString()}`];
    for (const n of shown) {
      const near = nearest(series.get(n), step);
      g.fillStyle = colour(names.indexOf(n));
      g.beginPath(); g.arc(x(near[0]), y(near[1]), 3, 0, 7); g.fill();
      texts.push(`${say(n)} ${near[1].toPrecision(4)}`);
    }
    legend.querySelector("output").value = texts.join(" · ");
  }

  function nearest(points, step) {
    let a = 0, b = points.length - 1;
    while (a < b) { const m = (a + b) >> 1; if (points[m][0] < step) a = m + 1; else b = m; }
    return points[a];
  }

  function tell(names) {
    if (legend.dataset.names === names.join()) return;
    legend.dataset.names = names.join();
    legend.replaceChildren(...names.map((n, i) => {
      const b = document.createElement("button");
      b.type = "button"; b.className = `chip line-${(i % 6) + 1}`; b.textContent = say(n);
      b.setAttribute("aria-pressed", "true");
      b.addEventListener("click", () => {
        if (!hidden.delete(n)) hidden.add(n);
        b.setAttribute("aria-pressed", String(!hidden.has(n)));
        draw();
      });
      return b;
    }), document.createElement("output"));
  }

  canvas.addEventListener("pointermove", (e) => { hover = e.offsetX; draw(); });
  canvas.addEventListener("pointerleave", () => { hover = null; draw(); const o = legend.querySelector("output"); if (o) o.value = ""; });
  new ResizeObserver(() => draw()).observe(box);
  load();
  return load;
}
