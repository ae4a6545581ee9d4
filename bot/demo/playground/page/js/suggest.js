// The list above the composer: commands, options or choices, moved through by arrows, taken by Enter, Tab or a click.

import { h } from "./dom.js";

export class Suggestions {
  constructor() {
    this.element = h("div", { class: "suggest", hidden: true });
    this.items = [];
    this.active = -1;
  }

  get open() {
    return !this.element.hidden;
  }

  // Items: {label, hint, description, badge, pick}. The first is active unless `passive`.
  show(title, items, { note = "", passive = false } = {}) {
    this.items = items;
    this.active = passive || !items.length ? -1 : 0;
    this.rows = items.map((item, index) =>
      h("div", { class: "suggest-row", role: "option", data: { name: item.name ?? item.label }, 
        onpointerdown: (event) => { event.preventDefault(); this.take(index); },
        onpointermove: () => { if (this.active !== index) { this.active = index; this.mark(false); } } },
        h("span", { class: "suggest-label" }, item.label, item.hint && h("span", { class: "suggest-hint" }, item.hint)),
        item.description && h("span", { class: "suggest-description" }, item.description),
        item.badge && h("span", { class: "suggest-badge" }, item.badge)));
    this.element.replaceChildren(
      h("div", { class: "suggest-title" }, title),
      this.rows.length ? h("div", { class: "suggest-list", role: "listbox" }, this.rows) : "",
      note ? h("div", { class: "suggest-note" }, note) : "");
    this.element.hidden = false;
    this.mark();
  }

  hide() {
    this.items = [];
    this.active = -1;
    this.element.hidden = true;
  }

  move(step) {
    if (!this.items.length) return;
    this.active = (this.active + step + this.items.length) % this.items.length;
    this.mark();
  }

  mark(scroll = true) {
    this.rows.forEach((row, index) => row.setAttribute("aria-selected", String(index === this.active)));
    if (scroll) this.rows[this.active]?.scrollIntoView({ block: "nearest" });
  }

  take(index = this.active) {
    const item = this.items[index];
    if (item) item.pick();
    return Boolean(item);
  }

  // True when the key was meant for the list.
  key(event) {
    if (!this.open) return false;
    if (event.key === "ArrowDown") this.move(1);
    else if (event.key === "ArrowUp") this.move(-1);
    else if (event.key === "Escape") this.hide();
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
      if (this.active < 0 || !this.take()) return false;
    } else return false;
    event.preventDefault();
    return true;
  }
}
