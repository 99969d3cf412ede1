// What came of a badge: for how long is it shown, in which words, and which sound goes with it?
//
// Nothing here asks a clock, touches the page or makes a sound. What is said of a badge ends with its own seconds, and
// before that with what is known (knowledge.js): of an old answer nothing is shown.

const GOOD = new Set(["take", "taken", "returned"]);
const SOUNDS = {
  take: "take",
  "taken-another": "wrong",
  "taken-two": "wrong",
  "unknown-badge": "nothing",
  "none-safe": "nothing",
  "none-charged": "nothing",
  "none-suitable": "nothing",
  "has-one": "nothing",
};
const LATER_MS = 1500; // seconds are whole ones: by so much an end may seem to move

// Returns { outcome, bay, ends } of what is known, or null: ends by the clock that never jumps.
export function current(view, now) {
  const said = view.kind === "fresh" ? (view.told.checkout ?? null) : null;
  if (said === null || !Number.isFinite(said.seconds)) return null;
  const ends = now.mono - view.age + said.seconds * 1000;
  return ends > now.mono ? { outcome: said.outcome, bay: said.bay, ends } : null;
}

// Returns the view in which no camera is offered any more whose offer has ended: it was offered because it is safe.
export function withoutEnded(view, shown) {
  if (view.kind !== "fresh" || shown?.outcome === "take") return view;
  const bays = view.told.bays.map((bay) => (bay.advice === "take" ? { ...bay, advice: "safe" } : bay));
  return { ...view, told: { ...view.told, bays } };
}

// Returns the line that is shown: { text, wrong }.
export function line(shown, text) {
  if (shown === null) return { text: "", wrong: false };
  const said = text(`checkout.${shown.outcome}`, { bay: shown.bay }) || text("checkout.other");
  return { text: said, wrong: !GOOD.has(shown.outcome) };
}

// Returns the sound of what has just come of a badge; "" for none. What was there when the page was opened has none:
// nobody knows how long ago that badge was.
export function sound(before, shown) {
  if (shown === null || before === undefined) return "";
  const same = before !== null && before.outcome === shown.outcome && before.bay === shown.bay;
  return same && shown.ends - before.ends < LATER_MS ? "" : (SOUNDS[shown.outcome] ?? "");
}
