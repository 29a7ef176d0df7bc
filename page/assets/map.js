// A map of tiles is drawn: a file of Tiled (TMX) with the pictures of tiles that lie beside it.
const beside = (address, name) => address.slice(0, address.lastIndexOf("/") + 1) + encodeURIComponent(name);
const number = (e, name) => Number(e.getAttribute(name));

export async function draw(canvas) {
  const address = canvas.dataset.map, text = await (await fetch(address)).text();
  const map = new DOMParser().parseFromString(text, "application/xml").querySelector("map");
  const wide = number(map, "tilewidth"), high = number(map, "tileheight"), across = number(map, "width");
  canvas.width = across * wide; canvas.height = number(map, "height") * high;
  const sets = await Promise.all([...map.querySelectorAll("tileset")].map(async (set) => {
    const image = new Image();
    image.src = beside(address, set.querySelector("image").getAttribute("source"));
    await image.decode();
    return { first: number(set, "firstgid"), columns: number(set, "columns"), image };
  }));
  const g = canvas.getContext("2d");
  for (const layer of map.querySelectorAll("layer > data[encoding=csv]")) {
    layer.textContent.split(",").forEach((cell, i) => {
      const id = Number(cell), set = sets.findLast((s) => id >= s.first);
      if (!id || !set) return;
      const tile = id - set.first;
      g.drawImage(set.image, tile % set.columns * wide, Math.floor(tile / set.columns) * high, wide, high, i % across * wide, Math.floor(i / across) * high, wide, high);
    });
  }
}
