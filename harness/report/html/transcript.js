"use strict";
// One decision, opened: the conversation up to it, what was expected and what each stage did, argument by argument,
// the texts with what is wrong in them marked, and copies of it all for elsewhere. It uses what report.js defines.

// --------------------------------------------------------------------------------------------------------------- texts

/** What may be marked in a text, the gravest first: each has its colour, its line and its label. */
const MARKS = ["invented", "lost", "markup", "ungrounded", "thought"];
const SHORT = 3_000;
const MORE = 50_000;

/** A text as it is, line breaks and all; spans [start, end, kind] marked; of a long one the rest when asked for. */
function textBlock(text, spans = [], { plain = false } = {}) {
  const made = el("div", { class: plain ? "text code" : "text", dir: plain ? "ltr" : "auto" });
  const last = Math.max(0, ...spans.map(([, end]) => end));
  showPart(made, text, 0, Math.max(SHORT, Math.min(last + 200, 5 * SHORT)), spans);
  return made;
}

function showPart(parent, text, from, most, spans) {
  // A little more is shown rather than hidden, and no character is cut in two.
  let to = text.length - most < 400 ? text.length : most;
  if (to < text.length && text.charCodeAt(to - 1) >> 10 === 0x36) to--;
  parent.append(el("span", { class: "part" }, markedNodes(text, from, to, spans)));
  if (to === text.length) return;
  const rest = text.length - to;
  const more = el("button", { type: "button", class: "more", onclick: () => {
    more.remove();
    showPart(parent, text, to, to + MORE, spans);
    highlight();
  } }, t(rest <= MORE ? "show_all" : "show_more", { n: count(Math.min(rest, MORE)), rest: count(rest) }));
  parent.append(more);
}

/** The characters of a text between two places, spans of it as marks with labels. */
function markedNodes(text, from, to, spans) {
  const inside = spans.map(([start, end, kind]) => [Math.max(start, from), Math.min(end, to), kind]).filter(([start, end]) => start < end);
  const edges = [...new Set([from, to, ...inside.flatMap(([start, end]) => [start, end])])].sort((one, other) => one - other);
  const nodes = [];
  let before = [];
  for (let place = 0; place + 1 < edges.length; place++) {
    const [start, end] = [edges[place], edges[place + 1]];
    const kinds = MARKS.filter((kind) => inside.some((span) => span[2] === kind && span[0] <= start && end <= span[1]));
    const piece = nodesOf(text.slice(start, end));
    const begun = kinds.filter((kind) => !before.includes(kind)).map((kind) => t(kind)).join(" + ");
    if (!kinds.length) nodes.push(...piece);
    else nodes.push(el("mark", { class: kinds.join(" "), "data-label": begun || null }, piece));
    before = kinds;
  }
  return nodes;
}

/** A text that is short as a rule; cut where it is not. */
const shortText = (text, tag = "span") => (text.length > SHORT ? textBlock(text, [], { plain: tag === "code" }) : el(tag, {}, text));

/** JSON over several lines with every literal as it stands; null where it is not JSON, or too long to be worth it. */
function laidOut(text) {
  if (text.length > 100_000 || !/^\s*[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[\]{},:]|[^\s[\]{},:"]+/g);
  return tokens.map((token) => {
    if (token === "{" || token === "[") return depth++, token + line();
    if (token === "}" || token === "]") return depth--, line() + token;
    if (token === ",") return token + line();
    return token === ":" ? ": " : token.replace(/^([[{])\s+/, "$1");
  }).join("");
}

/** A text of which one line is enough at first. */
function oneLine(text, most = 160) {
  const line = text.slice(0, 4 * most).replace(/\s+/g, " ").trim();
  return line.length > most || text.length > 4 * most ? `${line.slice(0, most).toWellFormed()}…` : line;
}

/** A text that may be JSON, laid out where it is. */
const dataBlock = (text) => textBlock(laidOut(text) ?? text, [], { plain: true });

const isText = (value) => typeof value === "string" && value !== "";

/** The text of a message's content, which may come in parts. */
function contentOf(message) {
  const { content } = message ?? {};
  if (typeof content === "string") return content;
  return Array.isArray(content) ? content.map((part) => (isText(part?.text) ? part.text : JSON.stringify(part))).join("\n") : "";
}

/** The calls of a message as pairs of name and arguments' text; of one that is no call, what is there instead. */
function callsOf(message) {
  const calls = Array.isArray(message?.tool_calls) ? message.tool_calls : [];
  return calls.map((call) => {
    const { name, arguments: given } = call?.function ?? {};
    return { id: call?.id, name: isText(name) ? oneLine(name, 200) : "?", given: typeof given === "string" ? given : JSON.stringify(given ?? call) };
  });
}

const reasoningOf = (message) => message?.reasoning || message?.reasoning_content || "";

// -------------------------------------------------------------------------------------------------------- conversation

/** Messages as a conversation: who spoke and what, each call folded with its result. */
function conversation(messages) {
  const items = [];
  const used = new Set();
  messages.forEach((message, place) => {
    if (used.has(place)) return;
    if (message.role === "tool") {
      items.push(said("tool", toolFold(t("result"), null, contentOf(message))));
      return;
    }
    const content = contentOf(message);
    if (isText(reasoningOf(message))) items.push(said(message.role, fold(t("reasoning"), oneLine(reasoningOf(message)), textBlock(reasoningOf(message)))));
    if (content || !callsOf(message).length) items.push(said(message.role, textBlock(content)));
    callsOf(message).forEach((call, number) => {
      const result = resultOf(messages, place, call, number);
      if (result >= 0) used.add(result);
      items.push(said("tool", toolFold(call.name, call.given, result < 0 ? null : contentOf(messages[result]))));
    });
  });
  return el("ol", { class: "talk" }, items);
}

/** Where the result of a message's call stands: by its id, else by its order; -1 where nowhere. */
function resultOf(messages, place, call, number) {
  let end = place + 1;
  while (end < messages.length && messages[end].role === "tool") end++;
  for (let at = place + 1; at < end; at++) if (call.id && messages[at].tool_call_id === call.id) return at;
  const at = place + 1 + number;
  return at < end && !messages[at].tool_call_id ? at : -1;
}

function said(role, ...children) {
  const who = ["system", "user", "assistant", "tool"].includes(role) ? role : "other";
  return el("li", { class: `said ${who}` }, el("span", { class: "who" }, who === "other" ? role : t(`role_${role}`)), el("div", { class: "what" }, children));
}

function fold(title, line, ...children) {
  return el("details", { class: "fold" }, el("summary", {}, el("b", {}, title), line && el("span", { class: "line" }, line)), children);
}

/** A call with its result, folded to one line; laid out when it is opened. */
function toolFold(name, given, result) {
  const summary = el("summary", {}, el("code", { class: "tool" }, name), given !== null && el("code", { class: "line" }, oneLine(given, 100)),
    result !== null && el("code", { class: "line result" }, `→ ${oneLine(result, 120)}`));
  return filledLater(el("details", { class: "fold" }, summary), () => [
    given !== null && [el("p", { class: "label" }, t("arguments")), dataBlock(given)],
    result !== null && [el("p", { class: "label" }, t("result")), dataBlock(result)],
  ]);
}

/** What went before: the last user message and what followed it; the system's and all earlier ones folded. */
function history(messages) {
  const first = isSystem(messages[0]) ? 1 : 0;
  const last = Math.max(first, messages.findLastIndex((message) => message.role === "user"));
  return [
    first > 0 && fold(t("system"), oneLine(contentOf(messages[0])), textBlock(contentOf(messages[0]))),
    last > first && earlier(messages.slice(first, last)),
    messages.length > last && conversation(messages.slice(last)),
  ];
}

const isSystem = (message) => message?.role === "system" || message?.role === "developer";
const earlier = (messages) => filledLater(fold(t("earlier", { n: count(messages.length) }), oneLine(contentOf(messages[0]))), () => conversation(messages));

/** A fold whose inside is made when it is opened first. */
function filledLater(made, make) {
  made.fill = () => {
    made.fill = null;
    put(made, [make()]);
  };
  made.addEventListener("toggle", () => {
    if (!made.open || !made.fill) return;
    made.fill();
    highlight();
  });
  return made;
}

function offered(keys) {
  if (!keys?.length) return el("p", { class: "label" }, t("no_tools"));
  const names = keys.map((key) => key.replace(/#\d+$/, ""));
  const made = filledLater(fold(t("offered", { n: count(keys.length) }), names.join(", ")), () => {
    const inside = el("div");
    toolsOf(keys).then((found) => put(inside, found.map((tool, place) => toolSchema(names[place], tool))));
    return inside;
  });
  made.classList.add("offered");
  return made;
}

const toolSchema = (name, tool) => fold(name, tool?.function?.description ?? "", dataBlock(JSON.stringify(tool)));

// --------------------------------------------------------------------------------------------------- expected and actual

/** What was expected, in a line for each call. */
function expectation(expect, chosen) {
  if (Array.isArray(expect)) return expect.map((one) => expectation(one, null));
  if (typeof expect === "string") return el("p", {}, expect);
  if (expect.calls) {
    return el("ul", { class: "wanted" }, expect.calls.map((call) => el("li", {}, el("code", {}, call.name), " ",
      el("span", { class: "given" }, shortText(call.arguments, "code")), call.match && el("span", { class: "rules" }, ` ${t("leniency")} `, el("code", {}, call.match)))));
  }
  const reference = chosen && contentOf(JSON.parse(chosen));
  return [
    el("p", {}, t(expect.any_call ? "expect_any" : "expect_none")),
    isText(reference) && el("div", { class: "reference" }, el("p", { class: "label" }, t("reference")), textBlock(reference)),
  ];
}

const VERDICTS = { same: "=", allowed: "≈", different: "≠", missing: "−", extra: "+" };

/** Expected calls beside actual ones, down to the argument. */
function comparison(lines, violations) {
  // What a line says is wrong stands among the violations as well; once is enough.
  const told = (why) => violations.some((one) => why.includes(one.message));
  const cells = (line) => {
    const [left, right] = line.verdict === "different" ? changed(line.expected, line.actual) : [line.expected, line.actual];
    return [["expected", left], ["actual", right]].map(([side, shown]) =>
      el("td", { role: "cell", class: side, "data-label": t(side) }, shown === undefined ? el("span", { class: "nothing" }, "—") : typeof shown === "string" ? shortText(shown, "code") : el("code", {}, shown)));
  };
  const rows = lines.map((line) => el("tr", { role: "row", class: `${line.verdict}${line.path ? "" : " head"}` },
    el("td", { role: "cell", class: "verdict" }, el("span", { role: "img", "aria-label": t(line.verdict), title: t(line.verdict) }, VERDICTS[line.verdict])),
    el("th", { role: "rowheader", scope: "row" }, line.path ? el("code", {}, line.path) : t("call"), isText(line.why) && !told(line.why) && el("span", { class: "why" }, line.why)),
    cells(line)));
  const head = ["", "argument", "expected", "actual"].map((key) => el("th", { role: "columnheader", scope: "col" }, key ? t(key) : el("span", { class: "unseen" }, t("verdict"))));
  return el("table", { class: "comparison", role: "table", "aria-label": t("comparison") },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, head)), el("tbody", { role: "rowgroup" }, rows));
}

/** Two values, what differs between their common beginning and end set apart. */
function changed(expected, actual) {
  if (expected === undefined || actual === undefined || expected.length + actual.length > 2 * SHORT) {
    return [expected, actual];
  }
  const [left, right] = [Array.from(expected), Array.from(actual)];
  let start = 0;
  while (start < Math.min(left.length, right.length) && left[start] === right[start]) start++;
  let end = 0;
  while (end < Math.min(left.length, right.length) - start && left.at(-1 - end) === right.at(-1 - end)) end++;
  return [left, right].map((letters) => [
    letters.slice(0, start).join(""),
    end + start < letters.length && el("b", { class: "changed" }, letters.slice(start, letters.length - end).join("")),
    letters.slice(letters.length - end).join(""),
  ]);
}

// -------------------------------------------------------------------------------------------------- what one stage did

/** One response: compared with what was expected, its texts marked, what is wrong with it, the message against the raw text. */
function response(entry, { agree, raw }) {
  const { message } = entry;
  const findings = entry.findings ?? [];
  const spansIn = (text) => findings.filter((one) => one.in === text).map((one) => [one.start, one.end, one.kind]);
  const content = entry.content ?? contentOf(message);
  const reasoning = reasoningOf(message);
  const leaked = (entry.leaked ?? []).map(([start, end]) => [start, end, "markup"]);
  const calls = callsOf(message);
  const compared = (entry.diff ?? []).length > 0;
  const text = isText(content) && textBlock(content, [...spansIn("content"), ...leaked]);
  const written = isText(entry.raw) && textBlock(entry.raw, rawSpans(entry, spansIn("raw")), { plain: true });
  const disagree = agree === 0 && written;
  return [
    isText(entry.error) && el("div", { class: "problem" }, el("p", { class: "label" }, t("error")), textBlock(entry.error)),
    compared && comparison(entry.diff, entry.violations ?? []),
    isText(reasoning) && el("details", { class: "fold", open: spansIn("reasoning").length > 0 },
      el("summary", {}, el("b", {}, t("reasoning")), el("span", { class: "line" }, oneLine(reasoning))), textBlock(reasoning, spansIn("reasoning"))),
    text && !disagree && el("div", { class: "answer" }, el("p", { class: "label" }, t(calls.length ? "beside" : "answer")), text),
    !compared && !disagree && calls.length > 0 && callList(calls),
    !isText(entry.error) && !text && !calls.length && el("p", { class: "label" }, t("empty", { state: entry.state ?? "" })),
    problems(entry, findings),
    disagree && el("div", { class: "sides" }, el("p", { class: "label" }, `≠ ${t("disagreement")}`),
      el("div", {}, el("p", { class: "label" }, t("as_message")), text, calls.length > 0 ? callList(calls) : el("p", { class: "nothing" }, t("no_calls"))),
      el("div", {}, el("p", { class: "label" }, t("as_raw")), written)),
    written && !disagree && el("details", { class: "fold", open: raw || written.querySelector("mark") !== null },
      el("summary", {}, el("b", {}, t("raw")), el("span", { class: "line" }, oneLine(entry.raw))), written),
  ];
}

/** What is marked in the raw text: what was found there, what the server's parser lost, markup that leaked. */
const rawSpans = (entry, found) => [
  ...found,
  ...(entry.lost ?? []).map(([start, end]) => [start, end, "lost"]),
  ...(entry.markup ?? []).map(([start, end]) => [start, end, "markup"]),
];

const callList = (calls) => el("ul", { class: "calls" }, calls.map((call) => el("li", {}, el("code", { class: "tool" }, call.name), dataBlock(call.given))));

/** Everything that is wrong, each with its reason. */
function problems(entry, findings) {
  const items = [
    ...(entry.violations ?? []).map((one) => [one.code, "against", [one.path && shortText(one.path, "code"), " ", shortText(one.message)]]),
    ...findings.map((one) => [one.signal, one.kind, [el("q", {}, oneLine(one.text, 200)), " ", shortText(one.reason)]]),
    ...(entry.defects ?? []).map((one) => [one, "flaw", []]),
  ];
  if (!items.length) return null;
  return el("ul", { class: "problems", "aria-label": t("problems") }, items.map(([code, kind, told]) =>
    el("li", { class: kind }, el("span", { class: "kind" }, t(kind)), el("div", {}, el("code", {}, code), told.length > 0 && ": ", told))));
}

/** What it took: seconds, tokens, how it ended. */
function costs(entry) {
  const { usage = {}, time, finish } = entry;
  return el("p", { class: "costs" }, [
    typeof time === "number" && `${time.toFixed(time < 10 ? 2 : 1)} s`,
    usage?.prompt_tokens != null && t("tokens", { prompt: count(usage.prompt_tokens), completion: count(usage.completion_tokens ?? 0) }),
    finish && `finish ${finish}`,
  ].filter(Boolean).join(" · "));
}

/** One stage at the decision. */
function stageColumn(row, stage, entry, { decision, messages }) {
  const columns = columnsOf(stage);
  const flip = flipOf(row, stage);
  const name = index.stages[stage].name;
  const head = el("header", {},
    el("h3", {}, sign(columns.right[row]), index.stages.length > 1 && el("span", {}, name), el("code", {}, outcomeName(row, stage))),
    flip === 0 && badge("broken", "▼"), flip === 1 && badge("fixed", "▲"), columns.fabricated[row] === 1 && badge("invented", "◆"),
    entry && !entry.steps && costs(entry));
  const copies = (step, asked) => stepCopies(row, stage, { ...step, tools: decision.tools }, asked);
  let body = el("p", { class: "label" }, t("absent"));
  if (entry?.steps) body = playedTurn(entry, messages, copies);
  else if (entry) body = [response(entry, { agree: columns.agree[row], raw: columns.right[row] !== 1 }), copies({ ...decision, ...entry }, messages)];
  return el("section", { class: "stage", "aria-label": name }, head, body);
}

/** A turn as it was played: the history that the model had by then, then each of its messages with what its calls were answered. */
function playedTurn(entry, messages, copies) {
  const history = entry.messages.length ? [...entry.messages, ...messages.filter((message) => !isSystem(message))] : [...messages];
  const before = entry.messages.filter((message) => !isSystem(message));
  const steps = entry.steps.map((step, place) => {
    const asked = [...history];
    const results = step.results ?? [];
    history.push(...(step.carried ? [step.carried] : []), ...results);
    return el("div", { class: "step" },
      el("h4", {}, t("step", { n: place + 1, of: entry.steps.length }), " ", el("code", {}, step.outcome ?? step.state)), costs(step),
      response(step, { agree: step.agree === false ? 0 : 1, raw: false }),
      results.map((message, number) => answered(message, step.played?.[number])), copies(step, asked));
  });
  return [
    before.length > 0 && el("div", { class: "history" }, earlier(before)),
    isText(entry.error) && el("div", { class: "problem" }, el("p", { class: "label" }, t("error")), textBlock(entry.error)),
    steps, isText(entry.ended) && el("p", { class: "label" }, t("ended"), " ", el("code", {}, entry.ended)),
  ];
}

function answered(message, played) {
  return el("div", {}, toolFold(t(`source_${played?.source ?? "script"}`), null, contentOf(message)), isText(played?.error) && el("p", { class: "why" }, played.error));
}

// --------------------------------------------------------------------------------------------------------- one decision

let drawing = 0;

/** Shows the decision that is open. */
async function drawDetail({ focus = false } = {}) {
  const mine = ++drawing;
  const row = state.open;
  const { detail } = browser;
  document.body.classList.toggle("opened", row >= 0);
  markActive();
  if (row < 0) {
    detail.replaceChildren(el("p", { class: "hint" }, t("open_hint")));
    return;
  }
  const number = index.rows.chunk[row];
  if (number < 0) {
    detail.replaceChildren(detailHead(row, null), verdictsAlone(row));
    drawPosition();
    return;
  }
  const { cases, decisions } = await chunk(number);
  if (mine !== drawing) return;
  const decision = decisions[row];
  const { messages: scripted, source } = cases[caseOf(row)];
  const messages = decision.messages ?? scripted.slice(0, decision.prefix);
  const compared = decision.stages.every((entry) => entry?.diff?.length) && !decision.expect.calls?.some((call) => call.match);
  detail.replaceChildren(
    detailHead(row, source && (() => source.head + source.turns.slice(0, decision.cut).join(""))),
    el("section", { class: "history" }, el("h3", {}, t("conversation")), offered(decision.tools), history(messages)),
    compared ? "" : el("section", { class: "wish" }, el("h3", {}, t("expected")), expectation(decision.expect, decision.chosen)),
    el("div", { class: "stages" }, index.stages.map((_, stage) => stageColumn(row, stage, decision.stages[stage], { decision, messages }))),
  );
  detail.scrollTop = 0;
  drawPosition();
  highlight({ unfold: true });
  if (focus) detail.querySelector("h2").focus();
  announce(`${nameOf(row)}: ${outcomeName(row, state.stage)}`);
}

/** What is known of a decision without its transcript. */
function verdictsAlone(row) {
  const heads = index.stages.map((one, stage) => el("li", {}, sign(columnsOf(stage).right[row]), ` ${one.name} `, el("code", {}, outcomeName(row, stage))));
  return el("section", {}, el("p", { class: "label" }, t("no_transcript")), el("ul", {}, heads));
}

function detailHead(row, makeCase) {
  const tags = Object.entries(index.rows.tags).filter(([, column]) => column[row] >= 0);
  return el("header", { class: "head" },
    el("div", { class: "steps" },
      el("button", { type: "button", class: "back", onclick: () => closeDetail() }, `‹ ${t("to_list")}`),
      el("button", { type: "button", class: "previous", onclick: () => step(-1) }, `↑ ${t("previous")}`),
      el("button", { type: "button", class: "next", onclick: () => step(1) }, `↓ ${t("next")}`),
      el("span", { class: "position" })),
    el("h2", { tabindex: "-1" }, caseOf(row), el("span", { class: "which" }, t(isRollout() ? "at_turn" : "at_decision", { index: index.rows.index[row], turn: index.rows.turn[row] }), trialOf(row) > 0 && `, ${t("trial")} ${trialOf(row)}`)),
    tags.length > 0 && el("ul", { class: "tags" }, tags.map(([name, column]) => el("li", {}, `${name} `, el("b", {}, index.tags[name][column[row]])))),
    el("div", { class: "copies" },
      copyButton("link", () => linkOf(row)),
      makeCase && copyButton("case", makeCase)));
}

/** Which of the rows that the filters leave is open, and whether there is one before and one behind it. */
function drawPosition() {
  const place = state.rows.indexOf(state.open);
  const { detail } = browser;
  const position = detail.querySelector(".position");
  if (!position) return;
  position.textContent = place < 0 ? t("not_in_list") : t("position", { n: count(place + 1), of: count(state.rows.length) });
  detail.querySelector(".previous").disabled = place === 0 || !state.rows.length;
  detail.querySelector(".next").disabled = !state.rows.length || place === state.rows.length - 1;
}

/** Unfolds all that is folded in the decision; folds it where nothing is. */
function unfoldAll() {
  if (unfold("details:not(.offered *)").length) return;
  for (const one of browser.detail.querySelectorAll("details")) one.open = false;
}

/** Opens what is folded in the decision, and what is folded in that; returns what it opened. */
function unfold(which) {
  const opened = [];
  for (let folded; (folded = browser?.detail.querySelector(`${which}:not([open])`)); opened.push(folded)) {
    folded.fill?.();
    folded.open = true;
  }
  return opened;
}

/** Marks what was searched for in the decision; with `unfold`, opens what holds it. */
function highlight({ unfold = false } = {}) {
  if (typeof Highlight === "undefined") return;
  CSS.highlights.delete("searched");
  const terms = termsOf(state.query);
  if (!terms.length || state.open < 0) return;
  const ranges = [];
  const walker = document.createTreeWalker(browser.detail, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && ranges.length < 1000) {
    const node = walker.currentNode;
    const text = node.data.toLowerCase();
    if (text.length !== node.data.length) continue;
    for (const term of terms) {
      for (let at = text.indexOf(term); at >= 0 && ranges.length < 1000; at = text.indexOf(term, at + term.length)) {
        ranges.push(new StaticRange({ startContainer: node, startOffset: at, endContainer: node, endOffset: at + term.length }));
      }
    }
  }
  CSS.highlights.set("searched", new Highlight(...ranges));
  if (!unfold) return;
  for (const range of ranges) range.startContainer.parentElement.closest("details:not([open])")?.setAttribute("open", "");
}

// -------------------------------------------------------------------------------------------------------------- copies

const linkOf = (row) => `${location.href.split("#")[0]}#${placeOf(row)}`;

function copyButton(what, make) {
  return el("button", { type: "button", onclick: async () => copy(await make(), t(`as_${what}`)) }, t(`copy_${what}`));
}

/** Copies a text; where the browser does not let a page do that, shows it to be copied by hand. */
async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copiedByCommand(text)) return showForCopying(text);
  }
  toast(t("copied", { what }));
}

function copiedByCommand(text) {
  const focused = document.activeElement;
  const area = el("textarea", { class: "unseen", readonly: true, "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return done;
}

function showForCopying(text) {
  const area = el("textarea", { readonly: true, rows: "12", "aria-label": t("copy_by_hand") });
  area.value = text;
  const dialog = el("dialog", { onclose: () => dialog.remove() }, el("p", {}, t("copy_by_hand")), area,
    el("form", { method: "dialog" }, el("button", {}, t("close"))));
  document.body.append(dialog);
  dialog.showModal();
  area.select();
}

/** What of a response can be taken elsewhere: its request, a pair to learn from. */
function stepCopies(row, stage, step, messages) {
  const pair = step.chosen && step.rejected;
  const why = step.chosen ? step.no_rejected : step.no_chosen;
  return el("div", { class: "copies" },
    copyButton("curl", () => curlOf(row, stage, step, messages)),
    pair && copyButton("pair", () => pairOf(step, messages)),
    !pair && isText(why) && el("span", { class: "why" }, `${t("no_pair")} ${why}`));
}

/** JSON in which nothing is hidden: the same value, whatever a terminal or an editor does with such characters. */
const plainJson = (value) => JSON.stringify(value).replace(HIDDEN, named16);
const named16 = (characters) => characters.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The request as a command; its body stands in a quoted here-document, in which a shell reads nothing. */
async function curlOf(row, stage, step, messages) {
  const { request = {}, base_url } = index.stages[stage];
  const offers = await toolsOf(step.tools);
  const body = { ...request, ...(request.seed === undefined ? {} : { seed: request.seed + trialOf(row) }), messages };
  if (offers.length) Object.assign(body, { tools: offers, tool_choice: "auto", parallel_tool_calls: true });
  const url = `${(step.url || base_url || "").replace(/\/+$/, "")}/chat/completions`;
  return [
    `curl -sS ${quoted(url)} -H 'Content-Type: application/json' \\`,
    "  ${OPENAI_API_KEY:+-H \"Authorization: Bearer $OPENAI_API_KEY\"} --data-binary @- <<'JSON'",
    plainJson(body),
    "JSON",
    "",
  ].join("\n");
}

const quoted = (text) => `'${visible(text).replaceAll("'", `'\\''`)}'`;

/** A line for a preference trainer: the history, what would have been right, what was done. */
async function pairOf(step, messages) {
  const offers = await toolsOf(step.tools);
  const prompt = messages.map(withObjects);
  return `{"prompt": [${prompt.join(", ")}], "chosen": [${step.chosen}], "rejected": [${step.rejected}], "tools": ${offers.length ? plainJson(offers) : "null"}}\n`.replace(HIDDEN, named16);
}

/** A message as JSON with the arguments of its calls as objects, in the literals that they were written in. */
function withObjects(message) {
  if (!Array.isArray(message.tool_calls) || !message.tool_calls.length) return plainJson(message);
  const texts = [];
  const calls = message.tool_calls.map((call) => {
    texts.push(isJson(call.function.arguments) ? call.function.arguments : JSON.stringify(call.function.arguments));
    return { ...call, function: { ...call.function, arguments: null } };
  });
  // Each null is put where its text belongs; no other member of a call is null.
  const parts = calls.map((call, place) => plainJson(call).replace(/"arguments":null(?=[,}])/, () => `"arguments":${texts[place]}`));
  const { tool_calls: _, ...rest } = message;
  return `${plainJson(rest).slice(0, -1)},"tool_calls":[${parts.join(",")}]}`;
}

function isJson(text) {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}
