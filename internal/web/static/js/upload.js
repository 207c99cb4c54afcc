// Upload: fingerprint in the browser, send with progress, compare with the server's answer
// {id, sha256, url} or {error: {key, message}}. The finished file leaves a hidden field with
// its id in the form. Without script the plain file field does the work.
import { $, $$, el, say } from "./dom.js";

// WebCrypto hashes whole buffers only: a larger file would have to fit in memory.
const HASH_LIMIT = 64 * 1024 * 1024;

async function fingerprint(file) {
  if (file.size > HASH_LIMIT || !globalThis.crypto?.subtle) return null;
  const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

function size(n, lang) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let i = 0;
  while (n >= 1000 && i < 3) {
    n /= 1000;
    i++;
  }
  return new Intl.NumberFormat(lang, { style: "unit", unit: units[i], maximumFractionDigits: i && n < 100 ? 1 : 0 }).format(n);
}

function setup(drop) {
  const t = drop.dataset;
  const input = $("input[type=file]", drop);
  const list = document.getElementById(t.list);
  const template = $("template", drop);
  let busy = 0;

  function finish(li, state, text) {
    li.dataset.state = state;
    $(".file-s .file-t", li).textContent = text;
    $("progress", li)?.remove();
    say(`${$("b", li).textContent}: ${text}`);
  }

  async function send(file) {
    const li = template.content.firstElementChild.cloneNode(true);
    const bar = $("progress", li);
    const state = $(".file-t", li);
    const remove = $("button", li);
    const xhr = new XMLHttpRequest();
    $("b", li).textContent = file.name;
    $(".file-z", li).textContent = size(file.size, document.documentElement.lang);
    bar.setAttribute("aria-label", file.name);
    remove.setAttribute("aria-label", `${t.remove} ${file.name}`);
    remove.addEventListener("click", () => {
      xhr.abort();
      li.remove();
      input.focus();
    });
    list.append(li);
    if (t.max && file.size > Number(t.max)) return finish(li, "bad", t.tooLarge);

    busy++;
    xhr.addEventListener("loadend", () => busy--);
    let local = null;
    try {
      state.textContent = t.hashing;
      local = await fingerprint(file);
    } catch {
      busy--;
      return finish(li, "bad", t.unreadable);
    }
    if (!li.isConnected) return void busy--;
    xhr.upload.addEventListener("progress", (e) => {
      bar.value = (e.loaded / e.total) * 100;
      state.textContent = bar.value < 100 ? `${Math.round(bar.value)} %` : t.storing;
    });
    xhr.addEventListener("error", () => finish(li, "bad", t.failed));
    xhr.addEventListener("load", () => {
      let answer = {};
      try {
        answer = JSON.parse(xhr.responseText);
      } catch {
        answer = {};
      }
      if (answer.error) return finish(li, "bad", answer.error.message);
      if (xhr.status >= 300 || !answer.id || !answer.sha256) return finish(li, "bad", t.failed);
      if (local && local !== answer.sha256) return finish(li, "bad", t.differs);
      li.append(el("input", { type: "hidden", name: t.field, value: answer.id }));
      $(".file-h", li).textContent = `${answer.sha256.slice(0, 16)}…${answer.sha256.slice(-8)}`;
      $(".file-h", li).title = answer.sha256;
      finish(li, local ? "ok" : "info", local ? t.match : t.server);
    });
    xhr.open("POST", t.upload);
    xhr.setRequestHeader("Accept", "application/json");
    const body = new FormData();
    body.append("file", file);
    xhr.send(body);
  }

  const over = (on) => (e) => {
    e.preventDefault();
    drop.classList.toggle("over", on);
  };
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, over(true));
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, over(false));
  drop.addEventListener("drop", (e) => {
    const files = [...e.dataTransfer.files];
    for (const f of input.multiple ? files : files.slice(0, 1)) send(f);
  });
  input.addEventListener("change", () => {
    for (const f of input.files) send(f);
    input.value = "";
  });
  input.form?.addEventListener("submit", (e) => {
    if (!busy) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    $(".drop-busy", drop).hidden = false;
    say(t.busy);
  });
}

for (const drop of $$("[data-upload]")) setup(drop);
