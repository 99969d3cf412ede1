// A page, a network, the screen's server and a daemon, in simulated time: what does the page's knowledge make of it?
//
// A seed draws one history. With faults, computers sleep, clocks are set, streams hang and bring what is old, the daemon
// and the server die and come back, answers take long. Whatever happens: what is called fresh was said less than
// FRESH_MS ago, by the page's own clock, and by the true one as long as nobody sets a clock.

const STEP_MS = 50;
const TICK_MS = 250;
const FAULTS_MS = 60000;
const END_MS = 72000;
const STREAM_MS = 30000;

// What can go wrong. Each history has some of these: all at once, nothing would ever be known.
const KINDS = ["sleeps", "frozen", "dozes", "hangs", "dead", "set", "restarts", "late", "takes", "stalls", "slow", "lost"];

function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class World {
  constructor(Knowledge, freshMs, seed, faults) {
    this.random = generator(seed);
    this.faults = faults;
    this.freshMs = freshMs;
    this.time = 0;
    this.drift = faults ? 2e-4 : 0;
    this.page = { rate: this.rate(), mono: this.between(0, 1e7), wall: 1.7e12, sleeps: false, frozen: false };
    this.dock = { rate: this.rate(), dozes: false };
    this.server = { number: 0, clock: this.between(0, 1e7), up: true };
    this.daemon = { safe: true, dead: false, hangs: false };
    this.streams = [];
    this.answers = [];
    this.asking = null;
    this.nextAsk = 0;
    this.opened = -Infinity;
    this.kinds = new Set(KINDS.filter(() => faults && this.chance(0.4)));
    this.wallWasSet = false;
    this.last = null;
    this.wrong = [];
    this.seen = { fresh: 0, safe: 0, other: 0 };
    this.knowledge = new Knowledge(this.now());
  }

  rate = () => 1 + this.between(-this.drift, this.drift);
  between = (low, high) => low + this.random() * (high - low);
  chance = (each) => this.random() < each;
  now = () => ({ mono: this.page.mono, wall: this.page.wall });

  run() {
    while (this.time < END_MS) {
      this.time += STEP_MS;
      if (!this.page.sleeps) this.page.mono += STEP_MS * this.page.rate;
      this.page.wall += STEP_MS * this.page.rate;
      this.server.clock += STEP_MS * this.dock.rate; // one that counts sleep
      if (this.faults && this.time < FAULTS_MS) this.fail();
      else this.calm();
      if (!this.dock.dozes) this.serve();
      if (!this.page.sleeps && !this.page.frozen) this.turn();
    }
    const end = this.knowledge.view(this.now());
    if (end.kind !== "fresh") this.wrong.push(`at the end, when all was calm for long, the page knows ${end.kind}`);
    return { wrong: this.wrong, seen: this.seen };
  }

  fail() {
    const flip = (thing, name, begins, ends) => {
      if (this.kinds.has(name) && this.chance(thing[name] ? ends : begins)) thing[name] = !thing[name];
    };
    flip(this.page, "sleeps", 0.005, 0.02);
    flip(this.page, "frozen", 0.003, 0.02);
    flip(this.dock, "dozes", 0.003, 0.02);
    flip(this.daemon, "hangs", 0.004, 0.03);
    flip(this.daemon, "dead", 0.004, 0.02);
    if (this.chance(0.02)) this.daemon.safe = !this.daemon.safe;
    if (this.kinds.has("set") && this.chance(0.01)) {
      this.page.wall += this.between(-3.6e6, 3.6e6);
      this.wallWasSet = true;
    }
    if (this.kinds.has("restarts") && this.chance(0.005)) {
      this.server = { number: this.server.number + 1, clock: this.between(0, 1e7), up: false };
      this.asking = null;
      for (const stream of this.streams) stream.ended = true;
    }
    if (this.chance(0.05)) this.server.up = true;
    for (const stream of this.streams) {
      flip(stream, "stalls", 0.01, 0.01);
      flip(stream, "slow", 0.01, 0.002);
      flip(stream, "lost", 0.003, 0);
    }
  }

  calm() {
    Object.assign(this.page, { sleeps: false, frozen: false });
    Object.assign(this.daemon, { dead: false, hangs: false });
    this.dock.dozes = false;
    this.server.up = true;
    for (const stream of this.streams) Object.assign(stream, { stalls: false, slow: false });
    if (this.chance(0.02)) this.daemon.safe = !this.daemon.safe;
  }

  happens = (kind, each) => this.kinds.has(kind) && this.time < FAULTS_MS && this.chance(each);
  delay = () => (this.happens("late", 0.1) ? this.between(0, 20000) : this.between(1, 40));

  serve() {
    if (!this.server.up) return;
    for (const stream of this.streams) {
      if (stream.hello || stream.ended || this.time < stream.arrives) continue;
      stream.hello = true;
      this.send(stream, { kind: "hello", at: this.server.clock });
    }
    if (this.asking === null && this.time >= this.nextAsk) {
      const takes = this.happens("takes", 0.2) ? this.between(0, 3000) : this.between(1, 40);
      this.asking = { at: this.server.clock, made: this.time + takes * this.random(), comes: this.time + takes };
      this.nextAsk = this.time + 500;
    }
    if (this.asking === null) return;
    this.asking.answer ??= this.time >= this.asking.made ? this.answer() : undefined;
    if (this.asking.answer === undefined || this.time < this.asking.comes) return;
    const { at, answer } = this.asking;
    for (const stream of this.streams) {
      if (!stream.hello) continue;
      this.send(stream, { kind: "said", at, answer });
      if (this.time - stream.arrives > STREAM_MS) stream.ended = true;
    }
    this.asking = null;
  }

  answer() {
    const silent = this.daemon.dead || this.daemon.hangs;
    const { time, page, daemon } = this;
    this.answers.push({ safe: daemon.safe, silent, time, mono: page.mono });
    return this.answers.length - 1;
  }

  send(stream, event) {
    if (stream.slow) stream.lag += 250; // something on the way passes on less than it is given
    stream.due = Math.max(stream.due, this.time + stream.lag + this.delay()); // what was sent first comes first
    if (!stream.ended) stream.events.push({ ...event, due: stream.due });
  }

  // The page: takes what has come, and ticks, as screen.js does.
  turn() {
    for (const stream of this.streams) {
      while (!stream.stalls && !stream.lost && stream.events.length > 0 && stream.events[0].due <= this.time) {
        this.take(stream, stream.events.shift());
      }
    }
    if (this.time % TICK_MS !== 0) return;
    const ended = this.streams.at(-1)?.ended && this.streams.at(-1).events.length === 0;
    if ((ended || this.knowledge.isStale(this.now())) && this.time - this.opened >= 1000) this.open();
    this.check();
  }

  open() {
    this.opened = this.time;
    this.streams.push({
      number: this.knowledge.open(this.now()),
      arrives: this.time + this.delay(),
      due: 0,
      lag: 0,
      slow: false,
      lost: false,
      events: [],
      hello: false,
      ended: !this.server.up,
      stalls: false,
    });
    this.streams = this.streams.slice(-4); // those that were left behind may still bring something
  }

  take(stream, { kind, at, answer }) {
    if (kind === "hello") {
      this.knowledge.hello(stream.number, at);
      return;
    }
    const told = this.answers[answer].silent ? { answer, silent: "no-answer" } : { answer, bays: [] };
    if (stream === this.streams.at(-1)) this.last = answer;
    this.knowledge.said(stream.number, at, told, this.now());
    this.check();
  }

  check() {
    const view = this.knowledge.view(this.now());
    if (view.kind !== "fresh") {
      this.seen.other += 1;
      if (!this.faults && this.time > 2000) this.wrong.push(`at ${this.time}: ${view.kind}, though nothing failed`);
      return;
    }
    const truth = this.answers[view.told.answer];
    const most = this.freshMs + 2 * this.drift * (this.time - this.opened) + STEP_MS; // clocks drift
    this.seen.fresh += 1;
    this.seen.safe += Number(truth.safe);
    if (truth.silent) this.wrong.push(`at ${this.time}: fresh, though the daemon was silent`);
    if (view.told.answer !== this.last) this.wrong.push(`at ${this.time}: not what came last`);
    if (this.page.mono - truth.mono >= most) {
      this.wrong.push(`at ${this.time}: ${this.page.mono - truth.mono} ms old by the page's clock`);
    }
    if (!this.wallWasSet && this.time - truth.time >= most) {
      this.wrong.push(`at ${this.time}: ${this.time - truth.time} ms old`);
    }
  }
}

// Returns what was wrong in histories of some seeds, and how often which kind was seen.
export function histories(Knowledge, freshMs, first, count, faults) {
  const found = { wrong: [], seen: { fresh: 0, safe: 0, other: 0 } };
  for (let seed = first; seed < first + count; seed += 1) {
    const { wrong, seen } = new World(Knowledge, freshMs, seed, faults).run();
    if (wrong.length > 0) found.wrong.push(`seed ${seed}: ${wrong[0]} (${wrong.length} in all)`);
    for (const kind of Object.keys(seen)) found.seen[kind] += seen[kind];
  }
  return found;
}
