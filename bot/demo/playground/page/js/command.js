// A slash command being put together: its name, its options as chips, and the rest of the line.

import { h } from "./dom.js";
import { Option } from "./option.js";
import { Completion } from "./completion.js";
import { t } from "./words.js";

const NAME = "([\\p{L}\\p{N}_-]+)[:：]"; // also the colon of a Chinese keyboard

export class CommandLine {
  constructor(composer) {
    this.composer = composer;
    this.completion = new Completion(this);
    this.spec = null;
    this.options = [];
    this.silent = false;
    this.tail = h("input", { class: "tail", type: "text", autocomplete: "off", spellcheck: "false", "aria-label": t("options") });
    this.element = h("div", { class: "chips", hidden: true, onclick: (event) => event.target === this.element && this.tail.focus() });
    this.tail.addEventListener("input", () => this.tailTyped());
    this.tail.addEventListener("focus", () => this.offerOptions());
    this.tail.addEventListener("keydown", (event) => composer.key(event, null));
  }

  open(spec, rest) {
    this.spec = spec;
    this.options = [];
    this.element.hidden = false;
    this.element.replaceChildren(h("span", { class: "chip-command" }, `/${spec.label}`), this.tail);
    this.tail.value = "";
    for (const option of spec.options.filter((item) => item.required)) this.add(option, false);
    const last = rest.trim() ? this.fill(rest.trim()) : null;
    const next = last ?? this.options.find((option) => option.empty);
    this.silent = Boolean(last); // what was pasted is taken as it is
    if (next && !next.isFile) next.input.focus();
    else this.tail.focus();
    this.silent = false;
  }

  close() {
    this.completion.forget();
    this.spec = null;
    this.options = [];
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  add(spec, focus = true) {
    const option = new Option(spec, this);
    this.options.push(option);
    this.element.insertBefore(option.element, this.tail);
    if (focus) option.focus();
    return option;
  }

  have(spec) {
    return this.options.find((option) => option.spec === spec) ?? this.add(spec, false);
  }

  named(name) {
    return this.spec.options.find((spec) => [spec.name, spec.label].includes(name.toLowerCase()));
  }

  // "prompt:a cat seed:7": text before the first name belongs to the first option if that is required; else it stays
  // outside, as on Discord. Returns the last one filled.
  fill(rest) {
    const marks = [...rest.matchAll(new RegExp(`(?:^|\\s)${NAME}`, "gu"))]
      .map((found) => ({ spec: this.named(found[1]), from: found.index, to: found.index + found[0].length }))
      .filter((mark) => mark.spec);
    const before = rest.slice(0, marks[0]?.from).trim();
    let last = null;
    if (before && this.spec.options[0]?.required) {
      last = this.have(this.spec.options[0]);
      last.set(before);
    } else this.tail.value = before;
    marks.forEach((mark, index) => {
      last = this.have(mark.spec);
      if (!last.isFile) last.set(rest.slice(mark.to, marks[index + 1]?.from).trim());
    });
    return last;
  }

  // Typing " seed:" inside one option goes on with that one.
  splitAt(option) {
    const value = option.input.value;
    const found = value.match(new RegExp(`(?:^|\\s)${NAME}\\s?$`, "u"));
    const spec = found && this.named(found[1]);
    if (!spec) return false;
    option.set(value.slice(0, found.index).trim());
    this.have(spec).focus();
    return true;
  }

  tailTyped() {
    const found = this.tail.value.match(new RegExp(`^\\s*${NAME}`, "u"));
    const spec = found && this.named(found[1]);
    if (spec) {
      this.tail.value = "";
      this.have(spec).focus();
    } else this.offerOptions();
  }

  // Words that belong to no option: Discord drops them when the command is sent.
  get stray() {
    return this.tail.value.trim();
  }

  left(typed) {
    const unused = this.spec.options.filter((spec) => !this.options.some((option) => option.spec === spec));
    return unused.filter((spec) => spec.label.toLowerCase().includes(typed) || spec.name.includes(typed));
  }

  offerOptions() {
    if (!this.spec) return;
    this.completion.forget();
    const typed = this.stray.toLowerCase();
    const found = this.left(typed);
    this.fit();
    if (!found.length && !typed) return;
    this.completion.list.show(`${t("options")} · /${this.spec.label}`, found.map((spec) => ({
      name: spec.name, label: spec.label, description: spec.description, badge: spec.required ? "" : t("optional"),
      pick: () => { this.tail.value = ""; this.add(spec); },
    })), { passive: !typed, note: found.length ? "" : t("stray") });
  }

  fit() {
    this.tail.style.width = this.tail.value ? `${Math.min(this.tail.value.length + 2, 60)}ch` : "";
  }

  focused(option) {
    if (!this.silent) this.completion.suggest(option);
  }

  typed(option) {
    this.composer.complain("");
    if (!option.isFile && !this.splitAt(option)) this.completion.suggest(option);
  }

  key(event, option) {
    this.composer.key(event, option);
  }

  advance(option) {
    this.completion.forget();
    const next = this.options.slice(this.options.indexOf(option) + 1).find((item) => item.empty && !item.isFile);
    if (next) next.focus();
    else this.tail.focus();
  }

  // Backspace at the start of an option removes it; with nothing left, the command goes back to words.
  erase(event, option) {
    if (option && !option.isFile && option.input.value) return;
    if (!option && (event.target !== this.tail || this.tail.value)) return;
    event.preventDefault();
    const gone = option ?? this.options.at(-1);
    if (!gone || (gone.spec.required && gone.empty)) return this.composer.leave(`/${this.spec.label}`);
    if (!option && !gone.empty && !gone.isFile) return gone.focus();
    gone.element.remove();
    this.options = this.options.filter((item) => item !== gone);
    const last = this.options.at(-1);
    if (last && !last.isFile) last.focus();
    else this.tail.focus();
  }

  // Files that are dropped or pasted go to the options that wait for one.
  give(files) {
    for (const file of files) {
      const waiting = this.options.find((option) => option.isFile && option.empty);
      const spec = this.spec.options.find((item) => item.type === 11 && !this.options.some((option) => option.spec === item));
      const option = waiting ?? (spec && this.add(spec, false));
      option?.take(file);
    }
    this.tail.focus();
  }

  filled(except) {
    const values = {};
    for (const option of this.options) {
      const { value } = option === except || option.isFile ? {} : option.read();
      if (value !== undefined) values[option.spec.name] = value;
    }
    return values;
  }

  // {path, options, files}, or {problem} of the first option that will not do.
  read() {
    const options = {};
    const files = [];
    for (const option of this.options) {
      const { value, problem } = option.read();
      if (problem) {
        option.element.classList.add("wrong");
        if (!option.isFile) option.input.focus();
        return { problem: `${option.spec.label}: ${problem}` };
      }
      if (option.isFile && value) files.push([option.spec.name, value]);
      else if (value !== undefined) options[option.spec.name] = value;
    }
    return { path: this.spec.path, options, files };
  }
}
