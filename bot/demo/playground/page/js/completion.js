// Completes what is typed into one option: from what is known, or by asking the bot, newest question first.

import { Suggestions } from "./suggest.js";
import { t } from "./words.js";

const PAUSE = 120;

function matches(typed) {
  return (entry) => entry.name.toLowerCase().includes(typed);
}

export class Completion {
  constructor(command) {
    this.command = command;
    this.list = new Suggestions();
    this.asked = 0; // which question to the bot is the newest
    this.answered = { option: null, entries: [] }; // what it answered last
    this.waiting = false;
    this.eager = false; // Enter was pressed before the answer came
  }

  forget() {
    this.asked += 1;
    this.waiting = this.eager = false;
    this.list.hide();
  }

  async suggest(option) {
    const turn = ++this.asked;
    const known = option.known();
    const typed = option.chosen ? "" : option.input.value.trim().toLowerCase();
    this.waiting = known === null;
    if (known !== null) return this.offer(option, known.filter(matches(typed)));
    // What is shown while the bot is asked always fits what has been typed: Enter never takes a leftover.
    const before = this.answered.option === option ? this.answered.entries : [];
    this.offer(option, before.filter(matches(typed)), t("loading"));
    if (typed) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (turn !== this.asked) return;
    const answer = await option.ask(this.command.spec.path, this.command.filled(option));
    if (turn !== this.asked) return;
    this.waiting = false;
    if (document.activeElement !== option.input) return;
    this.answered = { option, entries: Array.isArray(answer) ? answer : [] };
    this.offer(option, this.answered.entries, Array.isArray(answer) ? t("nothing") : t("suggestions"));
    if (this.eager) this.list.take(0);
    this.eager = false;
  }

  offer(option, entries, note = "") {
    this.list.show([option.spec.label, option.spec.description].filter((words) => words && words !== "…").join(" — "), entries.slice(0, 25).map((entry) => ({
      label: entry.name, name: String(entry.name), entry,
      pick: () => { option.set(entry.name, entry); this.command.advance(option); },
    })), { note: entries.length ? "" : note });
  }

  // True when the key was meant for the list, or for the answer that is still to come.
  key(event, option) {
    if (this.list.key(event)) return true;
    this.eager = event.key === "Enter" && Boolean(option) && this.waiting && !option.empty;
    if (this.eager) event.preventDefault();
    return this.eager;
  }

  // Enter after the full name of an entry means that entry; true when it did.
  settles(event, option) {
    const { entry } = this.list.items[this.list.active] ?? {};
    const typed = option?.input.value.trim().toLowerCase();
    if (event.key !== "Enter" || !entry || ![entry.name, String(entry.value)].some((name) => name.toLowerCase() === typed)) return false;
    option.set(entry.name, entry);
    return true;
  }
}
