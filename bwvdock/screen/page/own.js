// What an officer sees and says of their own clips, for a minute after a badge. The daemon decides all of it: this page
// asks with the token that it was given, and forgets it, and every clip, when the time is over or nothing is known.

import { text } from "./tiles.js";

const NOTE_MS = 10000;
const SOON_MS = 20000; // before the end: then it is said how to have more time
const KEYS = ["1234567890", "QWERTYUIOP", "ASDFGHJKL-", "ZXCVBNM/.,"];
const ACTS = ["evidence", "not-evidence", "category", "not-mine"];
const NEEDS_REASON = new Set(["evidence", "not-evidence"]);

// Returns { ends, free } of the window that is open, by the clock that never jumps; null for none.
export function current(view, now) {
  const said = view.kind === "fresh" ? (view.told.ownClips ?? null) : null;
  if (said === null || !Number.isFinite(said.seconds)) return null;
  const ends = now.mono - view.age + said.seconds * 1000;
  return ends > now.mono ? { ends, free: said.free === true } : null;
}

// Returns the line of a clip: when it was recorded, how long and how large it is.
export function described(clip, texts) {
  const minutes = Math.floor(clip.length / 60000);
  const seconds = String(Math.floor(clip.length / 1000) % 60).padStart(2, "0");
  return [
    text(texts, clip.sure ? "own.time" : "own.time-unsure", { time: clip.recorded }),
    clip.length > 0 ? text(texts, "own.length", { length: `${minutes}:${seconds}` }) : text(texts, "own.length-unknown"),
    text(texts, "own.size", { size: Math.max(1, Math.round(clip.size / 1e6)) }),
  ].join(" · ");
}

// Returns what was said of a clip so far.
export function marks(clip, texts) {
  const said = [];
  if (clip.evidential) said.push(text(texts, clip.case === "" ? "own.is-evidence" : "own.is-evidence-of", { case: clip.case }));
  said.push(...clip.categories);
  return said.join(" · ") || text(texts, "own.no-marks");
}

export class OwnClips {
  // Takes the texts, what finds an element, and a clock of milliseconds that never jumps.
  constructor(texts, element, clock) {
    this.texts = texts;
    this.element = element;
    this.clock = clock;
    this.token = null;
    this.categories = [];
    this.clips = [];
    this.chosen = null;
    this.act = null;
    this.asking = false;
    this.warned = false;
    this.noteEnds = 0;
    this.prepare();
  }

  say(key, values = {}) {
    return text(this.texts, key, values);
  }

  prepare() {
    const { element } = this;
    for (const [id, key] of [
      ["own-open", "own.open"],
      ["own-heading", "own.heading"],
      ["own-close", "own.close"],
      ["own-back", "own.back"],
      ["own-record", "own.record"],
      ["own-keyboard", "own.keyboard"],
      ["own-legend", "own.category"],
      ["own-case-label", "own.case"],
    ]) {
      element(id).textContent = this.say(key);
    }
    element("own-open").addEventListener("click", () => this.open());
    element("own-close").addEventListener("click", () => this.end(""));
    element("own-back").addEventListener("click", () => this.list());
    element("own-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.order();
    });
    element("own").addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (this.chosen === null) this.end("");
      else this.list();
    });
    element("own-keyboard").addEventListener("click", () => this.showKeys(element("own-keys").hidden));
    for (const act of ACTS) element("own-acts").append(this.button(this.say(`own.act.${act}`), () => this.begin(act), act));
    this.target = element("own-reason");
    for (const id of ["own-case", "own-reason"]) element(id).addEventListener("focus", () => (this.target = element(id)));
    this.prepareKeys();
  }

  prepareKeys() {
    const key = (label, type) => {
      const made = this.button(label, type);
      made.tabIndex = -1; // for who has no other keyboard
      return made;
    };
    for (const row of KEYS) {
      const line = document.createElement("div");
      line.append(...[...row].map((sign) => key(sign, () => this.type((said) => said + sign))));
      this.element("own-keys").append(line);
    }
    const last = document.createElement("div");
    last.append(
      key(this.say("own.key.space"), () => this.type((said) => `${said} `)),
      key(this.say("own.key.delete"), () => this.type((said) => [...said].slice(0, -1).join(""))),
    );
    this.element("own-keys").append(last);
  }

  button(label, click, act = "") {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    if (act !== "") made.dataset.act = act;
    made.addEventListener("click", click);
    return made;
  }

  type(change) {
    const { target } = this;
    target.value = change(target.value).slice(0, target.maxLength);
  }

  showKeys(shown) {
    this.element("own-keys").hidden = !shown;
    this.element("own-keyboard").setAttribute("aria-expanded", String(shown));
  }

  // Draws what is known: the window that is open, or null; `fresh` is whether anything is known at all.
  draw(open, fresh) {
    const now = this.clock();
    this.element("own-offer").hidden = open === null || !open.free || this.token !== null;
    if (this.token !== null && open === null) this.end(fresh ? "over" : "");
    if (now >= this.noteEnds) this.note("");
    if (this.token === null) return;
    const left = open.ends - now;
    this.element("own-left").textContent = this.say("own.left", { n: Math.ceil(left / 1000) });
    if (left > SOON_MS) this.warned = false;
    else if (!this.warned) {
      this.warned = true;
      this.note("soon");
    }
  }

  note(key) {
    const said = key === "" ? "" : this.say(`own.${key}`);
    if (this.element("own-note").textContent !== said) this.element("own-note").textContent = said;
    this.noteEnds = key === "" ? Infinity : this.clock() + NOTE_MS;
  }

  // Returns what the dock answers; null while it has not answered what was asked before.
  async ask(path, asked) {
    if (this.asking) return null;
    this.asking = true;
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(asked),
      });
      return await answer.json();
    } catch {
      return { outcome: "silent" };
    } finally {
      this.asking = false;
    }
  }

  async open() {
    const answer = await this.ask("own-clips", { token: "" });
    if (answer === null) return;
    if (answer.outcome !== "shown") {
      this.note(answer.outcome);
      return;
    }
    this.note("");
    this.warned = false;
    this.take(answer);
    this.element("own").hidden = false;
    this.element("tiles").hidden = this.element("own-offer").hidden = true;
    this.list();
  }

  take(answer) {
    this.token = answer.token;
    this.categories = answer.categories;
    this.clips = answer.clips;
    this.more = answer.more;
  }

  end(why) {
    this.token = null;
    this.clips = [];
    this.chosen = this.act = null;
    for (const id of ["own-list", "own-categories"]) this.element(id).replaceChildren();
    for (const id of ["own-clip", "own-marks", "own-left", "own-more"]) this.element(id).textContent = "";
    for (const id of ["own-reason", "own-case"]) this.element(id).value = "";
    const had = this.element("own").contains(document.activeElement);
    this.element("own").hidden = true;
    this.element("tiles").hidden = false;
    if (had) this.element("tiles").querySelector("button")?.focus();
    this.note(why);
  }

  list(focused = null) {
    this.chosen = this.act = null;
    this.element("own-form").hidden = true;
    this.element("own-list").hidden = false;
    this.element("own-list").replaceChildren(...this.clips.map((clip) => this.row(clip)));
    this.element("own-more").textContent = this.clips.length === 0 ? this.say("own.none") : this.more > 0 ? this.say("own.more", { n: this.more }) : "";
    const row = [...this.element("own-list").querySelectorAll("button")].find((one) => one.dataset.clip === focused);
    (row ?? this.element("own-heading")).focus();
  }

  row(clip) {
    const item = document.createElement("li");
    const made = this.button("", () => this.choose(clip));
    const [what, said] = [document.createElement("span"), document.createElement("bdi")];
    what.textContent = described(clip, this.texts);
    said.textContent = marks(clip, this.texts);
    made.dataset.clip = clip.clip;
    made.append(what, said);
    item.append(made);
    return item;
  }

  choose(clip) {
    this.chosen = clip;
    this.element("own-list").hidden = true;
    this.element("own-form").hidden = false;
    this.element("own-more").textContent = "";
    this.element("own-clip").textContent = described(clip, this.texts);
    this.element("own-marks").textContent = marks(clip, this.texts);
    this.element("own-reason").value = "";
    this.element("own-case").value = clip.case;
    for (const made of this.element("own-acts").children) {
      const { act } = made.dataset;
      made.hidden = (act === "not-evidence" && !clip.evidential) || (act === "category" && this.categories.length === 0);
    }
    this.begin(null);
    this.element("own-acts").querySelector("button").focus();
  }

  begin(act) {
    this.act = act;
    for (const made of this.element("own-acts").children) made.setAttribute("aria-pressed", String(made.dataset.act === act));
    for (const id of ["own-details", "own-record", "own-keyboard"]) this.element(id).hidden = act === null;
    if (act === null) this.showKeys(false);
    this.element("own-case-line").hidden = act !== "evidence";
    this.element("own-category-line").hidden = act !== "category";
    this.element("own-what").textContent = act === null ? "" : this.say(`own.what.${act}`);
    this.element("own-reason").required = NEEDS_REASON.has(act);
    this.element("own-reason-label").textContent = this.say(NEEDS_REASON.has(act) ? "own.reason" : "own.reason-optional");
    this.element("own-categories").replaceChildren(
      ...(act === "category" ? this.categories.map((name, place) => this.category(name, place === 0)) : []),
    );
  }

  category(name, checked) {
    const [label, radio, said] = ["label", "input", "bdi"].map((kind) => document.createElement(kind));
    Object.assign(radio, { type: "radio", name: "category", value: name, checked });
    said.textContent = name;
    label.append(radio, said);
    return label;
  }

  async order() {
    const { chosen, act, token } = this;
    if (chosen === null || act === null || token === null) return;
    const category = this.element("own-categories").querySelector("input:checked")?.value ?? "";
    const answer = await this.ask("own-clips/mark", {
      token,
      clip: chosen.clip,
      act,
      reason: this.element("own-reason").value.trim(),
      case: act === "evidence" ? this.element("own-case").value.trim() : "",
      category: act === "category" ? category : "",
    });
    if (answer === null || this.token !== token) return; // it was pressed twice, or is over meanwhile
    if (answer.outcome === "over") this.end("over");
    else if (["recorded", "unchanged", "not-yours"].includes(answer.outcome)) await this.again(answer.outcome, chosen.clip);
    else this.note(answer.outcome);
  }

  // Shows the list as it is now.
  async again(outcome, clip) {
    const { token } = this;
    const answer = await this.ask("own-clips", { token });
    if (answer === null || this.token !== token) return;
    if (answer.outcome !== "shown") {
      this.end(answer.outcome);
      return;
    }
    this.take(answer);
    this.list(clip);
    this.note(outcome);
  }
}
