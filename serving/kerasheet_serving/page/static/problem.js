// The one place of the page that tells what went wrong.

const box = document.getElementById("problem");

/** Say what went wrong; a request that was stopped on purpose is no problem. */
export function tell(error) {
  if (error.name === "AbortError") return;
  box.textContent = error.message;
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
}

export function allIsWell() {
  box.hidden = true;
  box.textContent = "";
}

/** Run what may fail, and tell if it does. Resolves to whether it went well. */
export async function attempt(action) {
  try {
    await action();
    allIsWell();
    return true;
  } catch (error) {
    tell(error);
    return false;
  }
}
