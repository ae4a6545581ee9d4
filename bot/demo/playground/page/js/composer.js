// Where one writes: a message, or after a "/" a command with its options as chips. Nothing that happens in the
// channel touches what is being written.

import { act } from "./api.js";
import { toNewest } from "./channel.js";
import { h, icon, ICONS } from "./dom.js";
import { Option } from "./option.js";
import { outcome } from "./outcome.js";
import { state } from "./state.js";
import { Suggestions } from "./suggest.js";
import { t } from "./words.js";

const PAUSE = 120;

export class Composer {
  constructor(place) {
    this.commands = [];
    this.command = null;
    this.options = [];
    this.suggestions = new Suggestions();
    this.asked = 0;
    this.text = h("textarea", { rows: 1, id: "say", autocomplete: "off", spellcheck: "false" });
    this.trouble = h("div", { class: "trouble", hidden: true });
    this.chips = h("div", { class: "chips", hidden: true, onclick: (event) => event.target === this.chips && this.tail.focus() });
    this.tail = h("input", { class: "tail", type: "text", autocomplete: "off", spellcheck: "false", "aria-label": t("options") });
    this.slash = h("button", { class: "plain slash", type: "button", onclick: () => this.start() }, "/");
    this.send = h("button", { class: "plain send", type: "button", onclick: () => this.submit() }, icon(ICONS.send, 22));
    place.replaceChildren(this.suggestions.element, this.trouble, h("div", { class: "bar" }, this.slash, this.text, this.chips, this.send));
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (event) => this.key(event, null));
    this.tail.addEventListener("input", () => this.tailTyped());
    this.tail.addEventListener("focus", () => this.offerOptions());
    this.tail.addEventListener("keydown", (event) => this.key(event, null));
    place.addEventListener("focusout", (event) => place.contains(event.relatedTarget) || this.suggestions.hide());
    for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => this.dropped(event));
    document.addEventListener("paste", (event) => this.pasted(event));
  }

  async refresh() {
    this.text.placeholder = t("say", { channel: state.channel.name });
    this.send.ariaLabel = t("send");
    this.slash.ariaLabel = t("commands");
    const list = await act("commands", {});
    this.commands = Array.isArray(list) ? list : [];
    const path = this.command?.path;
    if (path && !this.commands.some((command) => command.path === path)) this.leave();
  }

  start(words = "/") {
    if (this.command) this.leave();
    this.text.value = words;
    this.text.focus();
    this.typed();
  }

  // ---- a message, or the beginning of a command

  typed() {
    this.complain("");
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 160)}px`;
    const text = this.text.value;
    if (!text.startsWith("/")) return this.suggestions.hide();
    const known = [...this.commands].sort((a, b) => b.path.length - a.path.length);
    for (const command of known) {
      const name = [command.path, command.label].find((item) => text.toLowerCase().startsWith(`/${item.toLowerCase()} `));
      if (name) return this.enter(command, text.slice(name.length + 2));
    }
    this.offerCommands(text.slice(1).trim().toLowerCase());
  }

  offerCommands(typed) {
    const rank = (command) => {
      const names = [command.path.toLowerCase(), command.label.toLowerCase()];
      if (names.some((name) => name.startsWith(typed))) return 0;
      if (names.some((name) => name.includes(typed))) return 1;
      return command.description.toLowerCase().includes(typed) ? 2 : 9;
    };
    const found = this.commands.map((command) => [rank(command), command]).filter(([order]) => order < 9).sort((a, b) => a[0] - b[0]);
    this.suggestions.show(t("commands"), found.map(([, command]) => ({
      name: command.path,
      label: `/${command.label}`,
      hint: command.options.filter((option) => option.required).map((option) => option.label).join(" "),
      description: command.description,
      badge: state.bot.name,
      pick: () => this.enter(command, ""),
    })), { note: found.length ? "" : t("noCommand") });
  }

  // ---- a command

  enter(command, rest) {
    this.command = command;
    this.options = [];
    this.text.hidden = true;
    this.chips.hidden = false;
    this.chips.replaceChildren(h("span", { class: "chip-command" }, `/${command.label}`), this.tail);
    this.tail.value = "";
    for (const spec of command.options.filter((option) => option.required)) this.add(spec, false);
    const last = rest.trim() ? this.fill(rest) : null;
    const next = last ?? this.options.find((option) => option.empty);
    this.silent = Boolean(last);
    if (next && !next.isFile) next.input.focus();
    else this.tail.focus();
    this.silent = false;
  }

  add(spec, focus = true) {
    const option = new Option(spec, this);
    this.options.push(option);
    this.chips.insertBefore(option.element, this.tail);
    if (focus) option.focus();
    return option;
  }

  // "prompt:a cat seed:7": text before the first name belongs to the first option.
  fill(rest) {
    const parts = this.parts(rest);
    const first = this.command.options[0];
    let last = null;
    if (parts.before && first) {
      last = this.options.find((option) => option.spec === first) ?? this.add(first, false);
      last.set(parts.before);
    }
    for (const [spec, text] of parts.named) {
      last = this.options.find((option) => option.spec === spec) ?? this.add(spec, false);
      if (!last.isFile) last.set(text);
    }
    return last;
  }

  parts(text) {
    const named = [];
    const marks = [...text.matchAll(/(?:^|\s)([\p{L}\p{N}_-]+):/gu)]
      .map((found) => ({ spec: this.named(found[1]), from: found.index, to: found.index + found[0].length }))
      .filter((mark) => mark.spec);
    marks.forEach((mark, index) => named.push([mark.spec, text.slice(mark.to, marks[index + 1]?.from).trim()]));
    return { before: text.slice(0, marks[0]?.from).trim(), named };
  }

  named(name) {
    return this.command.options.find((spec) => [spec.name, spec.label].includes(name.toLowerCase()));
  }

  // Typing " seed:" inside one option goes on with that one.
  splitAt(option) {
    const value = option.input.value;
    const found = value.match(/(?:^|\s)([\p{L}\p{N}_-]+):\s?$/u);
    const spec = found && this.named(found[1]);
    if (!spec) return false;
    option.set(value.slice(0, found.index).trim());
    const other = this.options.find((item) => item.spec === spec) ?? this.add(spec, false);
    other.focus();
    return true;
  }

  tailTyped() {
    const found = this.tail.value.match(/^\s*([\p{L}\p{N}_-]+):/u);
    const spec = found && this.named(found[1]);
    if (spec) {
      this.tail.value = "";
      (this.options.find((item) => item.spec === spec) ?? this.add(spec, false)).focus();
    } else this.offerOptions();
  }

  offerOptions() {
    if (!this.command) return;
    const typed = this.tail.value.trim().toLowerCase();
    const left = this.command.options.filter((spec) => !this.options.some((option) => option.spec === spec));
    const found = left.filter((spec) => spec.label.toLowerCase().includes(typed) || spec.name.includes(typed));
    if (!found.length) return this.suggestions.hide();
    this.suggestions.show(`${t("options")} · /${this.command.label}`, found.map((spec) => ({
      name: spec.name, label: spec.label, description: spec.description, badge: spec.required ? "" : t("optional"),
      pick: () => { this.tail.value = ""; this.add(spec); },
    })), { passive: !typed });
  }

  // ---- an option

  focused(option) {
    if (!this.silent) this.suggest(option);
  }

  async suggest(option) {
    const turn = ++this.asked;
    const title = `${option.spec.label} — ${option.spec.description}`;
    let list = option.known();
    if (list !== null) {
      const typed = option.chosen ? "" : option.input.value.trim().toLowerCase();
      return this.offer(option, title, list.filter((entry) => entry.name.toLowerCase().includes(typed)));
    }
    if (option.input.value) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (turn !== this.asked) return;
    const waiting = setTimeout(() => turn === this.asked && this.suggestions.show(title, [], { note: t("loading") }), 250);
    list = await option.ask(this.command.path, this.filled(option));
    clearTimeout(waiting);
    if (turn !== this.asked || document.activeElement !== option.input) return;
    if (!Array.isArray(list)) return this.suggestions.show(title, [], { note: t("suggestions") });
    this.offer(option, title, list, t("nothing"));
  }

  offer(option, title, list, note = "") {
    this.suggestions.show(title, list.slice(0, 25).map((entry) => ({
      label: entry.name, name: String(entry.name), pick: () => { option.set(entry.name, entry); this.advance(option); },
    })), { note: list.length ? "" : note });
  }

  filled(except) {
    const values = {};
    for (const option of this.options) {
      const { value } = option === except || option.isFile ? {} : option.read();
      if (value !== undefined) values[option.spec.name] = value;
    }
    return values;
  }

  advance(option) {
    this.asked += 1;
    const next = this.options.slice(this.options.indexOf(option) + 1).find((item) => item.empty && !item.isFile);
    if (next) next.focus();
    else this.tail.focus();
  }

  key(event, option) {
    if (event.isComposing || this.suggestions.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.command) this.leave();
    else if (event.key === "Backspace") this.erase(event, option);
    else if (event.key === "Tab" && option && !event.shiftKey) {
      event.preventDefault();
      this.advance(option);
    }
  }

  erase(event, option) {
    if (option && !option.isFile && option.input.value) return;
    if (!option && (event.target !== this.tail || this.tail.value)) return;
    event.preventDefault();
    const gone = option ?? this.options.at(-1);
    if (!gone || (gone.spec.required && gone.empty)) return this.leave(`/${this.command.label}`);
    if (!option && !gone.empty && !gone.isFile) return gone.focus();
    gone.element.remove();
    this.options = this.options.filter((item) => item !== gone);
    const last = this.options.at(-1);
    if (last && !last.isFile) last.focus();
    else this.tail.focus();
  }

  leave(words = "") {
    this.asked += 1;
    this.command = null;
    this.options = [];
    this.chips.hidden = true;
    this.chips.replaceChildren();
    this.text.hidden = false;
    this.text.value = words;
    this.text.style.height = "auto";
    this.suggestions.hide();
    this.complain("");
    this.text.focus();
    if (words) this.typed();
  }

  complain(text) {
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
  }

  // ---- files that are dropped or pasted go to the option that waits for one

  dropped(event) {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") this.give([...event.dataTransfer.files]);
  }

  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length && this.command && !event.target.closest?.("dialog")) {
      event.preventDefault();
      this.give(files);
    }
  }

  give(files) {
    if (!this.command) return;
    for (const file of files) {
      const waiting = this.options.find((option) => option.isFile && option.empty);
      const spec = this.command.options.find((item) => item.type === 11 && !this.options.some((option) => option.spec === item));
      const option = waiting ?? (spec && this.add(spec, false));
      option?.take(file);
    }
    this.tail.focus();
  }

  // ---- off it goes

  async submit() {
    if (this.command) return this.run();
    const text = this.text.value.trim();
    if (!text) return;
    if (text.startsWith("/")) {
      const same = this.commands.find((command) => [command.path, command.label].includes(text.slice(1).toLowerCase()));
      return same ? this.enter(same, "") : this.complain(t("noCommand"));
    }
    this.leave();
    toNewest();
    await outcome(act("say", { text }), "failed");
  }

  async run() {
    const options = {};
    const files = [];
    for (const option of this.options) {
      const { value, problem } = option.read();
      if (problem) {
        option.element.classList.add("wrong");
        if (!option.isFile) option.input.focus();
        return this.complain(`${option.spec.label}: ${problem}`);
      }
      if (option.isFile && value) files.push([option.spec.name, value]);
      else if (value !== undefined) options[option.spec.name] = value;
    }
    const { path } = this.command;
    this.leave();
    toNewest();
    await outcome(act("command", { path, options }, files), "silent");
  }
}
