// Pictures, videos, sounds and files of a message, and the view of a picture in large.

import { h, icon, ICONS } from "./dom.js";
import { size, t } from "./words.js";

function kind(item) {
  const type = item.content_type ?? item.media?.content_type ?? "";
  if (type.startsWith("image/") && type !== "image/svg+xml") return "image";
  return type.startsWith("video/") ? "video" : type.startsWith("audio/") ? "audio" : "file";
}

// Only the page's own files are loaded; an address elsewhere is offered as a link.
function isOurs(url) {
  return url.startsWith("/cdn/");
}

export function picture(media, description, spoiler, group) {
  const url = media.url;
  if (!isOurs(url)) return h("a", { href: /^https?:/.test(url) ? url : undefined, target: "_blank", rel: "noopener noreferrer" }, url);
  const classes = `media ${spoiler ? "spoiler" : ""}`;
  if (kind(media) === "video") return h("div", { class: classes }, h("video", { src: url, controls: true, preload: "metadata", playsinline: true }));
  return h("button", { class: classes, data: { do: "enlarge", group }, title: description ?? "", "aria-label": description || t("open") },
    h("img", { src: url, alt: description ?? "", width: media.width, height: media.height, decoding: "async" }),
    spoiler && h("span", { class: "veil" }, t("spoiler")));
}

export function gallery(items, group) {
  const count = Math.min(items.length, 10);
  return h("div", { class: `gallery of-${count}` }, items.map((item) => picture(item.media, item.description, item.spoiler, group)));
}

export function attachments(items, group) {
  const seen = items.filter((item) => ["image", "video"].includes(kind(item)));
  const rest = items.filter((item) => !seen.includes(item));
  return [
    seen.length > 0 && gallery(seen.map((item) => ({ media: item, description: item.description, spoiler: item.filename.startsWith("SPOILER_") })), group),
    rest.map((item) => file({ url: item.url, name: item.filename, bytes: item.size, type: item.content_type })),
  ];
}

export function file({ url, name, bytes, type, spoiler }) {
  const title = h("div", { class: "file-name" },
    isOurs(url) ? h("a", { href: `${url}?download`, download: name }, name) : name,
    h("small", {}, bytes === undefined ? "" : size(bytes)));
  const audio = kind({ content_type: type }) === "audio";
  return h("div", { class: `file ${audio ? "audio" : ""} ${spoiler ? "spoiler" : ""}` },
    h("div", { class: "file-head" }, icon(ICONS.file, 32), title,
      isOurs(url) && h("a", { class: "file-get", href: `${url}?download`, download: name, "aria-label": t("download") }, icon(ICONS.down))),
    audio && h("audio", { src: url, controls: true, preload: "metadata" }));
}

export function enlarge(button) {
  const group = [...document.querySelectorAll(`[data-group="${CSS.escape(button.dataset.group)}"] img`)];
  let index = Math.max(0, group.indexOf(button.querySelector("img")));
  const shown = h("img", { alt: "" });
  const original = h("a", { target: "_blank", rel: "noopener" }, t("open"));
  const show = (step) => {
    index = (index + step + group.length) % group.length;
    shown.src = group[index].src;
    shown.alt = original.title = group[index].alt;
    original.href = group[index].src;
  };
  const dialog = h("dialog", { class: "lightbox", onclick: (event) => event.target.closest("a, .step") ?? dialog.close(), onclose: () => dialog.remove() },
    h("div", { class: "lightbox-view" },
      group.length > 1 && h("button", { class: "step", "aria-label": t("previous"), onclick: () => show(-1) }, "‹"), shown,
      group.length > 1 && h("button", { class: "step", "aria-label": t("next"), onclick: () => show(1) }, "›")),
    original);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(-1);
    if (event.key === "ArrowRight") show(1);
  });
  show(0);
  document.body.append(dialog);
  dialog.showModal();
}
