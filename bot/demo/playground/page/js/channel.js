// The channel: messages as they come and change, and what one does to them.

import { act, listen } from "./api.js";
import { components, embed, entries, find, loose } from "./components.js";
import { avatar, h, icon, ICONS, morph } from "./dom.js";
import { markdown, tick } from "./markdown.js";
import { enlarge } from "./media.js";
import { openMenu } from "./menu.js";
import { outcome, toast } from "./outcome.js";
import { state } from "./state.js";
import { t, when } from "./words.js";

const view = document.getElementById("messages");
const log = document.getElementById("log");
const newer = document.getElementById("newer");
const shown = new Map();
const dismissed = new Set();
let stop = () => {};
let pinned = true;

export function openChannel(onPresence, onCommand, onCommands) {
  stop();
  shown.clear();
  log.replaceChildren();
  pinned = true;
  newer.hidden = true;
  newer.textContent = `${t("newer")} ↓`;
  commandAsked = onCommand;
  let lost = false;
  stop = listen(
    (news) => {
      lost = false;
      if (news.presence !== undefined) onPresence(news.presence);
      if (news.commands) onCommands();
      if (news.all) reset(news.all);
      for (const message of news.messages ?? []) put(message);
      for (const id of news.gone ?? []) remove(id);
      welcome();
    },
    () => {
      if (!lost) toast(t("offline"), "warn");
      lost = true;
    },
  );
}

let commandAsked = () => {};

function reset(messages) {
  const ids = new Set(messages.map((message) => message.id));
  for (const id of [...shown.keys()]) if (!ids.has(id)) remove(id);
  messages.forEach(put);
}

function put(message) {
  if (dismissed.has(message.id)) return;
  shown.set(message.id, message);
  const element = render(message);
  const old = log.querySelector(`[data-key="${message.id}"]`);
  if (old) morph(old, element);
  else {
    const next = [...log.children].find((item) => item.dataset.key && BigInt(item.dataset.key) > BigInt(message.id));
    log.insertBefore(element, next ?? null);
    // An answer out of sight looks like a button that does nothing.
    if (!next && !pinned) newer.hidden = false;
  }
  follow();
}

function remove(id) {
  shown.delete(id);
  log.querySelector(`[data-key="${id}"]`)?.remove();
}

function welcome() {
  const name = state.channel.name;
  const old = log.querySelector(".welcome");
  if (shown.size) old?.remove();
  else if (!old) log.append(h("div", { class: "welcome" }, h("div", { class: "hash" }, "#"), h("h1", {}, t("empty", { channel: name })), h("p", {}, t("start"))));
}

function render(message) {
  const mine = message.author.bot && message.used?.user.id === state.person.id;
  return h("article", { class: `message ${message.ephemeral ? "ephemeral" : ""} ${mine ? "mine" : ""}`, data: { key: message.id } },
    !message.ephemeral && h("div", { class: "tools" },
      h("button", { class: "apps", title: t("apps"), "aria-label": t("apps"), "aria-haspopup": "listbox", data: { do: "apps" } }, icon(ICONS.more, 18)),
      mayErase(message) && h("button", { class: "erase", title: t("erase"), "aria-label": t("erase"), data: { do: "erase" } }, icon(ICONS.bin, 18))),
    origin(message),
    avatar(message.author),
    h("div", { class: "body" },
      h("div", { class: "head" },
        h("span", { class: `author ${message.author.bot ? "bot" : ""}` }, message.author.name),
        message.author.bot && h("span", { class: "tag" }, t("app")),
        h("time", { class: "when", title: new Date(message.time).toLocaleString() }, when(message.time))),
      message.loading && h("div", { class: "thinking" }, h("i"), h("i"), h("i"), t("thinking", { bot: message.author.name })),
      message.content && h("div", { class: "content" }, markdown(message.content), message.edited && h("small", { class: "edited" }, t("edited"))),
      loose(message),
      message.embeds.map((item) => embed(item, message)),
      components(message.components, message),
      message.ephemeral && h("div", { class: "only" }, icon(ICONS.eye, 14), t("only"), " • ", h("button", { class: "text-button", data: { do: "dismiss" } }, t("dismiss")))));
}

function mayErase(message) {
  return !message.ephemeral && (message.author.id === state.person.id || state.person.part !== "member");
}

function origin(message) {
  if (message.used?.command) {
    const user = message.used.user;
    return h("div", { class: "origin" }, icon(ICONS.corner, 14), avatar({ name: user.name }, "tiny"), h("b", {}, user.name), t("used"), h("span", { class: "mention" }, `${message.used.slash ? "/" : ""}${message.used.command}`));
  }
  if (message.reply) return h("div", { class: "origin" }, icon(ICONS.corner, 14), h("b", {}, message.reply.name), h("span", { class: "quoted" }, message.reply.text));
  return null;
}

// ---- scrolling: stay at the newest message unless the person has scrolled up to read

let measured = 0;

function measure() {
  return view.scrollHeight * 100000 + view.clientHeight;
}

// A scroll that comes with a change of size is the browser's doing, not the person's.
view.addEventListener("scroll", () => {
  if (measure() === measured) pinned = view.scrollHeight - view.scrollTop - view.clientHeight < 80;
  else follow();
  if (pinned) newer.hidden = true;
});

function follow() {
  measured = measure();
  if (!pinned) return;
  view.scrollTop = view.scrollHeight;
  newer.hidden = true;
}

export function toNewest() {
  pinned = true;
  follow();
}

newer.addEventListener("click", toNewest);

const watcher = new ResizeObserver(follow);
watcher.observe(log);
watcher.observe(view);
setInterval(() => tick(log), 1000);

// ---- what is pressed

log.addEventListener("click", async (event) => {
  const veiled = event.target.closest(".spoiler:not(.revealed)");
  if (veiled) {
    veiled.classList.add("revealed");
    event.preventDefault();
    return;
  }
  const pressed = event.target.closest("[data-do]");
  const message = shown.get(event.target.closest(".message")?.dataset.key);
  if (!pressed || !message) return;
  const { custom } = pressed.dataset;
  switch (pressed.dataset.do) {
    case "click":
      pressed.classList.add("busy");
      await outcome(act("click", { message: message.id, custom_id: custom }), "failed");
      pressed.classList.remove("busy");
      break;
    case "menu": {
      const item = find(message.components, custom);
      const values = item && (await openMenu(pressed, entries(item), item.min_values ?? 1, item.max_values ?? 1));
      if (values) await outcome(act("select", { message: message.id, custom_id: custom, values }), "failed");
      break;
    }
    case "enlarge":
      enlarge(pressed);
      break;
    case "apps": {
      const menus = await act("menus", {});
      const list = Array.isArray(menus) ? menus.map((menu) => ({ label: menu.label, value: menu.name })) : [];
      if (!list.length) return toast(t("nothing"), "warn");
      const chosen = await openMenu(pressed, list, 1, 1);
      if (chosen) await outcome(act("menu", { message: message.id, name: chosen[0] }), "silent");
      break;
    }
    case "erase":
      await outcome(act("delete", { message: message.id }), "failed");
      break;
    case "dismiss":
      dismissed.add(message.id);
      remove(message.id);
      break;
    case "command":
      commandAsked(pressed.dataset.command);
      break;
  }
});
