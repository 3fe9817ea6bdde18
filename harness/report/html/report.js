"use strict";
// What makes a report's page one to look around in: languages and themes, the list of decisions with its filters and
// its search, one decision with all that is known of it, and copies of it for elsewhere.
// The figures stand in the page without this script. Model output is hostile input: it reaches the page as JSON alone
// and is shown with text nodes alone, what cannot be seen in it made visible; nothing here parses HTML.

// ---------------------------------------------------------------------------------------------------------- elements

// What a reader cannot see, or what changes the order of what is seen.
const HIDDEN = /(?:(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u{e0100}-\u{e01ef}\u115f\u1160\u3164\uffa0])+/gu;

/** The names of hidden characters, as \uXXXX. */
function named(characters) {
  return Array.from(characters, (one) => {
    const code = one.codePointAt(0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
  }).join("");
}

/** A text for a place that holds nothing but text. */
function visible(text) {
  return text.replace(HIDDEN, named);
}

const MOST_SET_APART = 500;

/** A text as nodes, hidden characters set apart; where there are very many, named alone. */
function nodesOf(text) {
  const found = [...text.matchAll(HIDDEN)];
  if (found.length > MOST_SET_APART) return [document.createTextNode(visible(text))];
  const nodes = [];
  let position = 0;
  for (const match of found) {
    if (match.index > position) nodes.push(document.createTextNode(text.slice(position, match.index)));
    const mark = document.createElement("span");
    mark.className = "hidden-character";
    mark.textContent = named(match[0]);
    nodes.push(mark);
    position = match.index + match[0].length;
  }
  if (position < text.length) nodes.push(document.createTextNode(text.slice(position)));
  return nodes;
}

/** An element; children are nodes, texts, or nothing. Attributes that begin with "on" are listeners. */
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : visible(String(value)));
  }
  put(made, children);
  return made;
}

function put(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    if (child instanceof Node) parent.append(child);
    else parent.append(...nodesOf(String(child)));
  }
}

const byId = (id) => document.getElementById(id);

// ------------------------------------------------------------------------------------------- languages, themes, memory

const settings = {
  /** What was chosen earlier; null where nothing was, or where the browser keeps nothing for a file. */
  get(name) {
    try {
      return localStorage.getItem(`harness-report-${name}`);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`harness-report-${name}`, value);
    } catch {
      // Then it holds until the page is closed.
    }
  },
};

let words = {};
let language = settings.get("language") ?? (navigator.language?.toLowerCase().startsWith("zh") ? "zh" : "en");

/** A word of the page in the reader's language, {names} in it replaced. */
function t(key, values = {}) {
  const text = words[key]?.[language] ?? words[key]?.en ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const count = (number) => number.toLocaleString(language === "zh" ? "zh-CN" : "en");

function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen === "zh" ? "zh-Hans" : "en";
  for (const place of document.querySelectorAll("[data-word]")) {
    // What the program itself says in English (titles of tables, names of facts) stands in the page alone.
    place.dataset.english ??= place.textContent;
    place.textContent = words[place.dataset.word]?.[language] ?? place.dataset.english;
  }
  for (const place of document.querySelectorAll("[data-word-label]")) {
    place.setAttribute("aria-label", t(place.dataset.wordLabel));
  }
}

const isDark = () =>
  (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) ===
  "dark";

// Before the first paint: a page that turns dark after it was light hurts.
if (["light", "dark"].includes(settings.get("theme"))) document.documentElement.dataset.theme = settings.get("theme");
document.documentElement.classList.add("scripted");

/** The buttons of the page's head, in the reader's language. */
function drawSwitches() {
  const other = language === "zh" ? "en" : "zh";
  byId("switches").replaceChildren(
    el("button", { type: "button", lang: other === "zh" ? "zh-Hans" : "en", onclick: () => relanguage(other) },
      other === "zh" ? "中文" : "English"),
    el("button", { type: "button", onclick: () => retheme(isDark() ? "light" : "dark") }, t(isDark() ? "light" : "dark")),
    el("button", { type: "button", "aria-label": t("keys"), title: t("keys"), onclick: () => showHelp() }, "?"),
  );
  byId("switches").hidden = false;
}

function retheme(theme) {
  document.documentElement.dataset.theme = theme;
  settings.set("theme", theme);
  drawSwitches();
  byId("switches").children[1].focus();
}

function relanguage(chosen) {
  settings.set("language", chosen);
  speak(chosen);
  drawSwitches();
  byId("switches").children[0].focus();
  if (index) redrawBrowser();
}

/** Tells a screen reader what happened; a sighted reader sees it anyway, or in `toast`. */
function announce(text) {
  clearTimeout(announceTimer);
  byId("live").textContent = text;
}

let announceTimer = 0;
let toastTimer = 0;
function toast(text) {
  announce(text);
  byId("toast")?.remove();
  document.body.append(el("div", { id: "toast", "aria-hidden": "true" }, text));
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => byId("toast")?.remove(), 2500);
}

// ---------------------------------------------------------------------------------------------------------------- data

let index = null;
let rowCount = 0;
let chunkCount = 0;
const chunks = new Map();
const CHUNKS_KEPT = 16;
let tools = null;

/** A data block of the page, parsed; null where there is none. */
async function block(id) {
  const found = byId(id);
  if (!found) return null;
  if (found.type === "application/json") return JSON.parse(found.textContent);
  const text = atob(found.textContent);
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

/** A part of the transcripts; the last few are kept. */
function chunk(number) {
  const found = chunks.get(number) ?? block(`chunk-${number}`);
  chunks.delete(number);
  chunks.set(number, found);
  if (chunks.size > CHUNKS_KEPT) chunks.delete(chunks.keys().next().value);
  return found;
}

async function toolsOf(keys) {
  tools ??= (await block("tools")) ?? {};
  return keys.map((key) => (Object.hasOwn(tools, key) ? tools[key] : null));
}

/** Opens the index; returns whether there is one. */
async function openIndex() {
  index = await block("index");
  if (!index) return false;
  rowCount = index.rows.case.length;
  for (const number of index.rows.chunk) chunkCount = Math.max(chunkCount, number + 1);
  return true;
}

const caseOf = (row) => index.cases[index.rows.case[row]];
const trialOf = (row) => index.rows.trial?.[row] ?? 0;
const columnsOf = (stage) => index.rows.stages[stage];
const isRollout = () => index.mode === "rollout";

/** Where in the page a decision is: what stands behind the #. */
function placeOf(row) {
  const trial = trialOf(row);
  return `${encodeURIComponent(caseOf(row).toWellFormed())}/${index.rows.index[row]}${trial ? `/${trial}` : ""}`;
}

/** The decision that a place names; -1 where there is none. */
function rowAt(place) {
  const [name, number, trial = "0"] = place.split("/");
  const wanted = index.cases.indexOf(decoded(name));
  if (wanted < 0 || number === undefined) return -1;
  const { case: cases, index: indexes } = index.rows;
  for (let row = 0; row < rowCount; row++) {
    if (cases[row] === wanted && indexes[row] === Number(number) && trialOf(row) === Number(trial)) return row;
  }
  return -1;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a decision is called: its case, its number, its trial. */
function nameOf(row) {
  const trial = trialOf(row);
  return `${caseOf(row)} · ${index.rows.index[row]}${trial ? ` · ${t("trial")} ${trial}` : ""}`;
}

// ------------------------------------------------------------------------------------------------------------- filters

const state = {
  open: -1,
  stage: 0,
  query: "",
  /** Of each facet that filters, the values wanted. */
  wanted: new Map(),
  /** Rows that the filters and the search leave, in their order. */
  rows: [],
  /** Of the search: null where there is none, else 1 for each row that it found. */
  hits: null,
};

/** What one can filter by: its values, and which of them a row has (a number, or several). */
let facets = [];
const NO_VALUES = [];

function makeFacets() {
  const columns = columnsOf(state.stage);
  const rows = index.rows;
  facets = [];
  const facet = (key, label, values, of, open = false) => {
    if (values.length > 1 || (values.length === 1 && rows.case.some((_, row) => [of(row)].flat().length === 0))) {
      facets.push({ key, label, values, of, open });
    }
  };
  const coded = (names) => names.map((name) => ({ id: name, code: true, text: name }));
  const said = (...keys) => keys.map((key) => ({ id: key, text: t(words[`${key}_long`] ? `${key}_long` : key) }));
  const single = (number) => (number < 0 ? NO_VALUES : number);
  if (index.suites) facet("suite", t("suite"), coded(index.suites), (row) => rows.suite[row], true);
  facet("verdict", t("verdict"), said("wrong", "right", "errored"), (row) => VERDICT_PLACE[columns.right[row]], true);
  if (columns.before?.some((before, row) => before >= 0 && before !== columns.right[row])) {
    facet("flip", t("flip", { name: baselineName() }), said("broken", "fixed", "still_wrong", "still_right"),
      (row) => single(flipOf(row, state.stage)), true);
  }
  facet("outcome", t("outcome"), coded(index.outcomes), (row) => single(columns.outcome[row]), true);
  facet("fabrication", t("fabrication"), said("invented", "nothing_invented"), (row) => (columns.fabricated[row] ? 0 : 1), true);
  facet("violation", t("violation"), coded(index.violations), (row) => columns.violations[row]);
  facet("signal", t("signal"), coded(index.signals), (row) => columns.signals[row]);
  facet("defect", t("defect"), coded(index.defects), (row) => columns.defects[row]);
  facet("channels", t("channels"), said("disagree", "agree"), (row) => single([0, 1, -1].at(columns.agree[row])));
  for (const [name, values] of Object.entries(index.tags)) {
    facet(`tag.${name}`, name, coded(values), (row) => single(rows.tags[name][row]));
  }
  facet("turn", t("turn"), numbers(rows.turn), (row) => rows.turn[row]);
  if (rows.trial) facet("trial", t("trials"), numbers(rows.trial), (row) => rows.trial[row]);
}

const VERDICT_PLACE = { 0: 0, 1: 1, "-1": 2 };

function numbers(column) {
  const most = column.reduce((most, number) => Math.max(most, number), 0);
  return Array.from({ length: most + 1 }, (_, number) => ({ id: String(number), text: String(number) }));
}

/** How a row's verdict moved: 0 broken, 1 fixed, 2 still wrong, 3 still right; -1 where one of the two is not there. */
function flipOf(row, stage) {
  const { before, right } = columnsOf(stage);
  if (!before || before[row] < 0 || right[row] < 0) return -1;
  return before[row] ? (right[row] ? 3 : 0) : right[row] ? 1 : 2;
}

const baselineName = () => index.baseline ?? index.stages[0].name;

/** Applies filters and search: the rows left, and beside each value how many rows it would leave. */
function applyFilters() {
  const active = facets.map((facet) => {
    const wanted = state.wanted.get(facet.key);
    return wanted?.size ? facet.values.map((value) => wanted.has(value.id)) : null;
  });
  for (const facet of facets) {
    facet.counts = new Uint32Array(facet.values.length);
    facet.totals ??= totalsOf(facet);
  }
  const left = [];
  const values = new Array(facets.length);
  for (let row = 0; row < rowCount; row++) {
    if (state.hits && !state.hits[row]) continue;
    let misses = 0;
    let missed = -1;
    for (let place = 0; place < facets.length; place++) {
      const of = (values[place] = facets[place].of(row));
      const wanted = active[place];
      if (wanted && !(typeof of === "number" ? wanted[of] : of.some((one) => wanted[one]))) {
        misses++;
        missed = place;
        if (misses > 1) break;
      }
    }
    if (misses > 1) continue;
    if (misses === 0) left.push(row);
    // A facet's own choice does not lower its own counts: they say what choosing another value would show.
    for (let place = missed < 0 ? 0 : missed; place < (missed < 0 ? facets.length : missed + 1); place++) {
      const of = values[place];
      if (typeof of === "number") facets[place].counts[of]++;
      else for (const one of of) facets[place].counts[one]++;
    }
  }
  state.rows = left;
}

function totalsOf(facet) {
  const totals = new Uint32Array(facet.values.length);
  for (let row = 0; row < rowCount; row++) for (const one of [facet.of(row)].flat()) totals[one]++;
  return totals;
}

// -------------------------------------------------------------------------------------------------------------- search

/** The terms of a query, in lower case: words, and phrases in quotes; all must be found. */
function termsOf(query) {
  return Array.from(query.toLowerCase().matchAll(/"([^"]+)"?|(\S+)/g), (match) => match[1] ?? match[2]);
}

let searching = 0;

/** Finds the rows in whose transcripts all terms stand, part after part; `told` hears of each. */
async function search(query, told) {
  const mine = ++searching;
  const terms = termsOf(query);
  if (!terms.length) {
    state.hits = null;
    told(1);
    return;
  }
  state.hits = new Uint8Array(rowCount);
  const heads = (row) => `${caseOf(row)}\n${index.rows.snippet[row]}`.toLowerCase();
  for (let row = 0; row < rowCount; row++) {
    const head = heads(row);
    if (terms.every((term) => head.includes(term))) state.hits[row] = 1;
  }
  told(0);
  for (let number = 0; number < chunkCount; number++) {
    const { cases, decisions } = await chunk(number);
    if (mine !== searching) return;
    const known = new Map();
    for (const [row, decision] of Object.entries(decisions)) {
      if (!state.hits[row]) state.hits[row] = holds(decision, cases, caseOf(row), heads(row), terms, known) ? 1 : 0;
    }
    told((number + 1) / chunkCount);
  }
}

/** Whether all terms stand in a decision, its name, or the messages before it; `known`: where they stand in cases. */
function holds(decision, cases, name, head, terms, known) {
  if (!known.has(name)) {
    const texts = cases[name].messages.map(textIn);
    const first = (term) => texts.findIndex((text) => text.includes(term));
    known.set(name, terms.map((term) => (first(term) < 0 ? Infinity : first(term))));
  }
  const prefix = decision.prefix ?? 0;
  let own = null;
  return terms.every((term, place) => {
    if (head.includes(term) || known.get(name)[place] < prefix) return true;
    own ??= textIn(decision);
    return own.includes(term);
  });
}

/** All texts within a value, in lower case. */
function textIn(value) {
  const found = [];
  const walk = (one) => {
    if (typeof one === "string") found.push(one);
    else if (one && typeof one === "object") Object.values(one).forEach(walk);
  };
  walk(value);
  return found.join("\n").toLowerCase();
}

// -------------------------------------------------------------------------------------------------- the browser's frame

let browser = null;

/** Builds the browser: filters, list, and the place of one decision. */
function drawBrowser() {
  const searchBox = el("input", {
    type: "search", id: "search", placeholder: t("search_hint"), "aria-label": t("search"), autocomplete: "off",
    spellcheck: "false", oninput: () => searchSoon(), onkeydown: searchKeys,
  });
  searchBox.value = state.query;
  const list = el("div", {
    id: "list", class: "list", role: "listbox", tabindex: "0", "aria-label": t(index.unit),
    onscroll: () => requestAnimationFrame(drawRows), onkeydown: listKeys, onclick: listClick,
  }, el("div", { class: "space", role: "presentation" }));
  browser = {
    searchBox, list, space: list.firstChild,
    progress: el("progress", { max: "1", value: "0", "aria-label": t("searching"), hidden: true }),
    counter: el("p", { class: "counter" }),
    chips: el("div", { class: "chips" }),
    facets: el("div", { class: "facets", id: "facets", role: "region", "aria-label": t("filters") }),
    detail: el("article", { id: "detail", class: "detail", tabindex: "-1", "aria-label": t("opened") }),
    shown: new Map(),
    rowHeight: Math.round(3.4 * parseFloat(getComputedStyle(document.documentElement).fontSize)),
  };
  const toggle = el("button", {
    type: "button", class: "filters-toggle", "aria-expanded": "false", "aria-controls": "facets",
    onclick: () => toggleFacets(),
  }, t("filters"));
  browser.toggle = toggle;
  byId("browser").replaceChildren(
    el("div", { class: "tools", role: "search" }, searchBox, browser.progress, stageChoice(), toggle, browser.counter, browser.chips),
    el("div", { class: "panes" }, browser.facets, list, browser.detail),
  );
}

/** Which stage the filters and the list's signs are about, where there are several. */
function stageChoice() {
  if (index.stages.length < 2) return null;
  const choice = el("select", { id: "stage", onchange: () => chooseStage(Number(choice.value)) },
    index.stages.map((stage, place) => el("option", { value: place, selected: place === state.stage }, stage.name)));
  return el("label", { class: "choice" }, `${t("stage")} `, choice);
}

function chooseStage(stage) {
  state.stage = stage;
  makeFacets();
  drawFacets();
  refresh();
  writePlace("replace");
  byId("stage").focus();
}

function toggleFacets(open = browser.toggle.getAttribute("aria-expanded") !== "true") {
  browser.toggle.setAttribute("aria-expanded", String(open));
  byId("browser").classList.toggle("filtering", open);
  drawRows();
}

function redrawBrowser() {
  makeFacets();
  drawBrowser();
  drawFacets();
  refresh();
  drawDetail();
}

/** Applies the filters and shows what they leave. */
function refresh() {
  applyFilters();
  const open = state.open >= 0 ? state.rows.indexOf(state.open) : -1;
  browser.active = Math.max(0, open);
  for (const option of browser.shown.values()) option.remove();
  browser.shown.clear();
  browser.space.style.height = `${state.rows.length * browser.rowHeight}px`;
  if (open < 0) browser.list.scrollTop = 0;
  updateFacets();
  drawChips();
  const text = t("counted", { shown: count(state.rows.length), all: count(rowCount), unit: t(`${index.unit}_counted`) });
  browser.counter.textContent = text;
  announceSoon(text);
  drawRows();
  if (open >= 0) scrollTo(open);
  drawPosition();
}

function announceSoon(text) {
  clearTimeout(announceTimer);
  announceTimer = setTimeout(() => announce(text), 600);
}

// -------------------------------------------------------------------------------------------------- filters, as one sees them

const MOST_VALUES = 12;

function drawFacets() {
  const openBefore = new Set([...browser.facets.querySelectorAll("details[open]")].map((one) => one.dataset.key));
  const first = browser.facets.childElementCount === 0;
  browser.facets.replaceChildren(...facets.map((facet) => {
    const wanted = state.wanted.get(facet.key);
    facet.totals = totalsOf(facet);
    const present = facet.values.map((_, place) => place).filter((place) => facet.totals[place] || wanted?.has(facet.values[place].id));
    if (facet.values[0]?.code) present.sort((one, other) => facet.totals[other] - facet.totals[one] || one - other);
    facet.places = present;
    facet.boxes = new Map();
    const items = present.map((place) => facetItem(facet, place));
    const rest = items.length > MOST_VALUES + 2 ? items.slice(MOST_VALUES) : [];
    rest.forEach((item) => (item.hidden = true));
    const more = rest.length > 0 && el("button", { type: "button", class: "more", onclick: () => {
      rest.forEach((item) => (item.hidden = false));
      more.remove();
      rest[0].querySelector("input").focus();
    } }, t("all_values", { n: count(items.length) }));
    return el("details", { "data-key": facet.key, open: first ? facet.open || Boolean(wanted?.size) : openBefore.has(facet.key) },
      el("summary", {}, facet.label),
      el("div", { role: "group", "aria-label": facet.label }, items, more));
  }));
}

function facetItem(facet, place) {
  const value = facet.values[place];
  const box = el("input", { type: "checkbox", onchange: () => choose(facet.key, value.id, box.checked) });
  const number = el("span", { class: "number" });
  const item = el("label", { class: "pick" }, box, value.code ? el("code", {}, value.text) : el("span", {}, value.text), number);
  facet.boxes.set(place, { box, number, item });
  return item;
}

function updateFacets() {
  for (const facet of facets) {
    const wanted = state.wanted.get(facet.key);
    for (const [place, { box, number, item }] of facet.boxes) {
      box.checked = Boolean(wanted?.has(facet.values[place].id));
      number.textContent = count(facet.counts[place]);
      item.classList.toggle("none", facet.counts[place] === 0);
    }
  }
}

function choose(key, id, wanted) {
  const chosen = state.wanted.get(key) ?? new Set();
  if (wanted) chosen.add(id);
  else chosen.delete(id);
  if (chosen.size) state.wanted.set(key, chosen);
  else state.wanted.delete(key);
  refresh();
  writePlace("replace");
}

/** What filters now, each with a button that takes it away. */
function drawChips() {
  const chips = facets.flatMap((facet) => [...(state.wanted.get(facet.key) ?? [])].map((id) => {
    const value = facet.values.find((one) => one.id === id);
    const text = `${facet.label}: ${value?.text ?? id}`;
    return el("button", { type: "button", class: "chip", "aria-label": t("remove", { what: text }), onclick: () => {
      choose(facet.key, id, false);
      (browser.chips.querySelector("button") ?? browser.searchBox).focus();
    } }, text, el("span", { "aria-hidden": "true" }, " ×"));
  }));
  if (chips.length > 1 || (chips.length && state.query)) {
    chips.push(el("button", { type: "button", class: "more", onclick: () => clearFilters() }, t("clear")));
  }
  browser.chips.replaceChildren(...chips);
}

function clearFilters() {
  state.wanted.clear();
  browser.searchBox.value = "";
  browser.searchBox.focus();
  startSearch("");
}

let searchTimer = 0;
function searchSoon() {
  clearTimeout(searchTimer);
  searchTimer = setTimeout(() => startSearch(browser.searchBox.value), 250);
}

/** Searches, and shows what was found as it is found. */
async function startSearch(query) {
  state.query = query.trim();
  writePlace("replace");
  let drawn = 0;
  await search(state.query, (share) => {
    browser.progress.hidden = share >= 1;
    browser.progress.value = share;
    if (share >= 1 || share === 0 || performance.now() - drawn > 200) {
      refresh();
      drawn = performance.now();
    }
  });
  if (state.open >= 0) highlight();
}

// ---------------------------------------------------------------------------------------------------------- the list

const SIGNS = { 1: ["✓", "right"], 0: ["✗", "wrong"], "-1": ["!", "errored"] };

/** A verdict's sign: another shape for each, with its word for those who do not see it. */
function sign(right) {
  const [shape, key] = SIGNS[right];
  return el("span", { class: `sign ${key}`, role: "img", "aria-label": t(key), title: t(key) }, shape);
}

/** What a decision came to, as a code. */
function outcomeName(row, stage) {
  const outcome = columnsOf(stage).outcome[row];
  return outcome < 0 ? t("errored") : index.outcomes[outcome];
}

/** Puts the rows into the list that can be seen, and takes the others out. */
function drawRows() {
  const { list, space, shown, rowHeight } = browser;
  const from = Math.max(0, Math.floor(list.scrollTop / rowHeight) - 6);
  const to = Math.min(state.rows.length, Math.ceil((list.scrollTop + list.clientHeight) / rowHeight) + 6);
  for (const [place, option] of shown) {
    if (place < from || place >= to) {
      option.remove();
      shown.delete(place);
    }
  }
  for (let place = from; place < to; place++) {
    if (shown.has(place)) continue;
    const option = rowOption(place);
    shown.set(place, option);
    space.append(option);
  }
  markActive();
}

function rowOption(place) {
  const row = state.rows[place];
  const columns = columnsOf(state.stage);
  const flip = flipOf(row, state.stage);
  const signs = index.stages.length > 1
    ? el("span", { class: "signs" }, index.stages.map((_, stage) => sign(columnsOf(stage).right[row])))
    : sign(columns.right[row]);
  const option = el("div", {
    class: "row", role: "option", id: `row-${row}`, "data-place": place, "aria-selected": String(row === state.open),
    "aria-posinset": place + 1, "aria-setsize": state.rows.length,
  },
  el("span", { class: "line" }, signs, el("code", { class: "outcome" }, outcomeName(row, state.stage)),
    flip === 0 && badge("broken", "▼"), flip === 1 && badge("fixed", "▲"),
    columns.fabricated[row] === 1 && outcomeName(row, state.stage) !== "fabricated_observation" && badge("invented", "◆"),
    el("span", { class: "where" }, el("span", { class: "case" }, caseOf(row)), ` · ${index.rows.index[row]}`,
      trialOf(row) > 0 && ` · ${t("trial")} ${trialOf(row)}`)),
  el("span", { class: "snippet" }, index.rows.snippet[row]));
  option.style.top = `${place * browser.rowHeight}px`;
  option.style.height = `${browser.rowHeight}px`;
  return option;
}

function badge(key, shape) {
  return el("span", { class: `badge ${key}` }, `${shape} ${t(key)}`);
}

/** Shows which row is open and which the keyboard is at. */
function markActive() {
  const { list, shown, active } = browser;
  for (const [place, option] of shown) {
    option.classList.toggle("active", place === active);
    option.setAttribute("aria-selected", String(state.rows[place] === state.open));
  }
  if (shown.has(active)) list.setAttribute("aria-activedescendant", `row-${state.rows[active]}`);
  else list.removeAttribute("aria-activedescendant");
}

/** Brings a row of the list into sight. */
function scrollTo(place) {
  const { list, rowHeight } = browser;
  const top = place * rowHeight;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + rowHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + rowHeight - list.clientHeight;
  drawRows();
}

function listClick(event) {
  const option = event.target.closest(".row");
  if (option) openPlace(Number(option.dataset.place), "push", { focus: isNarrow() });
}

function listKeys(event) {
  const page = Math.max(1, Math.floor(browser.list.clientHeight / browser.rowHeight) - 1);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
  if (event.key in steps && !event.altKey && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    step(steps[event.key]);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    openPlace(browser.active, "push", { focus: true });
  }
}

/** Opens the row so many rows further; the first one where none is open. */
function step(rows) {
  const last = state.rows.length - 1;
  if (last < 0) return;
  const from = state.open >= 0 && state.rows.includes(state.open) ? browser.active : rows > 0 ? -1 : last + 1;
  openPlace(Math.min(last, Math.max(0, from + rows)), "replace");
}

/** Opens a row of the list. */
function openPlace(place, how, { focus = false } = {}) {
  const row = state.rows[place];
  if (row === undefined) return;
  browser.active = place;
  state.open = row;
  writePlace(how);
  scrollTo(place);
  showView("decisions");
  drawDetail({ focus });
}

const isNarrow = () => matchMedia("(max-width: 800px)").matches;

// ------------------------------------------------------------------------------------------- views, places, the keyboard

/** Shows the report or its decisions; on a narrow screen the list or one of them. */
function showView(view) {
  const { body } = document;
  if (view === "decisions") document.querySelector(".bar nav a[href='#decisions']").setAttribute("aria-current", "page");
  else document.querySelector(".bar nav a[aria-current]")?.removeAttribute("aria-current");
  body.classList.toggle("opened", state.open >= 0);
  if (body.dataset.view === view) return;
  body.dataset.view = view;
  window.scrollTo(0, 0);
  if (view === "decisions" && browser) drawRows();
}

/** What the page shows, as what stands behind its #. */
function currentPlace() {
  const query = new URLSearchParams();
  for (const [key, values] of state.wanted) for (const value of values) query.append(key, value);
  if (state.query) query.set("q", state.query);
  if (state.stage !== index.stages.length - 1) query.set("stage", index.stages[state.stage].name);
  const text = query.toString();
  return `#${state.open >= 0 ? placeOf(state.open) : "decisions"}${text ? `?${text}` : ""}`;
}

let written = null;
function writePlace(how) {
  written = currentPlace();
  if (written === location.hash) return;
  try {
    history[how === "push" ? "pushState" : "replaceState"](null, "", written);
  } catch {
    location.hash = written;
  }
}

/** Goes where the address says: a section of the report, the decisions with their filters, or one of them. */
function followPlace() {
  if (location.hash === written) return;
  written = location.hash;
  const [place, text = ""] = location.hash.slice(1).split("?");
  const named = place.includes("/");
  if (!index || (!named && place !== "decisions")) {
    showView("report");
    byId(place)?.scrollIntoView();
    return;
  }
  const query = new URLSearchParams(text);
  const stage = index.stages.findIndex((one) => one.name === query.get("stage"));
  state.stage = stage < 0 ? index.stages.length - 1 : stage;
  state.open = named ? rowAt(place) : -1;
  state.wanted.clear();
  makeFacets();
  for (const { key } of facets) if (query.has(key)) state.wanted.set(key, new Set(query.getAll(key)));
  drawFacets();
  if (byId("stage")) byId("stage").value = state.stage;
  showView("decisions");
  drawDetail();
  browser.searchBox.value = query.get("q") ?? "";
  if (browser.searchBox.value !== state.query) startSearch(browser.searchBox.value);
  else refresh();
  if (named && state.open < 0) toast(t("no_such", { what: decoded(place) }));
}

/** The head's link to the decisions leads to them as they were left. */
function returnToDecisions(event) {
  if (!index) return;
  event.preventDefault();
  writePlace("push");
  showView("decisions");
}

/** Closes what is open: the help, the filters, the decision. */
function close() {
  if (browser.toggle.getAttribute("aria-expanded") === "true") {
    toggleFacets(false);
    browser.toggle.focus();
    return;
  }
  if (isNarrow() && state.open >= 0) closeDetail();
  else browser.list.focus();
}

function closeDetail() {
  state.open = -1;
  writePlace("push");
  showView("decisions");
  drawDetail();
  drawRows();
  scrollTo(browser.active);
  browser.list.focus();
}

function searchKeys(event) {
  if (event.key === "Escape" && browser.searchBox.value === "") close();
  if (event.key === "Enter" || event.key === "ArrowDown") {
    event.preventDefault();
    browser.list.focus();
    if (state.open < 0) step(1);
  }
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => {
    browser.searchBox.focus();
    browser.searchBox.select();
  },
  e: () => unfoldAll(),
  c: () => state.open >= 0 && copy(linkOf(state.open), t("as_link")),
  "?": () => showHelp(),
};
const letterKeys = () => settings.get("keys") !== "off";

function globalKeys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !index || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input[type='search'], textarea, select")) return;
  if (event.key === "Escape" && document.body.dataset.view === "decisions") close();
  else if (letterKeys() && Object.hasOwn(KEYS, event.key)) {
    event.preventDefault();
    if (event.key === "/" && document.body.dataset.view !== "decisions") location.hash = "#decisions";
    KEYS[event.key]();
  }
}

function showHelp() {
  byId("help")?.remove();
  const box = el("input", { type: "checkbox", checked: letterKeys(), onchange: () => settings.set("keys", box.checked ? "on" : "off") });
  const rows = [["j", "next"], ["k", "previous"], ["↑ ↓", "in_list"], ["/", "search"], ["e", "unfold"], ["c", "copy_link"], ["Esc", "back_out"], ["?", "keys"]];
  const help = el("dialog", { id: "help", "aria-labelledby": "help-title", onclose: () => help.remove() },
    el("h2", { id: "help-title" }, t("keys")),
    el("dl", {}, rows.map(([key, word]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, t(word))))),
    el("h3", {}, t("marks")),
    el("dl", {}, MARKS.map((kind) => el("div", {}, el("dt", {}, el("mark", { class: kind, "data-label": t(kind) }, "…")), el("dd", {}, t(`${kind}_means`)))),
      el("div", {}, el("dt", {}, el("span", { class: "hidden-character" }, "\\u202e")), el("dd", {}, t("hidden_means")))),
    el("label", {}, box, ` ${t("letter_keys")}`),
    el("form", { method: "dialog" }, el("button", { autofocus: true }, t("close"))));
  document.body.append(help);
  help.showModal();
}

/** Tables that are wider than their place can be scrolled with the keyboard. */
function letTablesScroll() {
  for (const place of document.querySelectorAll(".report .scroll")) {
    const wide = place.scrollWidth > place.clientWidth;
    place.toggleAttribute("tabindex", wide);
    if (wide) {
      place.tabIndex = 0;
      place.setAttribute("role", "region");
      place.setAttribute("aria-label", place.querySelector("caption")?.textContent ?? "");
    }
  }
}

/** On paper nothing can be unfolded: all is, but the tools that were offered. */
let unfolded = [];
function unfoldForPaper() {
  const chapters = [...document.querySelectorAll(".chapter:not([open])")];
  for (const one of chapters) one.open = true;
  unfolded = [...chapters, ...unfold("details:not(.offered, .offered *)")];
}

async function start() {
  words = await block("words");
  speak(language);
  drawSwitches();
  letTablesScroll();
  document.querySelector(".bar nav a[href='#decisions']").addEventListener("click", returnToDecisions);
  addEventListener("hashchange", followPlace);
  addEventListener("popstate", followPlace);
  addEventListener("keydown", globalKeys);
  addEventListener("resize", () => browser && requestAnimationFrame(drawRows));
  addEventListener("beforeprint", unfoldForPaper);
  addEventListener("afterprint", () => unfolded.forEach((one) => (one.open = false)));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawSwitches);
  if (typeof DecompressionStream === "undefined") {
    byId("browser").replaceChildren(el("p", {}, t("old_browser")));
    return;
  }
  if (!(await openIndex())) {
    byId("browser").replaceChildren(el("p", {}, t("no_decisions")));
    return;
  }
  state.stage = index.stages.length - 1;
  redrawBrowser();
  followPlace();
  document.documentElement.classList.add("ready");
}

document.addEventListener("DOMContentLoaded", start);
