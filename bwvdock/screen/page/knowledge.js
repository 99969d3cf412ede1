// What does this page know of the dock, and how old is that at most?
//
// Nothing here asks a clock or touches the page: every moment is given, as { mono, wall }, milliseconds of the page's
// two clocks. One never jumps, but may stop while the computer sleeps; the other goes on, but may be set. What either
// of them calls old is old.
//
// A stream begins with the server's clock (hello), read after the page had opened it. So a statement that the server
// dates n ms after its hello was made n ms after the opening or later: that is when the page takes it to be made,
// however long it was on its way, and whatever the server's clock says otherwise. Where the page's clocks went apart
// since the opening (the computer slept, or a clock was set), nothing is known until another stream says it.

export const FRESH_MS = 5000;
export const QUIET_MS = 3000; // without a statement, after which another stream is opened

const APART_MS = 1000;

const after = (moment, ms) => ({ mono: moment.mono + ms, wall: moment.wall + ms });
const earlier = (one, other) => ({
  mono: Math.min(one.mono, other.mono),
  wall: Math.min(one.wall, other.wall),
});
const between = (then, now) => Math.max(now.mono - then.mono, now.wall - then.wall);
const apart = (then, now) => Math.abs(now.mono - then.mono - (now.wall - then.wall));

export class Knowledge {
  #begun;
  #stream = 0;
  #opened = null;
  #hello = null;
  #heard = null;
  #made = null;
  #told = null;

  constructor(now) {
    this.#begun = now;
  }

  // Returns the number of the stream that is opened now; what earlier ones still bring is not heeded.
  open(now) {
    if (this.#wentApart(now)) this.#made = null;
    this.#stream += 1;
    this.#opened = now;
    this.#heard = now;
    this.#hello = null;
    return this.#stream;
  }

  hello(stream, at) {
    if (stream === this.#stream && this.#hello === null && Number.isFinite(at)) this.#hello = at;
  }

  said(stream, at, told, now) {
    if (stream !== this.#stream || this.#hello === null || !Number.isFinite(at)) return;
    this.#made = earlier(now, after(this.#opened, at - this.#hello));
    this.#told = told;
    this.#heard = now;
  }

  // Whether another stream should be opened: this one brings nothing, or only what is old.
  isStale(now) {
    if (this.#opened === null || this.#wentApart(now)) return true;
    if (between(this.#opened, now) < QUIET_MS) return false;
    return between(this.#heard, now) >= QUIET_MS || this.#age(now) >= FRESH_MS;
  }

  // Returns { kind, age, told }. Of the kinds "asking", "fresh", "silent" and "old", only "fresh" may be shown as it
  // is: the daemon said so less than FRESH_MS ago.
  view(now) {
    const age = this.#age(now);
    if (this.#told === null) {
      return { kind: between(this.#begun, now) < FRESH_MS ? "asking" : "old", age, told: null };
    }
    if (!(age < FRESH_MS)) return { kind: "old", age, told: this.#told };
    return { kind: Array.isArray(this.#told.bays) ? "fresh" : "silent", age, told: this.#told };
  }

  #age(now) {
    return this.#made === null || this.#wentApart(now) ? Infinity : between(this.#made, now);
  }

  #wentApart(now) {
    return this.#opened !== null && apart(this.#opened, now) > APART_MS;
  }
}
