// Reads signed files with c2pa-rs, as @contentauth/c2pa-wasm, and prints what it says of each as a
// line of JSON. Arguments: the folder with node_modules, then a media type and a path for each file.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [folder, ...files] = process.argv.slice(2);
const packages = createRequire(pathToFileURL(folder + '/x.js'));
const entry = packages.resolve('@contentauth/c2pa-wasm');
const { initSync, WasmReader } = await import(pathToFileURL(entry));
initSync({ module: await readFile(packages.resolve('@contentauth/c2pa-wasm/c2pa.wasm')) });
for (let i = 0; i + 1 < files.length; i += 2) {
  let said;
  try {
    const reader = await WasmReader.fromBytes(files[i], new Uint8Array(await readFile(files[i + 1])));
    said = JSON.parse(reader.json());
  } catch (e) {
    said = { error: String(e) };
  }
  console.log(JSON.stringify(said));
}
