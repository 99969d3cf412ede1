// Draws what is known on the page, and keeps knowing it: streams, clocks and elements.

import { current, line, sound, withoutEnded } from "./checkout.js";
import { FRESH_MS, Knowledge } from "./knowledge.js";
import { OwnClips, current as currentWindow } from "./own.js";
import { play } from "./sounds.js";
import { banner, grid, longestWord, summary, text, tiles } from "./tiles.js";

const TICK_MS = 250;
const DIALOG_MS = 30000; // an open description closes by itself: the next officer wants to see the tiles
const AGAIN_MS = 1000; // between two streams

const clock = () => ({ mono: performance.now(), wall: Date.now() });
const element = (id) => document.getElementById(id);
const texts = await fetch("texts.json").then(
  (answer) => answer.json(),
  () => new Promise(() => setTimeout(() => location.reload(), AGAIN_MS)),
);

const knowledge = new Knowledge(clock());
const cards = new Map();
let source = null;
let openedAt = -Infinity;
let announced = new Map();
let lastBays = [];
let lastTime = "";
let opened = { key: null, at: 0 };
let covering = null;
const own = new OwnClips(texts, element, () => performance.now());
let tapped; // what came of the last badge, null for nothing; undefined until it is known

function connect() {
  source?.close();
  openedAt = performance.now();
  const stream = knowledge.open(clock());
  const mine = new EventSource("events");
  source = mine;
  mine.addEventListener("hello", (event) => knowledge.hello(stream, JSON.parse(event.data).at));
  mine.addEventListener("said", (event) => {
    const told = JSON.parse(event.data);
    knowledge.said(stream, told.at, told, clock());
    draw();
  });
  // The browser would open the same stream again by itself, at a moment that nobody knows.
  mine.addEventListener("error", () => mine.close());
}

function tick() {
  const closed = source === null || source.readyState === EventSource.CLOSED;
  if ((closed || knowledge.isStale(clock())) && performance.now() - openedAt >= AGAIN_MS) connect();
  draw();
}

function draw() {
  const now = clock();
  const seen = knowledge.view(now);
  // A page that is not seen says nothing: what was painted last is seen first when it comes back.
  const said = document.hidden && seen.kind === "fresh" ? { ...seen, kind: "old" } : seen;
  const outcome = current(said, now);
  const view = withoutEnded(said, outcome);
  if (view.kind === "fresh") {
    lastBays = view.told.bays;
    lastTime = view.told.time;
    put(element("dock"), [view.told.dock, view.told.site].filter(Boolean).join(" · "));
  }
  const shown = tiles(view, texts, lastBays);
  put(element("time"), view.kind === "fresh" ? lastTime.slice(0, 5) : "");
  put(element("summary"), summary(view, texts));
  drawBanner(view);
  drawOutcome(outcome, view.kind === "fresh");
  own.draw(currentWindow(said, now), view.kind === "fresh");
  drawTiles(shown);
  announce(shown, view.kind === "fresh");
  drawDescription(shown);
  cover(view);
}

function drawBanner(view) {
  const said = banner(view, texts, lastTime);
  put(element("banner"), said.text);
  element("banner").hidden = said.text === "";
  element("banner").classList.toggle("loud", said.loud);
}

// Shows what came of a badge; a sound goes with it once.
function drawOutcome(outcome, fresh) {
  const said = line(outcome, (key, values) => text(texts, key, values));
  const heard = sound(tapped, outcome);
  element("checkout").hidden = said.text === "";
  element("checkout").classList.toggle("wrong", said.wrong);
  if (heard === "") put(element("checkout"), said.text);
  else element("checkout").replaceChildren(said.text); // the same again is said again
  if (fresh) tapped = outcome;
  if (heard === "") return;
  if (document.documentElement.dataset.sounds === "on") play(heard);
}

function drawTiles(shown) {
  const list = element("tiles");
  for (const [key, card] of cards) {
    if (!shown.some((tile) => tile.key === key)) {
      card.item.remove();
      cards.delete(key);
    }
  }
  shown.forEach((tile, place) => {
    if (!cards.has(tile.key)) cards.set(tile.key, newCard(tile.key));
    const { item } = cards.get(tile.key);
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    fill(cards.get(tile.key), tile);
  });
  fit();
}

// Has a screen reader say which tiles say something else than before; of what is not known any more, nothing.
function announce(shown, fresh) {
  const said = new Map(fresh ? shown.map((tile) => [tile.key, `${tile.bay}: ${tile.word}.`]) : []);
  const changed = [...said].filter(([key, words]) => announced.get(key) !== words).map(([, words]) => words);
  if (changed.length > 0 || !fresh) put(element("news"), changed.join(" "));
  announced = said;
}

function fit() {
  const list = element("tiles");
  const { columns, rows } = grid(list.children.length, list.clientWidth, list.clientHeight);
  list.style.setProperty("--columns", columns);
  list.style.setProperty("--rows", rows);
}

function newCard(key) {
  const item = element("tile").content.firstElementChild.cloneNode(true);
  const parts = Object.fromEntries(
    [...item.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]),
  );
  const card = { item, parts, button: item.querySelector("button") };
  card.button.addEventListener("click", () => describe(key));
  return card;
}

function fill({ parts, button }, tile) {
  if (button.dataset.advice !== tile.advice) {
    button.dataset.advice = tile.advice;
    parts.shape.replaceChildren(shape(tile.advice));
  }
  for (const name of ["word", "bay", "end", "camera", "battery", "officer", "progress", "hint"]) put(parts[name], tile[name]);
  parts.cell.hidden = tile.charge === null;
  parts.cell.style.setProperty("--share", tile.charge ?? 0);
  parts.bar.hidden = tile.share === null;
  parts.bar.style.setProperty("--share", tile.share ?? 0);
}

function shape(advice) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  drawing.setAttribute("viewBox", "0 0 100 100");
  use.setAttribute("href", `#shape-${advice}`);
  drawing.append(use);
  return drawing;
}

function describe(key) {
  opened = { key, at: performance.now() };
  draw();
  element("description").showModal();
}

function drawDescription(shown) {
  if (opened.key === null) return;
  const tile = shown.find((one) => one.key === opened.key);
  if (tile === undefined || performance.now() - opened.at > DIALOG_MS) {
    element("description").close();
    return;
  }
  const dialog = element("description");
  if (dialog.dataset.advice !== tile.advice) {
    dialog.dataset.advice = tile.advice;
    element("described-shape").replaceChildren(shape(tile.advice));
  }
  put(element("described-word"), tile.word);
  put(element("described-bay"), tile.bay);
  put(element("described-camera"), tile.whole);
  for (const name of ["battery", "officer", "progress", "hint"]) put(element(`described-${name}`), tile[name]);
}

// Has the compositor cover the page when what it shows has become old, should nothing here run any more.
function cover(view) {
  covering?.cancel();
  covering = null;
  if (view.kind !== "fresh") return;
  const left = Math.max(0, FRESH_MS - view.age);
  covering = element("cover").animate([{ opacity: 0 }, { opacity: 0, offset: 0.999 }, { opacity: 1 }], {
    duration: left,
    fill: "forwards",
  });
}

function put(part, said) {
  if (part.textContent !== said) part.textContent = said;
}

element("tiles").style.setProperty("--letters", longestWord(texts));
put(element("close"), text(texts, "close"));
element("close").addEventListener("click", () => element("description").close());
element("description").addEventListener("close", () => {
  opened = { key: null, at: 0 };
});
for (const name of ["visibilitychange", "freeze", "resume"]) document.addEventListener(name, tick);
for (const name of ["pageshow", "focus", "online"]) window.addEventListener(name, tick);
new ResizeObserver(fit).observe(element("tiles"));
setInterval(tick, TICK_MS);
tick();
