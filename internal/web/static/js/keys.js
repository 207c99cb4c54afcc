// Single-key shortcuts: / filter, g + letter jump, j k rows, x select, e edit, ? help.
// They can be switched off in the profile (WCAG 2.1.4): <body data-keys="off">.
import { $, $$, typing } from "./dom.js";

let prefix = false;
let row = -1;

function rows(key) {
  const all = $$("table.grid tbody tr:not(.grp)");
  if (!all.length) return;
  if (key === "x") return $(".c-x input", all[row] ?? all[0])?.click();
  all[row]?.classList.remove("cur");
  row = Math.max(0, Math.min(all.length - 1, row + (key === "j" ? 1 : -1)));
  all[row].classList.add("cur");
  $("a", all[row])?.focus({ preventScroll: true });
  all[row].scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (e) => {
  if (document.body.dataset.keys === "off" || $("dialog[open]")) return;
  if (e.metaKey || e.ctrlKey || e.altKey || typing(e)) return;
  if (prefix) {
    prefix = false;
    const link = $(`[data-key="g ${CSS.escape(e.key)}"]`);
    if (link) return location.assign(link.href);
  }
  switch (e.key) {
    case "g":
      prefix = true;
      setTimeout(() => (prefix = false), 900);
      break;
    case "/": {
      const field = $("[data-slash]");
      if (!field) return;
      e.preventDefault();
      field.focus();
      field.select();
      break;
    }
    case "?":
      $("#shortcuts")?.showModal();
      break;
    case "e":
      $("[data-edit]")?.click();
      break;
    case "j":
    case "k":
    case "x":
      rows(e.key);
  }
});
