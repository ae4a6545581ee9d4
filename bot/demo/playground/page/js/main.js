// Puts the page together: sidebar, header, channel and composer, and redraws them when somebody else acts.

import { openChannel } from "./channel.js";
import { Composer } from "./composer.js";
import { avatar, h, icon, ICONS } from "./dom.js";
import { choose, load, onChange, state } from "./state.js";
import { language, LANGUAGES, t } from "./words.js";

const sidebar = document.getElementById("sidebar");
const header = document.getElementById("header");
const notice = document.getElementById("notice");

function drawSidebar() {
  const people = state.people.map((person) =>
    h("button", { class: "person", "aria-pressed": String(person === state.person), data: { person: person.name }, onclick: () => pick({ person }) },
      avatar(person), h("span", { class: "person-words" }, h("b", {}, person.name), h("small", {}, t(person.part)))));
  const channels = state.channels.map((channel) =>
    h("button", { class: "channel", "aria-pressed": String(channel === state.channel), onclick: () => pick({ channel }) },
      h("span", { class: "hash" }, "#"), channel.name, channel.nsfw && h("span", { class: "tag" }, "18+")));
  const languages = h("select", { id: "language", "aria-label": t("language"), onchange: (event) => choose({ locale: event.target.value }) },
    Object.entries(LANGUAGES).map(([key, name]) => h("option", { value: key, selected: key === language() }, name)));
  sidebar.replaceChildren(
    h("h1", {}, t("title")),
    h("nav", {}, h("h2", {}, t("channels")), channels, h("h2", {}, t("bot")),
      h("div", { class: "person still" }, avatar(state.bot), h("span", { class: "person-words" }, h("b", {}, state.bot.name), h("small", { id: "presence" }, state.presence))),
      h("h2", {}, t("you")), people),
    h("footer", {}, languages));
}

function drawHeader() {
  header.replaceChildren(
    h("button", { class: "plain menu-button", "aria-label": t("menu"), onclick: () => document.body.classList.toggle("drawer") }, icon(ICONS.menu, 22)),
    h("span", { class: "hash" }, "#"), h("b", { class: "channel-name" }, state.channel.name),
    h("button", { class: "plain acting", "aria-label": t("you"), onclick: () => document.body.classList.add("drawer") }, avatar(state.person, "small"), h("span", {}, state.person.name)));
  const words = state.notices[language()] ?? state.notices["en-US"] ?? "";
  notice.hidden = !words;
  notice.textContent = words;
  document.title = `#${state.channel.name} · ${t("title")}`;
}

function pick(change) {
  document.body.classList.remove("drawer");
  choose(change);
}

function presence(words) {
  state.presence = words;
  const element = document.getElementById("presence");
  if (element) element.textContent = words;
}

document.querySelector("main").addEventListener("pointerdown", (event) => {
  if (document.body.classList.contains("drawer") && !event.target.closest(".menu-button, .acting")) document.body.classList.remove("drawer");
});

await load();
const composer = new Composer(document.getElementById("composer"));
const draw = async () => {
  drawSidebar();
  drawHeader();
  openChannel(presence, (words) => composer.start(`/${words}`), () => composer.refresh());
  await composer.refresh();
};
onChange(draw);
await draw();
if (matchMedia("(min-width: 721px)").matches) composer.text.focus();
document.body.dataset.ready = "yes";
