// Layers of a collage: dragged, scaled, turned and faded over the picture below; each becomes a
// line of settings.
import { say } from "./words.js";

const load = (address) => new Promise((done, failed) => {
  const image = new Image();
  image.onload = () => done(image);
  image.onerror = failed;
  image.src = address;
});

// read takes a line of settings such as x=40,y=20,scale=0.5.
function read(line) {
  const l = { x: 0, y: 0, scale: 1, rotate: 0, opacity: 1, others: [] };
  for (const one of line.split(",").map((w) => w.trim()).filter(Boolean)) {
    const [key, value] = one.split("=");
    if (key in l && key !== "others") l[key] = Number(value) || 0; else l.others.push(one);
  }
  return l;
}

const brief = (n) => String(Math.round(n * 1000) / 1000);
const written = (l) => [`x=${Math.round(l.x)}`, `y=${Math.round(l.y)}`, `scale=${brief(l.scale)}`, `rotate=${brief(l.rotate)}`, `opacity=${brief(l.opacity)}`, ...l.others].join(",");

// layers makes a board for a form; below and above are called with addresses as files are chosen.
export function layers(box, lines) {
  const canvas = box.querySelector("canvas"), g = canvas.getContext("2d");
  const controls = Object.fromEntries(["scale", "rotate", "opacity"].map((k) => [k, box.querySelector(`[data-set=${k}]`)])), blend = box.querySelector("[data-blend]");
  let ground = null, all = [], at = 0, grip = null;

  const half = (l) => [l.image.naturalWidth * l.scale / 2, l.image.naturalHeight * l.scale / 2];
  function draw() {
    box.hidden = !ground || !all.length;
    if (box.hidden) return;
    g.clearRect(0, 0, canvas.width, canvas.height);
    g.drawImage(ground, 0, 0);
    all.forEach((l, i) => {
      const [w, h] = half(l);
      g.save();
      g.translate(l.x + w, l.y + h);
      g.rotate(l.rotate * Math.PI / 180);
      g.globalAlpha = l.opacity;
      g.drawImage(l.image, -w, -h, 2 * w, 2 * h);
      g.globalAlpha = 1;
      if (i === at) {
        g.lineWidth = Math.max(1, canvas.width / 300);
        for (const ink of ["#000", "#fff"]) { g.strokeStyle = ink; g.setLineDash(ink === "#fff" ? [6, 6] : []); g.strokeRect(-w, -h, 2 * w, 2 * h); }
      }
      g.restore();
    });
  }
  function told() { // the controls and the lines say the same
    const l = all[at];
    if (l) {
      for (const [key, control] of Object.entries(controls)) control.value = key === "scale" ? Math.log2(l.scale) : l[key];
      blend.value = l.others.find((o) => o.startsWith("blend="))?.slice(6) ?? "over";
    }
    lines.value = all.map(written).join("\n");
    draw();
  }
  const place = (e) => {
    const r = canvas.getBoundingClientRect();
    return [(e.clientX - r.left) * canvas.width / r.width, (e.clientY - r.top) * canvas.height / r.height];
  };
  function under([x, y]) { // the topmost layer at a place
    for (let i = all.length - 1; i >= 0; i--) {
      const l = all[i], [w, h] = half(l), a = -l.rotate * Math.PI / 180, dx = x - l.x - w, dy = y - l.y - h;
      if (Math.abs(dx * Math.cos(a) - dy * Math.sin(a)) <= w && Math.abs(dx * Math.sin(a) + dy * Math.cos(a)) <= h) return i;
    }
    return -1;
  }
  function scale(l, to) { // about its middle
    const [w, h] = half(l);
    l.scale = Math.min(1000, Math.max(0.001, to));
    const [v, u] = half(l);
    l.x += w - v; l.y += h - u;
  }
  canvas.addEventListener("pointerdown", (e) => {
    const [x, y] = place(e), i = under([x, y]);
    if (i < 0) return;
    at = i; grip = [x - all[i].x, y - all[i].y];
    canvas.setPointerCapture(e.pointerId);
    told();
    e.preventDefault();
  });
  canvas.addEventListener("pointermove", (e) => {
    if (!grip) return;
    const [x, y] = place(e);
    all[at].x = x - grip[0]; all[at].y = y - grip[1];
    draw();
  });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => { if (grip) { grip = null; told(); } });
  canvas.addEventListener("keydown", (e) => {
    const l = all[at], by = e.shiftKey ? 1 : Math.max(4, canvas.width / 40);
    const does = {
      ArrowLeft: () => { l.x -= by; }, ArrowRight: () => { l.x += by; }, ArrowUp: () => { l.y -= by; }, ArrowDown: () => { l.y += by; },
      "+": () => scale(l, l.scale * 1.1), "-": () => scale(l, l.scale / 1.1), "[": () => { l.rotate -= 5; }, "]": () => { l.rotate += 5; },
      " ": () => { at = (at + 1) % all.length; },
    };
    if (!l || !does[e.key]) return;
    does[e.key]();
    told();
    e.preventDefault();
  });
  for (const [key, control] of Object.entries(controls)) {
    control.addEventListener("input", () => {
      const l = all[at];
      if (!l) return;
      if (key === "scale") scale(l, 2 ** control.value); else l[key] = Number(control.value);
      told();
    });
  }
  blend.addEventListener("change", () => {
    const l = all[at];
    if (!l) return;
    l.others = l.others.filter((o) => !o.startsWith("blend="));
    if (blend.value !== "over") l.others.push(`blend=${blend.value}`);
    told();
  });
  lines.addEventListener("change", () => { lines.value.split("\n").forEach((line, i) => { if (all[i]) Object.assign(all[i], read(line)); }); told(); });
  return {
    async below(address) {
      ground = address ? await load(address).catch(() => null) : null;
      if (ground) {
        canvas.width = ground.naturalWidth; canvas.height = ground.naturalHeight;
        canvas.setAttribute("aria-label", say("Layers on the picture: drag to move; arrows, plus, minus and brackets do the same; space takes the next"));
      }
      draw();
    },
    async above(addresses) {
      const kept = lines.value.split("\n").filter((l) => l.trim());
      const images = await Promise.all(addresses.map((a) => load(a).catch(() => null)));
      all = images.map((image, i) => image && { image, ...read(kept[i] ?? "x=0,y=0") }).filter(Boolean);
      for (const [i, l] of all.entries()) {
        if (kept[i] || !ground) continue; // a new one lies in the middle, a third as large as the picture
        l.scale = Math.min(1, ground.naturalWidth / 3 / l.image.naturalWidth, ground.naturalHeight / 3 / l.image.naturalHeight);
        [l.x, l.y] = [(ground.naturalWidth - l.image.naturalWidth * l.scale) / 2, (ground.naturalHeight - l.image.naturalHeight * l.scale) / 2];
      }
      at = Math.max(all.length - 1, 0);
      told();
    },
  };
}
