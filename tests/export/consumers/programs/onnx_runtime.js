"use strict";
// Answers a job list with an ONNX Runtime for JavaScript; exchange.py says what is in one.
//
//   node onnx_runtime.js onnxruntime-node|onnxruntime-web JOBS

const fs = require("node:fs");
const { readNpy, writeNpy } = require("./npy.js");

const [, , packageName, jobs] = process.argv;
const ort = require(packageName);
ort.env.wasm.numThreads = 1;

/** The state between the lines of a job list. */
const state = { session: null, errorFile: null, inputs: {}, outputs: {} };

async function load(path, _signature, errorFile) {
  if (state.session) await state.session.release();
  state.session = null;
  state.errorFile = errorFile;
  state.session = await ort.InferenceSession.create(fs.readFileSync(path));
}

async function run() {
  const { session, inputs, outputs } = state;
  state.inputs = {};
  state.outputs = {};
  if (!session) return;
  const feeds = {};
  for (const [name, file] of Object.entries(inputs)) {
    const { type, data, dims } = readNpy(file);
    feeds[name] = new ort.Tensor(type, data, dims);
  }
  const answers = await session.run(feeds, Object.keys(outputs));
  for (const [name, file] of Object.entries(outputs)) writeNpy(file, answers[name]);
}

const VERBS = {
  model: load,
  input: (name, file) => { state.inputs[name] = file; },
  output: (name, file) => { state.outputs[name] = file; },
  run,
};

async function main() {
  console.log(ort.env.versions[packageName.split("-")[1]]);
  for (const line of fs.readFileSync(jobs, "utf8").trimEnd().split("\n")) {
    const [verb, ...words] = line.split("\t");
    try {
      await VERBS[verb](...words);
    } catch (error) {
      fs.writeFileSync(state.errorFile, String(error));
      state.session = null;
    }
  }
}

main();
