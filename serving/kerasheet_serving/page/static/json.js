// The panel that asks any model in JSON.

import { copyOf, milliseconds } from "./dom.js";
import { pretty } from "./layout.js";
import { attempt } from "./problem.js";
import { post } from "./server.js";
import { offerVersions, tensorText } from "./versions.js";

const MOST_NUMBERS = 2000;

/** Make the panel, with a request that is ready to be sent. */
export function jsonPanel(model) {
  const { fragment, parts } = copyOf("json-template");
  const version = model.versions.find((one) => one.inputs);
  const id = "json-request";
  parts.request.id = id;
  parts.requestLabel.htmlFor = id;
  offerVersions(parts.version, model);
  if (version) {
    const from = version.inputs.map(tensorText).join(", ");
    parts.tensors.textContent = `${from} → ${version.outputs.map(tensorText).join(", ")}`;
    parts.request.value = example(version.inputs);
  }
  fragment.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(() => send(model, parts));
  });
  return { panel: fragment, end: () => {} };
}

async function send(model, parts) {
  parts.answer.hidden = true;
  parts.progress.textContent = "Waiting…";
  const begin = performance.now();
  try {
    const response = await post(model.name, parts.version.value, "predict", parts.request.value);
    const text = await response.text();
    parts.progress.textContent = `Answered in ${milliseconds(performance.now() - begin)}.`;
    parts.answer.textContent = pretty(text);
    parts.answer.hidden = false;
  } catch (error) {
    parts.progress.textContent = "";
    throw error;
  }
}

/** The smallest request that a model with these inputs takes; none if it is long. */
export function example(inputs) {
  const sizes = inputs.map(({ shape }) => shape.map((size) => (typeof size === "number" ? size : 1)));
  const total = sizes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  if (!inputs.length || total > MOST_NUMBERS) return "";
  const values = inputs.map(({ dtype }, index) => filled(sizes[index], zero(dtype)));
  const named = Object.fromEntries(inputs.map(({ name }, index) => [name, values[index]]));
  return pretty(JSON.stringify({ inputs: inputs.length > 1 ? named : values[0] }));
}

const zero = (dtype) => (dtype === "str" ? "" : dtype === "bool" ? false : 0);
const filled = ([size, ...rest], value) =>
  size === undefined ? value : Array.from({ length: size }, () => filled(rest, value));
