// Toasts: short results, bottom right. Errors stay longer and are never the only trace.
import { $, $$, el, icon } from "./dom.js";

const GLYPH = { ok: "g-check", bad: "g-cross", warn: "g-warn", info: "info" };
const life = (tone) => (tone === "bad" ? 12000 : 6000);

export function toast(text, tone = "ok") {
  const t = el("div", { class: `toast tone-${tone}` }, icon(GLYPH[tone] ?? "info", "g"), el("span", {}, text));
  $("#toasts")?.append(t);
  setTimeout(() => t.remove(), life(tone));
}

for (const t of $$("#toasts .toast")) setTimeout(() => t.remove(), life(t.dataset.tone));

// <form data-toast>: the answer {toast, tone} or {error:{message}} is shown as a toast;
// anything else, and every failure, falls back to an ordinary submit.
document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!form.matches("form[data-toast]") || e.defaultPrevented) return;
  e.preventDefault();
  try {
    const res = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form, e.submitter)),
      headers: { Accept: "application/json" },
    });
    const answer = await res.json();
    if (answer.error) toast(answer.error.message, "bad");
    else if (answer.toast) toast(answer.toast, answer.tone);
    else throw new Error("no toast");
  } catch {
    form.submit();
  }
});
