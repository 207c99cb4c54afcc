// Small helpers that the other modules share. Every page works without any of them.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const sprite = new URL("../icons.svg", import.meta.url).pathname;
const SVG = "http://www.w3.org/2000/svg";

// icon builds <svg><use/></svg> for a symbol of the sprite.
export function icon(id, cls = "i") {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", cls);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${id}`);
  svg.append(use);
  return svg;
}

// el builds an element; children that are strings become text, never markup.
export function el(name, attrs = {}, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attrs)) if (v !== undefined && v !== null) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

// say announces a sentence to screen readers without moving the focus.
export function say(text) {
  const box = $("#say");
  if (box) box.textContent = text;
}

// typing reports whether a key press belongs to a field.
export const typing = (e) =>
  e.target.closest?.("input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]");
