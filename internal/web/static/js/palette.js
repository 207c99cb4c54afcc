// Command palette (⌘K, Ctrl K): every link of the navigation, the page's own actions, and
// what the server suggests for the words typed.
import { $, $$, el, icon, typing } from "./dom.js";

const dialog = $("#palette");
const input = dialog && $("input", dialog);
const list = dialog && $("[role=listbox]", dialog);
let found = [];
let asking;

const own = () =>
  $$("#side a[data-go], [data-command]").map((a) => ({
    label: (a.dataset.command || $("span", a)?.textContent || a.textContent).trim(),
    hint: a.dataset.hint ?? "",
    icon: $("use", a)?.getAttribute("href").split("#")[1] ?? "chev",
    href: a.href,
    key: a.dataset.key,
  }));

function option(entry, i) {
  const li = el("li", { role: "option", id: `po${i}`, "aria-selected": i === 0, "data-href": entry.href },
    icon(entry.icon || "chev"), el("span", {}, entry.label), el("small", {}, entry.hint ?? ""));
  if (entry.key) li.append(el("kbd", {}, entry.key));
  return li;
}

function draw() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = own().filter((c) => words.every((w) => `${c.label} ${c.hint}`.toLowerCase().includes(w)));
  const all = [...hits, ...found].slice(0, 40);
  list.replaceChildren(...all.map(option));
  $(".pal-none", dialog).hidden = all.length > 0;
  input.setAttribute("aria-activedescendant", all.length ? "po0" : "");
}

async function ask() {
  const url = dialog.dataset.suggest;
  const q = input.value.trim();
  asking?.abort();
  if (!url || q.length < 2) return (found = []);
  asking = new AbortController();
  try {
    const at = new URL(url, location.href);
    at.searchParams.set("q", q);
    const res = await fetch(at, { headers: { Accept: "application/json" }, signal: asking.signal });
    found = res.ok ? (await res.json()).filter((x) => new URL(x.href, location.href).origin === location.origin) : [];
    draw();
  } catch (err) {
    if (err.name !== "AbortError") found = [];
  }
}

function move(step) {
  const options = $$("li", list);
  if (!options.length) return;
  const i = options.findIndex((o) => o.getAttribute("aria-selected") === "true");
  options[i]?.setAttribute("aria-selected", "false");
  const next = options[(i + step + options.length) % options.length];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", next.id);
}

export function openPalette() {
  if (!dialog || dialog.open) return;
  found = [];
  input.value = "";
  draw();
  dialog.showModal();
  input.focus();
}

if (dialog) {
  let timer;
  input.addEventListener("input", () => {
    draw();
    clearTimeout(timer);
    timer = setTimeout(ask, 140);
  });
  input.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      move(e.key === "ArrowDown" ? 1 : -1);
    }
    if (e.key === "Enter") {
      e.preventDefault();
      const chosen = $("[aria-selected=true]", list);
      if (chosen) location.assign(chosen.dataset.href);
    }
  });
  list.addEventListener("click", (e) => {
    const chosen = e.target.closest("li");
    if (chosen) location.assign(chosen.dataset.href);
  });
  document.addEventListener("click", (e) => e.target.closest("[data-palette]") && openPalette());
  document.addEventListener("keydown", (e) => {
    if ((e.metaKey || e.ctrlKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
      if (typing(e) && $("dialog[open]")) return;
      e.preventDefault();
      openPalette();
    }
  });
}
