// What the page knows: who acts, where, in which language, and the people and channels there are.

import { speak, language, nearest } from "./words.js";

export const state = { people: [], channels: [], bot: { id: "", name: "", bot: true }, notices: {}, uploadLimit: 0, presence: "", person: null, channel: null };

const listeners = new Set();

export function onChange(listener) {
  listeners.add(listener);
}

export async function load() {
  const answer = await fetch("/state");
  Object.assign(state, await answer.json());
  state.bot.bot = true;
  const kept = JSON.parse(localStorage.getItem("playground") ?? "{}");
  speak(kept.locale ?? nearest(navigator.language));
  state.person = state.people.find((person) => person.name === kept.person) ?? state.people[0];
  state.channel = state.channels.find((channel) => channel.name === kept.channel) ?? state.channels[0];
}

export function choose({ person, channel, locale }) {
  if (person) state.person = person;
  if (channel) state.channel = channel;
  if (locale) speak(locale);
  localStorage.setItem("playground", JSON.stringify({ person: state.person.name, channel: state.channel.name, locale: language() }));
  for (const listener of listeners) listener();
}

export function scene() {
  return { as: state.person.id, channel: state.channel.id, locale: language() };
}

export function personById(id) {
  return id === state.bot.id ? state.bot : state.people.find((person) => person.id === id);
}
