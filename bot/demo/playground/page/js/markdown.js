// Discord's Markdown as DOM nodes; nothing is ever parsed as HTML.

import { h } from "./dom.js";
import { personById, state } from "./state.js";
import { relative, stamp } from "./words.js";

export function markdown(text) {
  const root = h("div", { class: "markdown" });
  const lines = text.split("\n");
  let index = 0;
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) root.append(h("p", {}, inline(paragraph.join("\n"))));
    paragraph = [];
  };
  while (index < lines.length) {
    const line = lines[index];
    const fence = line.match(/^(.*?)```(.*)$/);
    if (fence && lines.slice(index).join("\n").slice(fence[1].length + 3).includes("```")) {
      if (fence[1]) paragraph.push(fence[1]);
      flush();
      index = code(root, lines, index, fence);
      continue;
    }
    const block = heading(line) ?? subtext(line);
    if (block) {
      flush();
      root.append(block);
      index += 1;
    } else if (/^(>>> |> )/.test(line)) {
      flush();
      index = quote(root, lines, index);
    } else if (/^\s*([-*]|\d+\.) /.test(line)) {
      flush();
      index = list(root, lines, index);
    } else {
      paragraph.push(line);
      index += 1;
    }
  }
  flush();
  return root;
}

function code(root, lines, index, fence) {
  const rest = [fence[2], ...lines.slice(index + 1)].join("\n");
  const end = rest.indexOf("```");
  const body = rest.slice(0, end).replace(/^[\w+-]*\n/, "").replace(/\n$/, "");
  root.append(h("pre", {}, h("code", {}, body)));
  const after = rest.slice(end + 3);
  const used = index + rest.slice(0, end).split("\n").length - 1;
  const remainder = after.split("\n")[0];
  if (remainder.trim()) {
    lines[used] = remainder;
    return used;
  }
  return used + 1;
}

function heading(line) {
  const found = line.match(/^(#{1,3}) +(.+)$/);
  return found && h(`h${found[1].length}`, {}, inline(found[2]));
}

function subtext(line) {
  const found = line.match(/^-# +(.+)$/);
  return found && h("small", {}, inline(found[1]));
}

function quote(root, lines, index) {
  const taken = [];
  if (lines[index].startsWith(">>> ")) {
    taken.push(lines[index].slice(4), ...lines.slice(index + 1));
    index = lines.length;
  } else {
    while (index < lines.length && lines[index].startsWith("> ")) taken.push(lines[index++].slice(2));
  }
  root.append(h("blockquote", {}, markdown(taken.join("\n"))));
  return index;
}

function list(root, lines, index) {
  const stack = [];
  while (index < lines.length) {
    const found = lines[index].match(/^(\s*)([-*]|\d+\.) (.*)$/);
    if (!found) break;
    const depth = found[1].length;
    while (stack.length && stack.at(-1).depth > depth) stack.pop();
    if (!stack.length || stack.at(-1).depth < depth) {
      const ordered = /\d/.test(found[2]);
      const element = h(ordered ? "ol" : "ul", ordered ? { start: parseInt(found[2], 10) } : {});
      (stack.at(-1)?.element.lastElementChild ?? root).append(element);
      stack.push({ depth, element });
    }
    stack.at(-1).element.append(h("li", {}, inline(found[3])));
    index += 1;
  }
  return index;
}

const RULES = [
  [/^\\([^\p{L}\p{N}\s])/u, (m) => m[1]],
  [/^(`+)([^]*?[^`])\1(?!`)/, (m) => h("code", {}, m[2].trim())],
  [/^\[([^\]\n]+)\]\(<?(https?:\/\/[^\s)>]+)>?(?: "[^"]*")?\)/, (m) => link(m[2], inline(m[1]))],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], m[1])],
  [/^https?:\/\/[^\s<]*[^\s<.,:;"')\]*_~|]/, (m) => link(m[0], m[0])],
  [/^<@!?(\d+)>/, (m) => mention(`@${personById(m[1])?.name ?? m[1]}`)],
  [/^<@&(\d+)>/, (m) => mention(`@${m[1]}`)],
  [/^<#(\d+)>/, (m) => mention(`#${state.channels.find((item) => item.id === m[1])?.name ?? m[1]}`)],
  [/^<\/([^:>]+):\d+>/, (m) => h("button", { class: "mention", data: { do: "command", command: m[1] } }, `/${m[1]}`)],
  [/^<t:(-?\d+)(?::([tTdDfFR]))?>/, (m) => (Math.abs(Number(m[1])) < 8.64e12 ? time(Number(m[1]), m[2]) : m[0])],
  [/^<a?:(\w+):\d+>/, (m) => `:${m[1]}:`],
  [/^\*\*\*(?!\s)([^]+?)\*\*\*/, (m) => h("strong", {}, h("em", {}, inline(m[1])))],
  [/^\*\*([^]+?)\*\*(?!\*)/, (m) => h("strong", {}, inline(m[1]))],
  [/^__([^]+?)__(?!_)/, (m) => h("u", {}, inline(m[1]))],
  [/^\*(?![\s*])([^*]*(?:\*\*[^*]+\*\*[^*]*)*[^\s*]|[^\s*])\*(?!\*)/, (m) => h("em", {}, inline(m[1]))],
  [/^_(?![\s_])([^]*?[^\s_])_(?![\p{L}\p{N}_])/u, (m) => h("em", {}, inline(m[1]))],
  [/^~~([^]+?)~~/, (m) => h("s", {}, inline(m[1]))],
  [/^\|\|([^]+?)\|\|/, (m) => h("span", { class: "spoiler text", data: { do: "reveal" } }, inline(m[1]))],
];

const SPECIAL = /[\\`[<h*_~|]/;

export function inline(text) {
  const nodes = [];
  let plain = "";
  let rest = text;
  while (rest) {
    const word = plain && /[\p{L}\p{N}]$/u.test(plain) && /^[_h]/.test(rest);
    const rule = SPECIAL.test(rest[0]) && !word && RULES.find(([pattern]) => pattern.test(rest));
    if (!rule) {
      plain += rest[0];
      rest = rest.slice(1);
      continue;
    }
    const found = rest.match(rule[0]);
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(rule[1](found));
    rest = rest.slice(found[0].length);
  }
  if (plain) nodes.push(plain);
  return nodes;
}

function link(address, words) {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, words);
}

function mention(words) {
  return h("span", { class: "mention" }, words);
}

function time(seconds, style) {
  const shown = style === "R" ? relative(seconds) : stamp(seconds, style);
  return h("time", { class: "stamp", title: stamp(seconds, "F"), data: style === "R" ? { relative: seconds } : {} }, shown);
}

export function tick(root) {
  for (const element of root.querySelectorAll("time[data-relative]")) {
    const words = relative(Number(element.dataset.relative));
    if (element.textContent !== words) element.textContent = words;
  }
}
