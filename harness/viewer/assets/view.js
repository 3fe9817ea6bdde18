// Keeps what changes up to date: where unfinished runs stand. Texts come ready to be shown; nothing is computed here.
"use strict";

const EVERY = 2000;
const news = document.getElementById("news");
const table = document.querySelector("[data-version]");
const shown = new Map([...document.querySelectorAll("[data-run]")].map((part) => [part.dataset.run, part]));
let version = table?.dataset.version;
let failed = 0;

function tell(text) {
  if (news.hidden || news.firstElementChild.textContent !== text) {
    news.firstElementChild.textContent = text;
    news.hidden = false;
  }
}

function put(part, live) {
  for (const place of part.querySelectorAll("[data-live]")) {
    const text = live[place.dataset.live];
    if (text === undefined) continue;
    if (place instanceof HTMLProgressElement) place.value = Number(text);
    else if (place.textContent !== text) place.textContent = text;
  }
}

function take(found) {
  for (const [link, part] of shown) {
    if (found.runs[link]) put(part, found.runs[link]);
    // A page about one run that was under way has nothing else to say: it becomes the page of the finished run.
    else if ("again" in part.dataset) location.reload();
  }
  if (version !== undefined && found.version !== version) tell(news.dataset.changed);
}

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch("/live.json", { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      take(await answer.json());
      if (failed > 1) news.hidden = true;
      failed = 0;
    } catch {
      failed += 1;
      if (failed > 1) tell(news.dataset.gone);
    }
  }
  setTimeout(look, EVERY);
}

for (const time of document.querySelectorAll("time")) time.title = new Date(time.dateTime).toLocaleString();
if (shown.size > 0 || table) setTimeout(look, EVERY);
