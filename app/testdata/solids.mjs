// Reads models with programs of others, and prints a line of JSON for each: GLB files with the
// validator of Khronos, USDZ files with three.
import fs from "node:fs";
import path from "node:path";
import validator from "gltf-validator";

globalThis.self = globalThis;
// Textures are not drawn here, and pictures in this document never load.
globalThis.document = { createElementNS: () => ({ addEventListener() {}, removeEventListener() {}, set src(address) {} }) };
const { Box3 } = await import("three");
const { USDLoader } = await import("three/examples/jsm/loaders/USDLoader.js");

for (const file of process.argv.slice(2)) {
  const bytes = new Uint8Array(fs.readFileSync(file)), out = { file: path.basename(file) };
  if (file.endsWith(".glb")) {
    const { issues, info } = await validator.validateBytes(bytes, { maxIssues: 1000 });
    out.errors = issues.numErrors;
    out.warnings = issues.numWarnings;
    out.messages = issues.messages.filter(m => m.severity < 2).map(m => `${m.code} ${m.pointer}`);
    out.triangles = info.totalTriangleCount;
    out.textured = info.resources.filter(r => r.image).length;
  } else {
    const group = new USDLoader().parse(bytes.buffer);
    group.updateMatrixWorld(true);
    out.triangles = out.textured = 0;
    group.traverse(part => {
      if (!part.isMesh) return;
      const { index, attributes } = part.geometry;
      out.triangles += (index ?? attributes.position).count / 3;
      if (part.material.map && attributes.uv) out.textured++;
    });
    const box = new Box3().setFromObject(group);
    out.high = box.max.y - box.min.y;
  }
  console.log(JSON.stringify(out));
}
