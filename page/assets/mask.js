// Painting over a picture, a hole or marks in several inks: with mouse, pen, finger or keys;
// strokes are kept for undo and survive a reload.
export function painter(box, imageAddress, restored) {
  const canvas = box.querySelector("canvas"), g = canvas.getContext("2d");
  const brush = box.querySelector("[data-brush]"), erase = box.querySelector("[data-erase]");
  const inks = [...box.querySelectorAll("[data-ink]")], hole = "#e0115f";
  let ink = inks[0]?.dataset.ink ?? hole;
  const picture = new Image();
  let strokes = restored ?? [], current = null, cursor = null, ready = false;
  picture.addEventListener("load", () => {
    ready = true;
    canvas.width = picture.naturalWidth; canvas.height = picture.naturalHeight;
    box.hidden = false;
    const aspect = canvas.width / canvas.height;
    canvas.style.width = `min(100%, ${Math.round(480 * Math.min(1, aspect) * Math.max(1, aspect))}px)`;
    draw();
  });
  picture.addEventListener("error", () => { box.hidden = true; });
  picture.src = imageAddress;

  const layer = document.createElement("canvas");
  function paint(white) { // the strokes on a layer of their own, in their inks or all white
    layer.width = canvas.width; layer.height = canvas.height;
    const m = layer.getContext("2d");
    m.lineCap = m.lineJoin = "round";
    for (const s of current ? [...strokes, current] : strokes) {
      m.globalCompositeOperation = s.erase ? "destination-out" : "source-over";
      m.strokeStyle = white ?? s.ink ?? hole;
      m.lineWidth = s.width;
      m.beginPath();
      m.moveTo(s.points[0][0], s.points[0][1]);
      for (const [x, y] of s.points) m.lineTo(x, y);
      if (s.points.length === 1) m.lineTo(s.points[0][0] + 0.01, s.points[0][1]);
      m.stroke();
    }
    return layer;
  }

  function draw() {
    if (!ready) return;
    g.globalAlpha = 1;
    g.clearRect(0, 0, canvas.width, canvas.height);
    g.drawImage(picture, 0, 0);
    g.globalAlpha = 0.6;
    g.drawImage(paint(), 0, 0);
    g.globalAlpha = 1;
    if (cursor) {
      g.lineWidth = Math.max(1, canvas.width / 300);
      for (const ink of ["#000", "#fff"]) {
        g.strokeStyle = ink; g.setLineDash(ink === "#fff" ? [4, 4] : []);
        g.beginPath(); g.arc(cursor[0], cursor[1], width() / 2, 0, 7); g.stroke();
      }
      g.setLineDash([]);
    }
  }

  // width is that of the brush in pixels of the picture.
  const width = () => Math.max(1, brush.value * Math.max(canvas.width, canvas.height) / 500);
  const place = (e) => {
    const r = canvas.getBoundingClientRect();
    return [Math.round((e.clientX - r.left) * canvas.width / r.width), Math.round((e.clientY - r.top) * canvas.height / r.height)];
  };
  const keep = () => { box.dispatchEvent(new CustomEvent("painted", { detail: strokes })); draw(); };
  const begin = (at) => { current = { erase: erase.getAttribute("aria-pressed") === "true", ink, width: width(), points: [at] }; };
  const end = () => { if (current) { strokes.push(current); current = null; keep(); } };

  canvas.addEventListener("pointerdown", (e) => { canvas.setPointerCapture(e.pointerId); begin(place(e)); cursor = place(e); draw(); e.preventDefault(); });
  canvas.addEventListener("pointermove", (e) => { cursor = place(e); current?.points.push(cursor); draw(); });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, end);
  canvas.addEventListener("pointerleave", () => { if (!current) { cursor = null; draw(); } });
  canvas.addEventListener("keydown", (e) => {
    const by = e.shiftKey ? 1 : Math.max(4, canvas.width / 40);
    const moves = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    if ((e.ctrlKey || e.metaKey) && e.key === "z") { undo(); e.preventDefault(); return; }
    cursor ??= [canvas.width / 2, canvas.height / 2];
    if (moves[e.key]) {
      cursor = [cursor[0] + moves[e.key][0], cursor[1] + moves[e.key][1]];
      current?.points.push(cursor);
    } else if (e.key === " ") {
      if (current) end(); else begin(cursor);
    } else return;
    e.preventDefault();
    draw();
  });
  const undo = () => { strokes.pop(); keep(); };
  box.querySelector("[data-undo]").onclick = undo;
  box.querySelector("[data-clear]").onclick = () => { strokes = []; keep(); };
  erase.onclick = () => erase.setAttribute("aria-pressed", String(erase.getAttribute("aria-pressed") !== "true"));

  for (const b of inks) {
    b.onclick = () => {
      ink = b.dataset.ink;
      for (const other of inks) other.setAttribute("aria-pressed", String(other === b));
      erase.setAttribute("aria-pressed", "false");
    };
  }

  // mask is a PNG that is white where the hole is and black elsewhere, or the marks in their inks
  // on nothing; null if nothing was painted.
  return {
    async mask() {
      if (!ready || !strokes.some((s) => !s.erase)) return null;
      const out = document.createElement("canvas");
      out.width = canvas.width; out.height = canvas.height;
      const m = out.getContext("2d");
      if (inks.length) m.drawImage(paint(), 0, 0);
      else { m.fillStyle = "#000"; m.fillRect(0, 0, out.width, out.height); m.drawImage(paint("#fff"), 0, 0); }
      const pixels = m.getImageData(0, 0, out.width, out.height), at = inks.length ? 3 : 0; // no half-tones at the rim
      for (let i = 0; i < pixels.data.length; i += 4) {
        const v = pixels.data[i + at] < 128 ? 0 : 255;
        if (at) pixels.data[i + at] = v; else pixels.data.fill(v, i, i + 3);
      }
      m.putImageData(pixels, 0, 0);
      return new Promise((done) => out.toBlob(done, "image/png"));
    },
  };
}
