// What the bot's answer means for the page: nothing to do, a form to show, or a word that it failed.

import { h } from "./dom.js";
import { openForm } from "./form.js";
import { t } from "./words.js";

export async function outcome(pending, unanswered) {
  const answer = await pending;
  if (answer?.state === "form") openForm(answer);
  else if (answer?.state === "unanswered") toast(t(unanswered));
  else if (answer?.state === "refused") toast(t("refused", { text: answer.text }));
  else if (answer?.state === "failed") toast(t("failed"));
  return answer;
}

export function toast(text, kind = "error") {
  const element = h("div", { class: `toast ${kind}`, onclick: () => element.remove() }, text);
  document.getElementById("toasts").append(element);
  setTimeout(() => element.remove(), 6000);
}
