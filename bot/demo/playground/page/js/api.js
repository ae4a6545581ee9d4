// Speaks with the playground's server: what a member does, and the stream of what changed.

import { scene } from "./state.js";

export async function act(what, body, files = []) {
  const request = { ...scene(), ...body };
  let init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request) };
  if (files.length) {
    const form = new FormData();
    form.append("request", new Blob([JSON.stringify(request)], { type: "application/json" }));
    for (const [name, file] of files) form.append(name, file, file.name);
    init = { method: "POST", body: form };
  }
  try {
    const answer = await fetch(`/do/${what}`, init);
    return answer.ok ? await answer.json() : { state: "failed", text: await answer.text() };
  } catch {
    return { state: "failed", text: "" };
  }
}

export function listen(handle, lost) {
  const source = new EventSource(`/events?${new URLSearchParams(scene())}`);
  source.onmessage = (event) => handle(JSON.parse(event.data));
  source.onerror = () => lost();
  return () => source.close();
}
