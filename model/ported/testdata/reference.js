// Records what TensorFlow.js computes, beside which networks are tested.
//
//   npm install --prefix FOLDER @tensorflow/tfjs@4.22.0
//   npm pack @upscalerjs/esrgan-slim@1.0.0 && tar xzf upscalerjs-esrgan-slim-1.0.0.tgz
//   NODE_PATH=FOLDER/node_modules node reference.js small          # writes small/
//   NODE_PATH=FOLDER/node_modules node reference.js enlarge package/models
//   npm pack nsfwjs@4.3.0 && tar xzf nsfwjs-4.3.0.tgz
//   NODE_PATH=FOLDER/node_modules node reference.js features package/dist/models
//   NODE_PATH=FOLDER/node_modules node reference.js time package/models/x4 256
//
// pictures.rgb are six cuts of 24×20 pixels of the photos in bench/photos, in three bytes a pixel.
const tf = require('@tensorflow/tfjs');
const fs = require('fs');
const path = require('path');
const here = name => path.join(__dirname, name);

// handler loads a layers model from a folder.
function handler(folder) {
  const model = JSON.parse(fs.readFileSync(path.join(folder, 'model.json')));
  const specs = model.weightsManifest.flatMap(g => g.weights);
  const files = model.weightsManifest.flatMap(g => g.paths).map(p => fs.readFileSync(path.join(folder, p)));
  const data = Buffer.concat(files);
  return tf.io.fromMemory({modelTopology: model.modelTopology, weightSpecs: specs, weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length)});
}

// numbers are drawn from a small generator, so that the model is always the same.
let state = 7;
function number() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 4294967296 - 0.5;
}

// small makes a network with every operation that layers have, and what it gives.
async function small() {
  const L = tf.layers;
  const input = tf.input({shape: [13, 11, 3], name: 'picture'});
  let x = L.conv2d({name: 'first', filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu'}).apply(input);
  const kept = x;
  x = L.depthwiseConv2d({name: 'depth', kernelSize: 3, padding: 'same', depthMultiplier: 2, useBias: false}).apply(x);
  x = L.batchNormalization({name: 'norm', epsilon: 0.01}).apply(x);
  x = L.reLU({name: 'six', maxValue: 6}).apply(x);
  x = L.conv2d({name: 'point', filters: 4, kernelSize: 1, activation: 'tanh'}).apply(x);
  x = L.add({name: 'sum'}).apply([x, kept]);
  x = L.upSampling2d({name: 'twice', size: [2, 2]}).apply(x);
  const wide = L.conv2d({name: 'wide', filters: 3, kernelSize: 5, padding: 'same', dilationRate: 2, activation: 'sigmoid'}).apply(x);
  x = L.concatenate({name: 'both'}).apply([x, wide]);
  x = L.zeroPadding2d({name: 'pad', padding: [[0, 1], [2, 1]]}).apply(x);
  x = L.maxPooling2d({name: 'most', poolSize: 3, strides: 2, padding: 'same'}).apply(x);
  x = L.averagePooling2d({name: 'mean', poolSize: 3, strides: 1, padding: 'same'}).apply(x);
  const rows = L.flatten({name: 'rows'}).apply(x);
  x = L.dense({name: 'dense', units: 6, activation: 'relu6'}).apply(rows);
  x = L.dropout({name: 'drop', rate: 0.5}).apply(x);
  x = L.dense({name: 'classes', units: 5, activation: 'softmax'}).apply(x);
  const model = tf.model({inputs: input, outputs: x});
  model.setWeights(model.weights.map(w => {
    const size = w.shape.reduce((a, b) => a * b, 1), positive = /variance|gamma/.test(w.name);
    return tf.tensor(Array.from({length: size}, () => positive ? number() + 1 : number()), w.shape);
  }));
  const folder = here('small');
  fs.mkdirSync(folder, {recursive: true});
  await model.save(tf.io.withSaveHandler(async made => {
    // Two shards, in which the weights of the last layers are quantised to 8 and 16 bits and to float16.
    const data = Buffer.from(tf.io.CompositeArrayBuffer ? tf.io.CompositeArrayBuffer.join(made.weightData) : made.weightData);
    const weights = [], parts = [];
    let at = 0;
    for (const w of made.weightSpecs) {
      const size = w.shape.reduce((a, b) => a * b, 1);
      const values = new Float32Array(data.buffer.slice(data.byteOffset + at, data.byteOffset + at + 4 * size));
      at += 4 * size;
      const kind = {'dense/kernel': 'uint8', 'classes/kernel': 'uint16', 'wide/kernel': 'uint8'}[w.name];
      if (!kind) {
        weights.push({name: w.name, shape: w.shape, dtype: 'float32'});
        parts.push(Buffer.from(values.buffer));
        continue;
      }
      const min = Math.min(...values), most = kind === 'uint8' ? 255 : 65535, scale = (Math.max(...values) - min) / most;
      const whole = (kind === 'uint8' ? Uint8Array : Uint16Array).from(values, v => Math.round((v - min) / scale));
      weights.push({name: w.name, shape: w.shape, dtype: 'float32', quantization: {min, scale, dtype: kind}});
      parts.push(Buffer.from(whole.buffer));
    }
    const all = Buffer.concat(parts), half = all.length >> 1;
    fs.writeFileSync(path.join(folder, 'group1-shard1of2.bin'), all.subarray(0, half));
    fs.writeFileSync(path.join(folder, 'group1-shard2of2.bin'), all.subarray(half));
    const manifest = [{paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'], weights}];
    fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify({format: 'layers-model', modelTopology: made.modelTopology, weightsManifest: manifest}));
    return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
  }));
  const loaded = await tf.loadLayersModel(handler(folder));
  const picture = Array.from({length: 13 * 11 * 3}, number);
  const given = tf.tensor(picture, [1, 13, 11, 3]);
  const inner = tf.model({inputs: loaded.inputs, outputs: loaded.getLayer('rows').output});
  fs.writeFileSync(here('small.json'), JSON.stringify({
    picture, rows: Array.from(inner.predict(given).dataSync()), output: Array.from(loaded.predict(given).dataSync()),
  }));
}

// enlarge writes what the four networks of esrgan-slim make of the pictures, rounded to bytes.
async function enlarge(models) {
  const width = 24, height = 20, pictures = fs.readFileSync(here('pictures.rgb'));
  for (const [scale, count] of [[2, 2], [3, 2], [4, 6], [8, 2]]) {
    const model = await tf.loadLayersModel(handler(path.join(models, 'x' + scale)));
    const out = [];
    for (let i = 0; i < count; i++) {
      const size = width * height * 3;
      const x = tf.tensor(Float32Array.from(pictures.subarray(i * size, (i + 1) * size)), [1, height, width, 3]);
      for (const v of model.predict(x).dataSync()) out.push(Math.round(Math.min(Math.max(v, 0), 255)));
    }
    fs.writeFileSync(here(`enlarged-${scale}x.rgb.gz`), require('zlib').gzipSync(Buffer.from(out), {level: 9}));
  }
}

// features writes what the layer before the classes of nsfwjs's networks gives for a made picture.
async function features(models) {
  const out = {};
  for (const [name, side] of [['inception_v3', 299], ['mobilenet_v2', 224]]) {
    const folder = path.resolve(models, name), model = require(path.join(folder, 'model.min.js'));
    const data = Buffer.concat(model.weightsManifest.flatMap(g => g.paths).map(p => Buffer.from(require(path.join(folder, p + '.min.js')), 'base64')));
    const weightSpecs = model.weightsManifest.flatMap(g => g.weights);
    const net = await tf.loadLayersModel(tf.io.fromMemory({modelTopology: model.modelTopology, weightSpecs, weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length)}));
    const inner = tf.model({inputs: net.inputs, outputs: [net.getLayer('flatten_1').output, net.outputs[0]]});
    const x = Float32Array.from({length: side * side * 3}, (_, i) => (i * 7919 % 1009) / 1009 * ((i / (3 * side) | 0) % 64) / 64);
    const [rows, classes] = inner.predict(tf.tensor(x, [1, side, side, 3]));
    out[name] = {rows: Array.from(rows.dataSync(), v => Number(v.toPrecision(7))), classes: Array.from(classes.dataSync())};
  }
  fs.writeFileSync(here('features.json'), JSON.stringify(out));
}

// time says how long a network takes for a square picture, here and in WebAssembly.
async function time(folder, side) {
  for (const backend of ['wasm', 'cpu']) {
    if (backend === 'wasm') {
      const wasm = require('@tensorflow/tfjs-backend-wasm');
      wasm.setWasmPaths(path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + '/');
    }
    await tf.setBackend(backend);
    const model = await tf.loadLayersModel(handler(folder));
    const x = tf.tensor(Float32Array.from({length: side * side * 3}, (_, i) => i * 37 % 256), [1, side, side, 3]);
    for (let i = 0; i < (backend === 'wasm' ? 3 : 1); i++) {
      const begin = process.cpuUsage(), clock = Date.now();
      model.predict(x).dataSync();
      const used = process.cpuUsage(begin);
      console.log(JSON.stringify({backend, seconds: (Date.now() - clock) / 1000, processor: (used.user + used.system) / 1e6}));
    }
  }
}

const [what, ...rest] = process.argv.slice(2);
({small, enlarge, features, time})[what](...rest.map(v => isNaN(v) ? v : Number(v)));
