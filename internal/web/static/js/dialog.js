// Dialogs, copy buttons and forms that are on their way.
import { $, $$, say } from "./dom.js";
import { toast } from "./toast.js";

document.addEventListener("click", (e) => {
  // <a href="/fallback" data-dialog="id"> opens the dialog; without script it is a page.
  const opener = e.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog && !e.metaKey && !e.ctrlKey) {
    e.preventDefault();
    dialog.showModal();
    return;
  }
  if (e.target.closest("[data-close]")) return e.target.closest("dialog")?.close();
  if (e.target.matches("dialog")) e.target.close(); // the backdrop

  const copy = e.target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard?.writeText(copy.dataset.copy).then(
      () => toast(copy.dataset.copied),
      () => select(copy),
    ) ?? select(copy);
  }
  if (e.target.closest("[data-print]")) print();
});

// Where the clipboard is closed (plain http), the text is at least selected.
function select(button) {
  const code = $("code", button.parentElement);
  if (code) getSelection().selectAllChildren(code);
}

// A form goes once: its button keeps its width, says so, and comes back when the page does.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (e.defaultPrevented || form.method === "dialog" || form.method === "get") return;
  if (form.dataset.sent) return e.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000); // an answer that is a download leaves us here
  const b = e.submitter;
  const label = b && $("span:not(.vh)", b);
  if (!label || !b.dataset.busy) return;
  b.style.minWidth = `${b.offsetWidth}px`;
  b.dataset.was = label.textContent;
  label.textContent = b.dataset.busy;
  say(b.dataset.busy);
});
addEventListener("pageshow", () => {
  for (const form of $$("form[data-sent]")) delete form.dataset.sent;
  for (const b of $$("button[data-was]")) {
    $("span:not(.vh)", b).textContent = b.dataset.was;
    delete b.dataset.was;
  }
});

// After a refused form the summary gets the focus, so that it is read first.
$("[data-errors]")?.focus();
