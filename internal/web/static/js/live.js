// Fragment swap. <form data-live="#id"> sends the same request with X-Fragment: id and
// replaces that element, and every [data-swap] element with an id, from the answer.
// On any trouble the form is submitted the ordinary way.
import { $, $$, say } from "./dom.js";
import { count } from "./bulk.js";

let running;

async function send(form, submitter) {
  const target = form.dataset.live;
  const post = form.method === "post";
  const data = new FormData(form, submitter);
  const url = new URL(form.action);
  const options = { headers: { "X-Fragment": target.slice(1) } };
  if (post) {
    options.method = "POST";
    options.body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
  } else {
    url.search = new URLSearchParams([...data].filter(([, v]) => v));
    running?.abort();
    running = new AbortController();
    options.signal = running.signal;
  }
  try {
    const res = await fetch(url, options);
    if (post && res.redirected) return location.assign(res.url);
    const doc = new DOMParser().parseFromString(await res.text(), "text/html");
    const next = $(target, doc);
    if (!next) throw new Error(`no ${target} in the answer`);
    swap(next, doc);
    if (post) $("[aria-invalid=true],textarea", $(target))?.focus();
    else history.replaceState(null, "", url);
    if (next.dataset.announce) say(next.dataset.announce);
    count();
  } catch (err) {
    if (err.name !== "AbortError") form.submit();
  }
}

function swap(next, doc) {
  const focused = document.activeElement?.id;
  for (const part of $$("[data-swap][id]", doc)) {
    const old = document.getElementById(part.id);
    if (old && !next.contains(part)) old.replaceWith(document.adoptNode(part));
  }
  document.getElementById(next.id)?.replaceWith(document.adoptNode(next));
  const back = focused && document.getElementById(focused);
  if (back && back !== document.activeElement) back.focus();
}

document.addEventListener("submit", (e) => {
  if (!e.target.matches("form[data-live]")) return;
  e.preventDefault();
  send(e.target, e.submitter);
});

let timer;
document.addEventListener("input", (e) => {
  const form = e.target.closest("form[data-live]");
  if (!form || form.method !== "get") return;
  clearTimeout(timer);
  timer = setTimeout(() => send(form), e.target.type === "search" ? 160 : 0);
});
