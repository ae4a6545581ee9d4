// Where one writes: a message, or after a "/" a command. Nothing that happens in the channel touches it.

import { act } from "./api.js";
import { toNewest } from "./channel.js";
import { CommandLine } from "./command.js";
import { h, icon, ICONS } from "./dom.js";
import { outcome } from "./outcome.js";
import { state } from "./state.js";
import { size, t } from "./words.js";

export class Composer {
  constructor(place) {
    this.commands = [];
    this.asked = 0; // which question for the commands is the newest
    this.line = new CommandLine(this);
    this.suggestions = this.line.completion.list;
    this.text = h("textarea", { rows: 1, id: "say", autocomplete: "off", spellcheck: "false" });
    this.trouble = h("div", { class: "trouble", hidden: true });
    this.slash = h("button", { class: "plain slash", type: "button", onclick: () => this.start() }, "/");
    this.files = [];
    this.picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.take([...this.picker.files]) });
    this.attach = h("button", { class: "plain attach", type: "button", onclick: () => this.picker.click() }, icon(ICONS.plus, 20));
    this.attached = h("div", { class: "attached", hidden: true });
    this.send = h("button", { class: "plain send", type: "button", onclick: () => this.submit() }, icon(ICONS.send, 22));
    place.replaceChildren(this.suggestions.element, this.trouble, this.attached, h("div", { class: "bar" }, this.attach, this.picker, this.slash, this.text, this.line.element, this.send));
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (event) => this.key(event, null));
    place.addEventListener("focusout", (event) => place.contains(event.relatedTarget) || this.suggestions.hide());
    for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => this.dropped(event));
    document.addEventListener("paste", (event) => this.pasted(event));
  }

  get composing() {
    return this.line.spec !== null;
  }

  async refresh() {
    this.text.placeholder = t("say", { channel: state.channel.name });
    this.send.ariaLabel = t("send");
    this.slash.ariaLabel = t("commands");
    this.attach.ariaLabel = t("attach");
    const turn = ++this.asked;
    const list = await act("commands", {});
    if (turn !== this.asked) return; // asked anew meanwhile: as somebody else, or in another language
    this.commands = Array.isArray(list) ? list : [];
    const path = this.line.spec?.path;
    if (path && !this.commands.some((command) => command.path === path)) this.leave();
    else if (!path && this.suggestions.open) this.look();
  }

  start(words = "/") {
    if (this.composing) this.leave();
    this.text.value = words;
    this.text.focus();
    this.typed();
  }

  typed() {
    this.complain("");
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 160)}px`;
    if (this.text.value.startsWith("／")) this.text.value = `/${this.text.value.slice(1)}`;
    if (!this.text.value.startsWith("/")) return this.suggestions.hide();
    this.look();
    if (this.text.value === "/") this.refresh();
  }

  // What was typed is one of the commands that are known now, or the beginning of some.
  look() {
    const text = this.text.value;
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

  enter(command, rest) {
    this.text.hidden = true;
    this.attach.hidden = true;
    this.take([], true);
    this.line.open(command, rest);
  }

  leave(words = "") {
    this.line.close();
    this.text.hidden = false;
    this.attach.hidden = false;
    this.text.value = words;
    this.text.style.height = "auto";
    this.complain("");
    this.text.focus();
    if (words) this.typed();
  }

  key(event, option) {
    if (event.isComposing) return;
    const { completion } = this.line;
    if (completion.settles(event, option)) {
      event.preventDefault();
      this.submit();
    } else if (completion.key(event, option)) return;
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.composing) this.leave();
    else if (event.key === "Backspace" && this.composing) this.line.erase(event, option);
    else if (event.key === "Tab" && option && !event.shiftKey) {
      event.preventDefault();
      this.line.advance(option);
    }
  }

  complain(text) {
    this.trouble.textContent = text;
    this.trouble.hidden = !text;
  }

  dropped(event) {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files") || event.target.closest?.("dialog")) return;
    event.preventDefault();
    if (event.type !== "drop") return;
    const files = [...event.dataTransfer.files];
    if (this.composing) this.line.give(files);
    else this.take(files);
  }

  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || event.target.closest?.("dialog")) return;
    event.preventDefault();
    if (this.composing) this.line.give(files);
    else this.take(files);
  }

  // Files for an ordinary message; each can be taken out again.
  take(files, anew = false) {
    this.picker.value = "";
    const large = files.find((file) => file.size > state.uploadLimit);
    if (large) return this.complain(t("large", { name: large.name, size: size(state.uploadLimit) }));
    this.files = [...(anew ? [] : this.files), ...files].slice(0, 10);
    this.attached.hidden = !this.files.length;
    this.attached.replaceChildren(...this.files.map((file) =>
      h("span", { class: "chip" }, h("span", { class: "chip-file" }, file.name),
        h("button", { type: "button", class: "plain", "aria-label": `${t("remove")}: ${file.name}`, onclick: () => this.take(this.files.filter((other) => other !== file), true) }, icon(ICONS.close, 14)))));
    if (files.length) this.text.focus();
  }

  async submit() {
    if (this.composing) return this.run();
    const text = this.text.value.trim();
    if (!text && !this.files.length) return;
    if (text.startsWith("/")) {
      const same = this.commands.find((command) => [command.path, command.label].includes(text.slice(1).toLowerCase()));
      return same ? this.enter(same, "") : this.complain(t("noCommand"));
    }
    const files = this.files.map((file) => ["file", file]);
    this.take([], true);
    this.leave();
    toNewest();
    await outcome(act("say", { text }, files), "failed");
  }

  async run() {
    const { path, options, files, problem } = this.line.read();
    if (problem) return this.complain(problem);
    const { stray } = this.line;
    this.leave();
    if (stray) this.complain(t("dropped", { text: stray.length > 60 ? `${stray.slice(0, 59)}…` : stray }));
    toNewest();
    await outcome(act("command", { path, options }, files), "silent");
  }
}
