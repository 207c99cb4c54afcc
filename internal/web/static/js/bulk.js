// Bulk selection. The bar itself appears by CSS (:has(:checked)); this keeps its count,
// the "select all" box and the clear button.
import { $, $$, say } from "./dom.js";

const boxes = (form) => $$("tbody .c-x input[type=checkbox]", form);

export function count(root = document) {
  for (const form of $$("form.bulk-form", root)) {
    const all = boxes(form);
    const n = all.filter((b) => b.checked).length;
    for (const out of $$("[data-selected]", form)) out.textContent = n;
    const every = $("thead .c-x input", form);
    if (every) {
      every.checked = n > 0 && n === all.length;
      every.indeterminate = n > 0 && n < all.length;
    }
  }
}

document.addEventListener("change", (e) => {
  const cell = e.target.closest(".c-x");
  const form = cell?.closest("form.bulk-form");
  if (!form) return;
  if (cell.closest("thead")) for (const b of boxes(form)) b.checked = e.target.checked;
  count();
  const bar = $(".bulk", form);
  if (bar) say(bar.innerText.split("\n")[0]);
});

document.addEventListener("click", (e) => {
  const form = e.target.closest("[data-clear]")?.closest("form.bulk-form");
  if (!form) return;
  for (const b of boxes(form)) b.checked = false;
  count();
});

count();
