// A form (modal) the bot shows: texts, menus, choices and files; what is filled in stays until it was accepted.

import { act } from "./api.js";
import { entries } from "./components.js";
import { h, icon, ICONS } from "./dom.js";
import { markdown } from "./markdown.js";
import { outcome } from "./outcome.js";
import { state } from "./state.js";
import { size, t } from "./words.js";

export function openForm({ id, form }) {
  const fields = [];
  const trouble = h("p", { class: "trouble", hidden: true });
  const send = h("button", { class: "button primary" }, t("submit"));
  const body = form.components.map((item) => part(item, fields));
  const close = () => dialog.close();
  const dialog = h("dialog", { class: "form", onclose: () => dialog.remove() },
    h("form", { method: "dialog", novalidate: true, onsubmit: submit },
      h("header", {}, h("h2", {}, form.title), h("button", { type: "button", class: "plain", "aria-label": t("cancel"), onclick: close }, icon(ICONS.close))),
      h("div", { class: "form-body" }, body, trouble),
      h("footer", {}, h("button", { type: "button", class: "button secondary", onclick: close }, t("cancel")), send)));

  async function submit(event) {
    event.preventDefault();
    const problem = fields.map((field) => field.problem()).find(Boolean);
    if (problem) return complain(problem);
    const values = {};
    const files = [];
    for (const field of fields) {
      const value = field.value();
      if (field.files) files.push(...value.map((file) => [field.name, file]));
      else if (value !== undefined) values[field.name] = value;
    }
    send.disabled = true;
    const answer = await act("submit", { form: id, values }, files);
    send.disabled = false;
    if (answer.state === "refused") return complain(t("refused", { text: answer.text }));
    if (answer.state !== "answered" && answer.state !== "form") return complain(t("wrong"));
    dialog.close();
    await outcome(answer, "failed");
  }

  function complain(text) {
    trouble.textContent = text;
    trouble.hidden = false;
  }

  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("textarea, input:not([type=file]), select")?.focus();
}

function part(item, fields) {
  if (item.type === 10) return markdown(item.content);
  if (item.type === 1) return item.components.map((inner) => labelled(inner.label, "", inner, fields));
  if (item.type === 18) return labelled(item.label, item.description, item.component, fields);
  return labelled("", "", item, fields);
}

function labelled(label, description, item, fields) {
  const field = control(item);
  if (!field) return null;
  fields.push({ name: item.custom_id, ...field });
  const required = item.required ?? (item.type === 4 || (item.type >= 3 && item.type <= 8));
  return h(field.group ? "fieldset" : "label", { class: "form-field" },
    label && h("span", { class: "form-label" }, label, required && h("b", { class: "star" }, "*")),
    description && h("small", {}, description),
    field.element);
}

const never = () => "";

function control(item) {
  if (item.type === 4) return text(item);
  if (item.type === 3 || (item.type >= 5 && item.type <= 8)) return select(item);
  if (item.type === 19) return upload(item);
  if (item.type === 21 || item.type === 22) return choices(item);
  if (item.type === 23) {
    const box = h("input", { type: "checkbox", checked: item.default });
    return { element: box, value: () => box.checked, problem: never };
  }
  return null;
}

function text(item) {
  const props = { placeholder: item.placeholder, maxlength: item.max_length, name: item.custom_id };
  const element = item.style === 2 ? h("textarea", { rows: 4, ...props }, item.value ?? "") : h("input", { type: "text", value: item.value, ...props });
  const required = item.required ?? true;
  const problem = () => (required && !element.value ? t("required") : "");
  return { element, value: () => element.value, problem };
}

function select(item) {
  const list = entries(item);
  const several = (item.max_values ?? 1) > 1;
  const element = h("select", { multiple: several, size: several ? Math.min(6, list.length) : undefined },
    !several && h("option", { value: "" }, item.placeholder || t("choose")),
    list.map((entry, index) => h("option", { value: index, selected: entry.default }, [entry.emoji, entry.label, entry.description && `— ${entry.description}`].filter(Boolean).join(" "))));
  const value = () => [...element.selectedOptions].filter((option) => option.value !== "").map((option) => list[Number(option.value)].value);
  const problem = () => ((item.required ?? true) && value().length < (item.min_values ?? 1) ? t("required") : "");
  return { element, value, problem };
}

function upload(item) {
  const names = h("span", { class: "file-names" }, t("drop"));
  const input = h("input", { type: "file", multiple: (item.max_values ?? 1) > 1, name: item.custom_id, onchange: () => {
    names.textContent = [...input.files].map((file) => `${file.name} (${size(file.size)})`).join(", ") || t("drop");
  } });
  const problem = () => {
    const large = [...input.files].find((file) => file.size > state.uploadLimit);
    if (large) return t("large", { name: large.name, size: size(state.uploadLimit) });
    return (item.required ?? true) && input.files.length < (item.min_values ?? 1) ? t("required") : "";
  };
  return { element: h("span", { class: "upload" }, h("span", { class: "button secondary" }, t("pick")), names, input), value: () => [...input.files], problem, files: true };
}

function choices(item) {
  const kind = item.type === 21 ? "radio" : "checkbox";
  const boxes = item.options.map((option) => h("input", { type: kind, name: `choice-${item.custom_id}`, value: option.value, checked: option.default }));
  const element = h("span", { class: "choices" }, item.options.map((option, index) => h("label", {}, boxes[index], h("span", {}, option.label, option.description && h("small", {}, option.description)))));
  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const problem = () => ((item.required ?? true) && !chosen().length ? t("required") : "");
  return { element, value: () => (kind === "radio" ? chosen()[0] : chosen()), problem, group: true };
}
