// The panel of a model that writes text.

import { copyOf, milliseconds } from "./dom.js";
import { events } from "./events.js";
import { attempt } from "./problem.js";
import { post, Refused } from "./server.js";
import { offerVersions } from "./versions.js";

/** Make the panel; returns it, and what ends its work. */
export function textPanel(model) {
  const { fragment, parts } = copyOf("text-template");
  offerVersions(parts.version, model);
  const form = fragment.querySelector("form");
  let stopped = null;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const abort = new AbortController();
    stopped = abort;
    writing(true);
    await attempt(() => write(model, parts, abort.signal));
    if (stopped !== abort) return;
    stopped = null;
    writing(false);
  });
  parts.stop.addEventListener("click", () => stopped?.abort());
  parts.prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  function writing(now) {
    parts.page.classList.toggle("writing", now);
    parts.page.setAttribute("aria-busy", now);
    // Focus would be lost with the button that has it.
    const moves = document.activeElement === (now ? parts.write : parts.stop);
    parts.write.disabled = now;
    parts.stop.disabled = !now;
    if (moves) (now ? parts.stop : parts.write).focus();
  }
  return { panel: fragment, end: () => stopped?.abort() };
}

async function write(model, parts, signal) {
  const begin = performance.now();
  const topK = parts.topK.valueAsNumber;
  const question = {
    prompt: parts.prompt.value,
    length: parts.length.valueAsNumber,
    temperature: parts.temperature.valueAsNumber,
    top_k: Number.isNaN(topK) ? null : topK,
    seed: parts.seed.valueAsNumber,
    stream: true,
  };
  parts.prompted.textContent = question.prompt;
  parts.written.textContent = "";
  parts.progress.textContent = "Writing…";
  const took = () => milliseconds(performance.now() - begin);
  try {
    const headers = { Accept: "text/event-stream" };
    const response = await post(model.name, parts.version.value, "generate", question, { signal, headers });
    await take(response, parts, signal);
    parts.progress.textContent = `Done in ${took()}.`;
  } catch (error) {
    parts.progress.textContent = error.name === "AbortError" ? `Stopped after ${took()}.` : "";
    throw error;
  }
}

async function take(response, parts, signal) {
  for await (const { event, data } of events(response)) {
    signal.throwIfAborted();
    if (event === "error") throw new Refused(200, data.error);
    if (event === "done") {
      parts.written.textContent = data.text;
      return;
    }
    parts.written.append(data.text);
    parts.page.scrollTop = parts.page.scrollHeight;
  }
  throw new Refused(0, "The connection ended before the text did.");
}
