// What is on each tile, and how large can tiles be? Texts come from the catalogue; nothing here touches the page.

export const UNKNOWN = "unknown";
const ADVICE = new Set(["safe", "take", "do-not-remove", "settling", "refused"]);
const WIDE = 1.9; // the shape of a tile that reads best: so many times as wide as high
const WIDER = 0.35; // an M or a W is so much wider than other letters
const LEAST_WIDTH = 112;
const LONGEST_NAME = 16;
const LONGEST_END = 6; // on a tile that has room for no more

// Returns a text of the catalogue with values in the place of {names}; a number chooses among plural forms.
export function text(texts, key, values = {}) {
  const forms = texts[key];
  if (forms === undefined) return "";
  const form =
    typeof forms === "string"
      ? forms
      : (forms[new Intl.PluralRules(texts.language).select(values.n)] ?? forms.other);
  return form.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

// Returns how many letters of common width the longest word has that must fit into a tile in one piece.
export function longestWord(texts) {
  const words = Object.keys(texts)
    .filter((key) => key.startsWith("advice."))
    .flatMap((key) => texts[key].split(" "));
  return Math.max(...words.map((word) => word.length + WIDER * word.replace(/[^MW]/g, "").length));
}

// Returns the tiles of what is known: only a fresh view says anything but "not known".
export function tiles(view, texts, bays) {
  const fresh = view.kind === "fresh";
  const shown = fresh ? view.told.bays : bays;
  const collator = new Intl.Collator("en", { numeric: true });
  return [...shown]
    .sort((one, other) => collator.compare(one.bay, other.bay) || collator.compare(one.key, other.key))
    .map((bay) => tile(bay, fresh, texts));
}

function tile(bay, fresh, texts) {
  const advice = fresh && ADVICE.has(bay.advice) ? bay.advice : UNKNOWN;
  const serial = bay.serial === "" ? text(texts, "no-serial") : bay.serial;
  return {
    key: bay.key,
    advice,
    word: text(texts, `advice.${advice}`),
    bay: text(texts, "bay", { bay: bay.bay }),
    end: ending(bay.serial, LONGEST_END),
    camera: [ending(serial, LONGEST_NAME), bay.model].filter(Boolean).join(" · "),
    whole: [serial, bay.model].filter(Boolean).join(" · "),
    officer: bay.officer,
    charge: charge(bay, fresh),
    battery: battery(bay, fresh, texts),
    share: fresh && bay.advice === "do-not-remove" ? bay.share : null,
    progress: fresh ? progress(bay, texts) : "",
    hint: fresh ? hint(bay, texts) : text(texts, "hint.unknown"),
  };
}

// Returns a serial so that its end, in which the cameras of a force differ, is seen.
function ending(serial, longest) {
  const signs = [...serial];
  return signs.length <= longest ? serial : `…${signs.slice(1 - longest).join("")}`;
}

// Returns how full the battery is, from 0 to 1, as the camera says; null where that is not known.
function charge(bay, fresh) {
  const told = fresh && Number.isInteger(bay.battery) && bay.battery >= 0 && bay.battery <= 100;
  return told ? bay.battery / 100 : null;
}

function battery(bay, fresh, texts) {
  if (charge(bay, fresh) === null) return "";
  const values = { n: bay.battery };
  return text(texts, `battery.${bay.batterySource}`, values) || text(texts, "battery.file", values);
}

function progress(bay, texts) {
  if (bay.cause !== "copying" || bay.clips === 0) return "";
  const said = [text(texts, "clips", { n: bay.clips, copied: bay.copied })];
  if (bay.seconds !== null) said.push(duration(bay.seconds, texts));
  return said.join(" · ");
}

function duration(seconds, texts) {
  if (seconds < 60) return text(texts, "left.seconds");
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 90) return text(texts, "left.minutes", { n: minutes });
  return text(texts, "left.hours", { n: Math.ceil(minutes / 60) });
}

function hint(bay, texts) {
  const said = [];
  if (bay.cause !== "") said.push(text(texts, `cause.${bay.cause}`, { n: bay.settling }));
  if (bay.left > 0) said.push(text(texts, "not-taken", { n: bay.left }));
  return said.filter(Boolean).join(" ");
}

// Returns { columns, rows } that make so many tiles of a space largest, as they are read: by their smaller side.
export function grid(count, width, height) {
  let best = { columns: 1, rows: Math.max(1, count), size: -1 };
  const most = Math.max(1, Math.min(count, Math.floor(width / LEAST_WIDTH)));
  for (let columns = 1; columns <= most; columns += 1) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(width / columns / WIDE, height / rows);
    if (size > best.size) best = { columns, rows, size };
  }
  return { columns: best.columns, rows: best.rows };
}

// Returns what the banner says: "" for nothing, loud where no camera may be taken.
export function banner(view, texts, time) {
  if (view.kind === "fresh") {
    const said = view.told.problems.map((code) => text(texts, `problem.${code}`) || text(texts, "problem.other"));
    return { loud: false, text: said.filter(Boolean).join(" ") };
  }
  if (view.kind === "asking") return { loud: false, text: text(texts, "asking") };
  const why = view.kind === "silent" ? `silent.${view.told.silent}` : "silent.no-answer";
  const said = [text(texts, why) || text(texts, "silent.no-answer"), text(texts, "silent.advice")];
  if (time !== "") said.push(text(texts, "silent.last", { time }));
  return { loud: true, text: said.join(" ") };
}

// Returns the line that sums up what may be taken.
export function summary(view, texts) {
  if (view.kind !== "fresh") return "";
  const safe = view.told.bays.filter((bay) => bay.advice === "safe" || bay.advice === "take").length;
  if (view.told.bays.length === 0) return text(texts, "nothing-docked");
  return text(texts, "summary", { n: view.told.bays.length, safe });
}
