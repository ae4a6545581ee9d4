// Components of a message (both generations) and embeds. What can be pressed carries data attributes; one listener
// at the channel acts on them, so an edited message needs no new listeners.

import { h, icon, ICONS } from "./dom.js";
import { inline, markdown } from "./markdown.js";
import { attachments, file, gallery, picture } from "./media.js";
import { personById, state } from "./state.js";
import { t } from "./words.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "link" };

export function components(list, message) {
  return list.map((item) => component(item, message));
}

function component(item, message) {
  switch (item.type) {
    case 1:
      return h("div", { class: "row" }, components(item.components, message));
    case 2:
      return button(item);
    case 3: case 5: case 6: case 7: case 8:
      return select(item);
    case 9:
      return h("div", { class: "section" }, h("div", { class: "section-texts" }, components(item.components, message)), h("div", { class: "accessory" }, component(item.accessory, message)));
    case 10:
      return markdown(item.content);
    case 11:
      return h("div", { class: "thumbnail" }, picture({ ...item.media }, item.description, item.spoiler, message.id));
    case 12:
      return gallery(item.items, message.id);
    case 13:
      return file({ url: item.file.url, name: item.name ?? item.file.url.split("/").at(-1), bytes: item.size, type: item.file.content_type, spoiler: item.spoiler });
    case 14:
      return h("hr", { class: `${item.divider === false ? "plain" : ""} ${item.spacing === 2 ? "wide" : ""}` });
    case 17:
      return container(item, message);
    default:
      return null;
  }
}

function container(item, message) {
  const colour = item.accent_color;
  const style = colour === undefined || colour === null ? {} : { "--accent": `#${colour.toString(16).padStart(6, "0")}` };
  return h("div", { class: `container ${item.spoiler ? "spoiler" : ""}`, style, data: item.spoiler ? { do: "reveal" } : {} }, components(item.components, message));
}

function emoji(value) {
  return value ? h("span", { class: "emoji" }, value.id ? `:${value.name}:` : value.name) : null;
}

function button(item) {
  const face = [emoji(item.emoji), item.label && h("span", {}, item.label)];
  const name = `button ${STYLES[item.style] ?? "secondary"}`;
  if (item.url) {
    const safe = /^https?:/.test(item.url) ? item.url : item.url.startsWith("/cdn/") ? item.url : undefined;
    return h("a", { class: name, href: safe, target: "_blank", rel: "noopener noreferrer" }, face, icon(ICONS.link, 15));
  }
  return h("button", { class: name, disabled: item.disabled, data: { do: "click", custom: item.custom_id } }, face);
}

function select(item) {
  const chosen = (item.options ?? []).filter((option) => option.default);
  const shown = chosen.length ? chosen.map((option) => option.label).join(", ") : item.placeholder || t("choose");
  return h("button", { class: `select ${chosen.length ? "" : "empty"}`, disabled: item.disabled, data: { do: "menu", custom: item.custom_id }, "aria-haspopup": "listbox" },
    h("span", {}, shown), icon(ICONS.chevron));
}

// The entries of a menu: its own, or people and channels for menus of those.
export function entries(item) {
  const people = [...state.people, state.bot].map((person) => ({ label: person.name, value: { user: person.id }, description: person.part && t(person.part) }));
  const channels = state.channels.map((channel) => ({ label: `#${channel.name}`, value: { channel: channel.id } }));
  if (item.type === 5 || item.type === 7) return people.filter((entry) => entry.value.user !== state.bot.id);
  if (item.type === 8) return channels;
  return (item.options ?? []).map((option) => ({ ...option, emoji: option.emoji && (option.emoji.id ? "" : option.emoji.name) }));
}

export function find(list, customId) {
  for (const item of list ?? []) {
    if (item.custom_id === customId) return item;
    const inner = find([...(item.components ?? []), item.accessory, item.component].filter(Boolean), customId);
    if (inner) return inner;
  }
  return null;
}

export function embed(item, message) {
  const colour = item.color === undefined || item.color === null ? "#4e5058" : `#${item.color.toString(16).padStart(6, "0")}`;
  const fields = (item.fields ?? []).map((field) => h("div", { class: field.inline ? "field inline" : "field" }, h("b", {}, inline(field.name)), markdown(field.value)));
  const title = item.title && (item.url && /^https?:/.test(item.url) ? h("a", { href: item.url, target: "_blank", rel: "noopener noreferrer" }, inline(item.title)) : inline(item.title));
  return h("div", { class: "embed", style: { "--accent": colour } },
    h("div", { class: "embed-texts" },
      item.author && h("div", { class: "embed-author" }, item.author.name),
      title && h("div", { class: "embed-title" }, title),
      item.description && markdown(item.description),
      fields.length > 0 && h("div", { class: "fields" }, fields),
      item.image && picture({ content_type: "image/*", ...item.image }, "", false, message.id),
      item.footer && h("div", { class: "embed-footer" }, item.footer.text)),
    item.thumbnail && h("div", { class: "thumbnail" }, picture({ content_type: "image/*", ...item.thumbnail }, "", false, message.id)));
}

export function loose(message) {
  const used = new Set(message.embeds.flatMap((item) => [item.image?.url, item.thumbnail?.url]));
  const free = message.components.some((item) => item.type >= 9) ? [] : message.attachments.filter((item) => !used.has(item.url));
  return attachments(free, message.id);
}

export function nameOf(id, fallback) {
  return personById(id)?.name ?? fallback ?? t("missing");
}
