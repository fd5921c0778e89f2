// The panel of a model that looks at images.

import { showBars } from "./bars.js";
import { copyOf, element, milliseconds, percent } from "./dom.js";
import { Drawing } from "./drawing.js";
import { decode, imageOf, png } from "./picture.js";
import { attempt } from "./problem.js";
import { post } from "./server.js";
import { offerVersions } from "./versions.js";

const BOARD = 560; // pixels of the longer side

/** Make the panel; returns it, and what ends its work. */
export function imagePanel(model) {
  const { fragment, parts } = copyOf("image-template");
  const form = fragment.querySelector("form");
  const canvas = fragment.querySelector(".board canvas");
  const [, height, width, channels] = model.input_shape;
  const scale = BOARD / Math.max(width, height);
  [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
  [parts.preview.width, parts.preview.height] = [width, height];
  offerVersions(parts.version, model);
  parts.expects.textContent = expectation(width, height, channels);

  const leaving = new AbortController();
  let asked = 0;
  const drawing = new Drawing(canvas, () => {
    form.classList.toggle("touched", !drawing.empty);
    if (drawing.empty) forget();
    else look();
  });
  drawing.render();

  function forget() {
    asked++;
    parts.verdict.replaceChildren(soft("The answer appears here."));
    parts.bars.replaceChildren();
    parts.latency.textContent = "";
    parts.seen.hidden = true;
  }

  async function look() {
    const number = ++asked;
    const image = imageOf(drawing, width, height, parts.framing.value, parts.invert.checked);
    preview(parts.preview, image, channels);
    parts.seen.hidden = false;
    await attempt(async () => {
      const question = { signature_name: "predict_bytes", instances: [{ b64: png(image) }] };
      const begin = performance.now();
      const response = await post(model.name, parts.version.value, "predict", question);
      const [prediction] = (await response.json()).predictions;
      if (number === asked) answer(prediction, performance.now() - begin);
    });
  }

  function answer(prediction, took) {
    const shares = prediction.probabilities ?? (Array.isArray(prediction) ? prediction : []);
    parts.latency.textContent = `Answered in ${milliseconds(took)}.`;
    if (typeof shares[0] !== "number") {
      parts.verdict.textContent = "This model answers no probabilities: ask in JSON below.";
      return;
    }
    const best = showBars(parts.bars, shares, model.labels);
    parts.verdict.replaceChildren(element("b", { textContent: best.name }), soft(`${percent(best.share)} sure`));
  }

  const open = (file) => attempt(async () => drawing.show(await decode(file)));
  parts.clear.addEventListener("click", () => {
    drawing.clear();
    canvas.focus();
  });
  fragment.querySelector("[type=file]").addEventListener("change", ({ target }) => {
    if (target.files[0]) open(target.files[0]);
    target.value = "";
  });
  for (const part of [parts.version, parts.framing, parts.invert])
    part.addEventListener("change", () => drawing.empty || look());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (drawing.empty) parts.verdict.replaceChildren(soft("Draw something first, or choose an image."));
    else look();
  });
  receive(canvas.parentElement, leaving.signal, open);
  return { panel: fragment, end: () => leaving.abort() };
}

const soft = (textContent) => element("span", { className: "soft", textContent });

/** Take files that are dropped anywhere on the page, or pasted. */
function receive(board, signal, open) {
  const inside = (on) => board.classList.toggle("dropping", on);
  const image = (list) => [...(list ?? [])].find((file) => file.type.startsWith("image/")) ?? list?.[0];
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    inside(true);
  }, { signal });
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? inside(false), { signal });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    inside(false);
    const file = image(event.dataTransfer.files);
    if (file) open(file);
  }, { signal });
  document.addEventListener("paste", (event) => {
    const file = image(event.clipboardData?.files);
    if (file) open(file);
  }, { signal });
}

/** Show an image in the model's own pixels. */
function preview(canvas, image, channels) {
  const context = canvas.getContext("2d");
  context.filter = channels === 1 ? "grayscale(1)" : "none";
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
}

function expectation(width, height, channels) {
  const seen = `The model sees ${width} × ${height} pixels in ${channels === 1 ? "gray" : "colour"}.`;
  return channels === 1 ? `${seen} For dark ink on paper, swap dark and bright.` : seen;
}
