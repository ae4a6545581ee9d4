// A menu that opens at a button: one entry, or several to be confirmed. Resolves to the values, or null when left.

import { h } from "./dom.js";
import { t } from "./words.js";

export function openMenu(anchor, entries, minimum, maximum) {
  return new Promise((resolve) => {
    const chosen = new Set(entries.filter((entry) => entry.default).map((entry) => entry.value));
    const finish = (values) => {
      dialog.close();
      dialog.remove();
      resolve(values);
    };
    const pick = (entry) => {
      if (maximum === 1) return finish([entry.value]);
      if (!chosen.delete(entry.value) && chosen.size < maximum) chosen.add(entry.value);
      draw();
    };
    const list = h("div", { class: "menu-list", role: "listbox" });
    const done = h("button", { class: "button primary", onclick: () => finish([...chosen]) }, t("done"));
    const draw = () => {
      list.replaceChildren(...entries.map((entry) => row(entry, maximum > 1, chosen.has(entry.value), () => pick(entry))));
      done.disabled = chosen.size < minimum;
    };
    const dialog = h("dialog", { class: "menu", onclick: (event) => event.target === dialog && finish(null), oncancel: () => finish(null) }, list, (maximum > 1 || minimum === 0) && done);
    draw();
    document.body.append(dialog);
    dialog.showModal();
    place(dialog, anchor);
  });
}

function row(entry, several, selected, pick) {
  return h("button", { class: "menu-row", role: "option", "aria-selected": String(selected), onclick: pick },
    several && h("span", { class: `box ${selected ? "checked" : ""}` }),
    entry.emoji && h("span", { class: "emoji" }, entry.emoji),
    h("span", { class: "menu-words" }, h("span", {}, entry.label), entry.description && h("small", {}, entry.description)));
}

function place(dialog, anchor) {
  const at = anchor.getBoundingClientRect();
  const width = Math.max(Math.min(at.width, 400), 240);
  const below = window.innerHeight - at.bottom > Math.min(dialog.offsetHeight, 320) + 12;
  dialog.style.width = `${width}px`;
  dialog.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
  dialog.style.top = below ? `${at.bottom + 4}px` : `${Math.max(8, at.top - dialog.offsetHeight - 4)}px`;
}
