// Builds elements from data (text only ever becomes text) and changes a shown tree into a new one in place.

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key === "style") for (const [name, item] of Object.entries(value)) element.style.setProperty(name, item);
    else if (value === true) element.setAttribute(key, "");
    else element.setAttribute(key, String(value));
  }
  append(element, children);
  return element;
}

export function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

// Only what differs is touched: a playing video, a picture still shown while the next one loads, a revealed
// spoiler and the scroll position all survive an edit of the message around them.
export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return old;
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return old;
  }
  morphAttributes(old, fresh);
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((child, index) => {
    if (index < before.length) morph(before[index], child);
    else old.append(child);
  });
  before.slice(after.length).forEach((child) => child.remove());
  return old;
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.dataset.key : undefined;
}

function morphAttributes(old, fresh) {
  const revealed = old.classList.contains("revealed") && fresh.classList.contains("spoiler");
  for (const { name } of [...old.attributes]) {
    if (name !== "style" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  if (revealed) old.classList.add("revealed");
}

export function avatar(person, size = "") {
  if (person.bot) return h("img", { class: `avatar ${size}`, src: "/page/bot.svg", alt: "" });
  const hue = [...person.name].reduce((sum, letter) => sum + letter.codePointAt(0) * 47, 0) % 360;
  return h("span", { class: `avatar ${size}`, style: { "--hue": hue }, "aria-hidden": "true" }, [...person.name][0]);
}

export function icon(path, size = 20) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("width", size);
  svg.setAttribute("height", size);
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  shape.setAttribute("fill", "currentColor");
  svg.append(shape);
  return svg;
}

export const ICONS = {
  menu: "M3 5h18v2H3zm0 6h18v2H3zm0 6h18v2H3z",
  send: "M3 20.500V14l9-2-9-2V3.500L22 12z",
  close: "M6.400 5 5 6.400 10.600 12 5 17.600 6.400 19 12 13.400 17.600 19 19 17.600 13.400 12 19 6.400 17.600 5 12 10.600z",
  eye: "M12 5C6 5 2 12 2 12s4 7 10 7 10-7 10-7-4-7-10-7zm0 11a4 4 0 1 1 0-8 4 4 0 0 1 0 8zm0-2.200a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600z",
  file: "M6 2h8l5 5v15H6V2zm7 1.500V8h4.500L13 3.500z",
  down: "M12 16 5 9h4V3h6v6h4l-7 7zm-8 3h16v2H4z",
  chevron: "M6 9l6 6 6-6-1.400-1.400L12 12.200 7.400 7.600z",
  link: "M14 3h7v7h-2V6.400l-9.300 9.300-1.400-1.400L17.600 5H14V3zM5 5h5v2H5v12h12v-5h2v7H3V5h2z",
  bin: "M9 3h6l1 2h4v2H4V5h4zM6 9h12l-1 12H7z",
  more: "M6 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zm6 0a2 2 0 1 0 0 4 2 2 0 0 0 0-4zm6 0a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  plus: "M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7z",
  corner: "M4 20v-7a6 6 0 0 1 6-6h10v2H10a4 4 0 0 0-4 4v7z",
};
