// The ids that the tokenizers library of Hugging Face gives. Arguments: a folder with
// @anush008/tokenizers, and what is to be encoded as tokenizer.json and text alternately; a text
// that ends in .json is a list of texts. It prints a line for each text: the ids as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [packages, ...jobs] = process.argv.slice(2);
const { Tokenizer } = createRequire(join(packages, "/"))("@anush008/tokenizers");
const all = [];
for (let i = 0; i < jobs.length; i += 2) {
  const tokenizer = Tokenizer.fromFile(jobs[i]);
  const text = readFileSync(jobs[i + 1], "utf8");
  for (const one of jobs[i + 1].endsWith(".json") ? JSON.parse(text) : [text]) {
    const got = await tokenizer.encode(one, null, { addSpecialTokens: false });
    all.push(JSON.stringify({ ids: got.getIds(), text: await tokenizer.decode(got.getIds(), true) }));
  }
}
process.stdout.write(all.join("\n") + "\n");
