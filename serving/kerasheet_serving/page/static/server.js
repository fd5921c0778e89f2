// Requests to the server, and its refusals as sentences.

const KEY = "kerasheet.key";

/** An answer that is no success; its message is the server's own sentence. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const rememberKey = (key) => sessionStorage.setItem(KEY, key);

/**
 * Ask the server. Resolves to a successful response, or one that has not changed.
 * Throws `Refused`; an aborted request throws as `fetch` does.
 */
export async function ask(address, { headers = {}, ...options } = {}) {
  const key = sessionStorage.getItem(KEY);
  if (key) headers = { ...headers, Authorization: `Bearer ${key}` };
  let response;
  try {
    response = await fetch(address, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The server cannot be reached. Is it still running?");
  }
  if (response.ok) return response;
  throw await refusal(response);
}

/** Post JSON below a model's address. */
export function post(model, version, verb, body, options = {}) {
  const chosen = version ? `/versions/${version}` : "";
  return ask(`v1/models/${encodeURIComponent(model)}${chosen}:${verb}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...options,
  });
}

async function refusal(response) {
  const text = await response.text();
  let message;
  try {
    message = JSON.parse(text).error;
  } catch {
    message = text;
  }
  message ||= `The server answered with status ${response.status}.`;
  const wait = response.headers.get("Retry-After");
  if (wait) message += ` Try again in ${wait} s.`;
  if (response.status === 401)
    document.dispatchEvent(new CustomEvent("key-wanted"));
  return new Refused(response.status, message);
}
