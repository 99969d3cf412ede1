// Plays what is heard after a badge. The tones are made here: nothing is loaded.

const SECONDS = 0.18;
const TONES = {
  take: [660, 990], // rises: take it
  wrong: [220, 165, 220, 165], // goes down, twice: not this one
  nothing: [330, 330], // stays: nothing to take
};

let context = null;

// Plays a sound. A browser that lets no page make a sound before it is touched plays none, and never later.
export async function play(name) {
  const tones = TONES[name];
  if (tones === undefined || typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  if (context.state !== "running") {
    const begun = performance.now();
    await context.resume();
    if (performance.now() - begun > 1000) return; // touched at last: whoever tapped has gone
  }
  tones.forEach((hertz, place) => tone(hertz, context.currentTime + place * SECONDS));
}

function tone(hertz, begins) {
  const oscillator = new OscillatorNode(context, { type: "triangle", frequency: hertz });
  const loudness = new GainNode(context, { gain: 0 });
  loudness.gain.setValueAtTime(0, begins);
  loudness.gain.linearRampToValueAtTime(0.6, begins + 0.01);
  loudness.gain.setValueAtTime(0.6, begins + SECONDS - 0.03);
  loudness.gain.linearRampToValueAtTime(0, begins + SECONDS);
  oscillator.connect(loudness).connect(context.destination);
  oscillator.start(begins);
  oscillator.stop(begins + SECONDS);
}
