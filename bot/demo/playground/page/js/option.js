// One option of a slash command as it is being filled in: what was typed or chosen, and whether it will do.

import { act } from "./api.js";
import { h } from "./dom.js";
import { state } from "./state.js";
import { size, t } from "./words.js";

const TEXT = 3, WHOLE = 4, TRUTH = 5, USER = 6, CHANNEL = 7, ANY = 9, NUMBER = 10, FILE = 11;

export class Option {
  constructor(spec, line) {
    this.spec = spec;
    this.line = line;
    this.chosen = null;
    this.file = null;
    this.input = h("input", { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": spec.label, data: { option: spec.name } });
    this.element = h("span", { class: "chip", data: { option: spec.name }, onclick: () => this.focus() }, h("span", { class: "chip-name" }, spec.label), this.input);
    if (spec.type === FILE) this.becomeUpload();
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("focus", () => line.focused(this));
    this.input.addEventListener("keydown", (event) => line.key(event, this));
    this.fit();
  }

  get isFile() {
    return this.spec.type === FILE;
  }

  becomeUpload() {
    this.input.type = "file";
    this.label = h("span", { class: "chip-file" }, `${t("pick")}, ${t("drop")}`);
    this.element.append(this.label);
    this.element.classList.add("upload");
    this.input.addEventListener("change", () => this.take(this.input.files[0] ?? null));
  }

  take(file) {
    this.file = file;
    this.element.classList.remove("wrong");
    this.label.textContent = file ? `${file.name} (${size(file.size)})` : `${t("pick")}, ${t("drop")}`;
    this.element.querySelector("img")?.remove();
    if (!file?.type.startsWith("image/")) return;
    const url = URL.createObjectURL(file);
    this.element.append(h("img", { src: url, alt: "", onload: () => URL.revokeObjectURL(url) }));
  }

  focus() {
    if (document.activeElement !== this.input) this.input.focus();
    if (this.isFile && !this.file) this.input.click();
  }

  set(text, chosen = null) {
    this.input.value = text;
    this.chosen = chosen;
    this.fit();
  }

  fit() {
    const wide = [...this.input.value].reduce((sum, letter) => sum + (letter.codePointAt(0) > 0x2e80 ? 2 : 1), 0);
    this.input.style.width = `${Math.min(Math.max(wide + 1, 3), 60)}ch`;
  }

  typed() {
    this.chosen = null;
    this.element.classList.remove("wrong");
    this.fit();
    this.line.typed(this);
  }

  // What can be offered right now, or null when the bot has to be asked.
  known() {
    const { spec } = this;
    if (spec.autocomplete) return null;
    if (spec.choices.length) return spec.choices;
    if (spec.type === TRUTH) return [{ name: t("yes"), value: true }, { name: t("no"), value: false }];
    const people = state.people.map((person) => ({ name: person.name, value: { user: person.id } }));
    const channels = state.channels.map((channel) => ({ name: `#${channel.name}`, value: { channel: channel.id } }));
    return spec.type === USER || spec.type === ANY ? people : spec.type === CHANNEL ? channels : [];
  }

  async ask(path, others) {
    return act("autocomplete", { path, option: this.spec.name, text: this.input.value, options: others });
  }

  get empty() {
    return this.isFile ? !this.file : this.input.value.trim() === "";
  }

  // {value} or {problem}
  read() {
    const { spec } = this;
    const text = this.input.value.trim();
    if (this.empty) return spec.required ? { problem: t("required") } : {};
    if (this.isFile) return this.file.size > state.uploadLimit ? { problem: t("large", { name: this.file.name, size: size(state.uploadLimit) }) } : { value: this.file };
    if (this.chosen !== null) return { value: this.chosen.value };
    const list = this.known();
    if (list?.length) {
      const same = list.find((entry) => [String(entry.value), entry.name, entry.name.replace(/^#/, "")].some((name) => name.toLowerCase() === text.replace(/^[@#]/, "").toLowerCase()));
      return same ? { value: same.value } : { problem: spec.type === USER ? t("person") : t("choice") };
    }
    return spec.type === WHOLE || spec.type === NUMBER ? this.readNumber(text) : spec.type === TEXT ? { value: text } : { problem: t("choice") };
  }

  readNumber(text) {
    const { spec } = this;
    const value = Number(text);
    if (!Number.isFinite(value)) return { problem: t("number") };
    if (spec.type === WHOLE && !Number.isSafeInteger(value)) return { problem: t("whole") };
    const low = spec.min_value ?? -Infinity;
    const high = spec.max_value ?? Infinity;
    return value < low || value > high ? { problem: t("range", { low: spec.min_value ?? "−∞", high: spec.max_value ?? "∞" }) } : { value };
  }
}
