// The page: which models there are, which one is shown, and what is asked for again.

import { readTraffic } from "./dashboard.js";
import { copyOf, element } from "./dom.js";
import { imagePanel } from "./image.js";
import { jsonPanel } from "./json.js";
import { allIsWell, attempt, tell } from "./problem.js";
import { ask, rememberKey } from "./server.js";
import { textPanel } from "./text.js";
import { offerVersions, versionCard } from "./versions.js";

const PERIOD = 2000; // milliseconds between two looks at the server
const KINDS = { image: "looks at images", text: "writes text", tensors: "takes tensors" };
const PANELS = { image: imagePanel, text: textPanel, tensors: jsonPanel };
const place = document.getElementById("model");
const keyForm = document.getElementById("key");
let models = [];
let listed = "";
let shown = null;
let lost = false;

const serving = (model) => model.versions.some((version) => version.state === "READY");
const address = (name) => `#/${encodeURIComponent(name)}`;
const wanted = (model) => address(model.name) === location.hash;
const chosen = () => models.find(wanted) ?? models.find(serving) ?? models[0];

/** Look at the models again, and redraw what has changed. */
async function readModels() {
  const text = await (await ask("models")).text();
  keyForm.hidden = true;
  if (lost) allIsWell();
  lost = false;
  if (text === listed) return;
  listed = text;
  models = JSON.parse(text);
  const working = models.filter(serving).length;
  document.getElementById("state").textContent =
    working === models.length
      ? `${count(working, "model")} ${working === 1 ? "serves" : "serve"}`
      : `${working} of ${count(models.length, "model")} serve`;
  list();
  show();
}

const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

function list() {
  const current = chosen()?.name;
  const items = models.map((model) => {
    const link = element("a", { href: address(model.name) });
    if (model.name === current) link.setAttribute("aria-current", "page");
    const note = serving(model) ? KINDS[model.kind] : "cannot serve";
    link.append(
      element("b", { textContent: model.name }),
      element("span", { className: serving(model) ? "soft" : "bad", textContent: note }),
    );
    return element("li", {}, link);
  });
  document.getElementById("models").replaceChildren(...items);
}

/** Show the model that is wanted; what a person is doing with it stays. */
function show() {
  const model = chosen();
  const what = model ? [model.name, model.kind, model.input_shape, model.labels, serving(model)] : [];
  const same = shown && JSON.stringify(what) === JSON.stringify(shown.what);
  if (!same) build(model, what);
  if (!model) return;
  for (const select of place.querySelectorAll("[data-version]")) offerVersions(select, model);
  const newest = model.versions.find((version) => version.state === "READY");
  const cards = model.versions.map((version) => versionCard(version, version === newest));
  place.querySelector("[data-versions]").replaceChildren(...cards);
}

function build(model, what) {
  for (const end of shown?.ends ?? []) end();
  shown = { what, ends: [] };
  if (!model) {
    const advice = "There is no model here yet. One that is exported into the repository appears by itself.";
    place.replaceChildren(element("p", { className: "card", textContent: advice }));
    return;
  }
  const { fragment, parts } = copyOf("model-template");
  parts.name.textContent = model.name;
  parts.kind.textContent = KINDS[model.kind];
  parts.jsonBox.hidden = !serving(model) || model.kind === "tensors";
  if (serving(model)) {
    add(PANELS[model.kind](model), parts.try);
    if (!parts.jsonBox.hidden) add(jsonPanel(model), parts.json);
  } else {
    parts.try.textContent = "No version of this model can serve. The reasons are below.";
  }
  place.replaceChildren(fragment);
  document.title = `${model.name} – model server`;
}

function add({ panel, end }, parent) {
  parent.append(panel);
  shown.ends.push(end);
}

/** Look once, and again after a while; not while nobody looks at the page. */
async function watch() {
  if (!document.hidden && keyForm.hidden) {
    try {
      await readModels();
      showCounts(await readTraffic());
    } catch (error) {
      if (!lost) tell(error);
      lost = true;
    }
  }
  setTimeout(watch, PERIOD);
}

function showCounts(requests) {
  const model = chosen();
  for (const node of place.querySelectorAll("[data-requests]")) {
    const number = requests[`${model?.name}/${node.dataset.requests}`] ?? 0;
    node.textContent = number.toLocaleString("en");
  }
}

window.addEventListener("hashchange", () => {
  if (!models.some(wanted)) return;
  list();
  show();
  allIsWell();
  place.focus({ preventScroll: true });
});
document.addEventListener("key-wanted", () => {
  keyForm.hidden = false;
});
keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  rememberKey(document.getElementById("key-text").value);
  attempt(readModels);
});
watch();
