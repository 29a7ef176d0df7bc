// What llama.cpp makes of a GGUF file: the likeliest continuation of a prompt, with the likeliest
// tokens at each place and the natural logarithms of their probabilities, as JSON.
//
//   npm install node-llama-cpp@3.21.1 && atelier weights export stories260k -o stories.gguf --type f32
//   node llama-cpp.mjs stories.gguf "Once upon a time" 64 16 > llama-cpp.json
import {getLlama} from "node-llama-cpp";

const [path, text, length, likeliest] = process.argv.slice(2);
const llama = await getLlama({gpu: false, build: "never", logLevel: "error"});
const model = await llama.loadModel({modelPath: path});
const context = await model.createContext({
    contextSize: model.trainContextSize, threads: 1, flashAttention: false,
    experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32",
});
let prompt = model.tokenize(text, true);
if (model.tokens.shouldPrependBosToken && prompt[0] !== model.tokens.bos) prompt = [model.tokens.bos, ...prompt];
const places = [];
const written = context.getSequence().evaluateWithMetadata(prompt, {probabilities: true}, {temperature: 0, yieldEogToken: true});
for await (const {token, probabilities} of written) {
    const first = [...probabilities].slice(0, Number(likeliest));
    places.push({token, likeliest: first.map(([id, p]) => [id, Number(Math.log(p).toPrecision(7))])});
    if (places.length == Number(length)) break;
}
console.log(JSON.stringify({prompt, places}).replaceAll('{"token"', '\n{"token"'));
