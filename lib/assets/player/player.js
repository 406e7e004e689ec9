// @ts-check
// The clip player: exact pictures, marks, a timeline. Pictures are counted from 0; "end" is the first one not kept.
// Streamlit calls the default export again on every rerun, so what lasts is kept by the element it lives in.

/**
 * @typedef {object} Data what Python says, on every rerun
 * @property {string} sha256
 * @property {string} video address of the clip itself
 * @property {string} film address of what the server makes of it
 * @property {string} key their signature
 * @property {boolean} needs_proxy
 * @property {number} frames
 * @property {[number, number]} rate pictures per second, as a fraction
 * @property {boolean} varies whether the rate does; then a table of times is fetched
 * @property {number} duration_s
 * @property {number} start_s when the first picture comes in the file
 * @property {boolean} sound
 * @property {[number, number]} size
 * @property {"result" | "part" | "sound" | null} marks what lies between them; "sound": only where `lane` begins
 * @property {{sha256: string, address: string, film: string, key: string, duration_s: number, begin_s: number | null,
 *   replaces: boolean} | null} lane a sound to lay under the clip
 * @property {number | null} start
 * @property {number | null} end
 * @property {number} at
 * @property {[number, number][]} cuts
 * @property {number[]} pins pictures to point at
 * @property {boolean} low
 * @property {number} turn how many of our messages Python had seen when it said this
 */

const STEP_MS = { tell: 300, look: 200, poll: 700 };
const FASTEST = 8;
const WORDS = {
  result: { play: "Play result", kept: "Kept", in: "In: first picture kept", out: "Out: last picture kept" },
  part: { play: "Play part", kept: "Used", in: "In: first picture used", out: "Out: last picture used" },
  sound: { play: "Loop", kept: "", in: "", out: "" },
  none: { play: "Loop", kept: "", in: "", out: "" },
};

const players = new WeakMap();
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".player");
  let player = players.get(parentElement);
  if (!player || player.root !== root) {
    player?.close();
    player = new Player(root);
    players.set(parentElement, player);
  }
  player.say = (marks) => setStateValue("marks", marks);
  player.take(data);
  return () => {
    players.get(parentElement)?.close();
    players.delete(parentElement);
  };
}

class Player {
  constructor(root) {
    this.root = root;
    /** @returns {any} */
    this.get = (name) => root.querySelector(name);
    this.video = this.get("video");
    this.data = /** @type {Data} */ (/** @type {any} */ ({}));
    this.at = 0; // the picture that is wanted on screen
    this.start = /** @type {number | null} */ (null);
    this.end = /** @type {number | null} */ (null);
    this.turn = 0;
    this.told = { start_frame: this.start, end_frame: this.end, at_frame: 0 }; // by us, or by Python since
    this.known = [this.start, this.end]; // what Python had when it last knew all of ours
    this.words = WORDS.none;
    this.speed = 0; // 0 is paused; below 0 runs backward
    this.result = false; // playing only what is kept
    this.times = /** @type {number[]} */ ([]);
    this.closed = new AbortController();
    this.tellSoon = settled(() => this.tell(), STEP_MS.tell);
    this.stillSoon = settled(() => this.showStill(), STEP_MS.look);
    this.seamsSoon = settled(() => this.showSeams(), STEP_MS.look);
    this.muted = false;
    this.base = null;
    this.timeline = new Timeline(this);
    this.lane = new Lane(this);
    this.listen();
  }

  close() {
    this.closed.abort();
    this.timeline.close();
    this.lane.close();
    for (const later of [this.tellSoon, this.stillSoon, this.seamsSoon]) later.drop();
    this.speed = 0;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** What Python says now. Its marks count only where they are news, and where it had seen ours. */
  take(/** @type {Data} */ data) {
    const before = this.data;
    this.data = data;
    this.dress();
    if (before.sha256 !== data.sha256) {
      this.open();
    } else if (data.turn === this.turn) {
      this.follow(data);
    }
    this.render();
  }

  /** A mark that Python moved; the other one may just be moving here. */
  follow({ start, end }) {
    const { told } = this;
    const news = [start !== told.start_frame, end !== told.end_frame];
    if (news.some(Boolean)) this.setMarks(news[0] ? start : this.start, news[1] ? end : this.end);
    this.told = { ...told, start_frame: start, end_frame: end };
    this.known = [start, end];
  }

  /** What it is for: with marks or without, high or low. */
  dress() {
    const { data, root } = this;
    root.classList.toggle("plain", !data.marks || data.marks === "sound");
    root.classList.toggle("sounding", data.marks === "sound");
    this.lane.take(data.lane);
    root.classList.toggle("low", data.low);
    this.words = WORDS[data.marks ?? "none"];
    this.get(".result").textContent = this.words.play;
    this.get(".handle.start").setAttribute("aria-label", this.words.in);
    this.get(".handle.finish").setAttribute("aria-label", this.words.out);
  }

  open() {
    const { data } = this;
    this.turn = data.turn;
    [this.start, this.end, this.at] = [data.start, data.end, clamp(data.at, 0, data.frames - 1)];
    this.told = { start_frame: this.start, end_frame: this.end, at_frame: this.at };
    this.known = [data.start, data.end];
    this.times = [];
    this.root.classList.toggle("silent", !data.sound);
    this.root.style.setProperty("--shape", `${data.size[0]} / ${data.size[1]}`);
    this.root.style.setProperty("--tall", `${Math.max(200, Math.min(data.size[1], 520))}px`);
    if (data.varies) this.fetchTimes();
    this.load(data.needs_proxy ? null : data.video);
    this.timeline.open();
    this.seamsSoon.now();
  }

  // Times and pictures

  /** When picture n comes, in seconds from the first. */
  timeOf(n) {
    const [count, per] = this.data.rate;
    if (!this.times.length) return (n * per) / count;
    return n < this.times.length ? this.times[n] : this.data.duration_s;
  }

  /** The picture whose time is nearest: what the browser says of a frame is that time, rounded. */
  pictureOf(time) {
    const [count, per] = this.data.rate;
    if (!this.times.length) return clamp(Math.round((time * count) / per), 0, this.data.frames - 1);
    let [low, high] = [0, this.times.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.times[middle] <= time) low = middle;
      else high = middle - 1;
    }
    const next = Math.min(low + 1, this.times.length - 1);
    return this.times[next] - time < time - this.times[low] ? next : low;
  }

  /** "00:01:02:03"; where the rate varies, with thousandths of a second in place of pictures. */
  timecode(n) {
    const nominal = Math.round(this.data.rate[0] / this.data.rate[1]) || 1;
    const two = (value) => String(Math.floor(value)).padStart(2, "0");
    const whole = this.data.varies ? this.timeOf(n) : Math.floor(n / nominal);
    const rest = this.data.varies ? `.${String(Math.floor((whole % 1) * 1000)).padStart(3, "0")}` : `:${two(n % nominal)}`;
    return `${two(whole / 3600)}:${two((whole / 60) % 60)}:${two(whole % 60)}${rest}`;
  }

  address(path, query = "") {
    return `${this.data.film}/${path}?key=${this.data.key}${query}`;
  }

  async fetchTimes() {
    const answer = await fetch(this.address("times"), { signal: this.closed.signal });
    if (answer.ok) this.times = await answer.json();
    if (this.usable) this.seek(this.at);
    this.render();
  }

  // The picture on screen

  /** Plays from that address; null where the browser cannot play the clip itself. */
  load(address) {
    this.usable = false;
    this.base = null; // the first frame that comes says where the browser's clock has the first picture
    this.seeking = false;
    this.next = null;
    this.setSpeed(0);
    this.notice(null);
    this.proxied = address === null;
    if (address === null) {
      this.video.removeAttribute("src");
      this.stillSoon.now();
      this.askProxy("POST");
    } else {
      this.video.src = address;
    }
  }

  /** The first frame is there: from now on pictures can be sought. */
  ready(base) {
    if (this.usable || !this.video.currentSrc) return;
    this.base = base;
    this.usable = true;
    this.get(".poster").hidden = true;
    this.root.dataset.ready = "";
    this.seek(this.at);
  }

  seek(n) {
    this.at = clamp(Math.round(n), 0, this.data.frames - 1);
    if (!this.usable) this.stillSoon();
    else if (this.seeking) this.next = this.at;
    else this.seekNow(this.at);
    if (!this.speed) this.tellSoon();
    this.render();
  }

  /** To the middle of its time on screen, where no rounding can reach a neighbour. */
  seekNow(n) {
    this.seeking = true;
    this.next = null;
    this.video.currentTime = this.base + (this.timeOf(n) + this.timeOf(n + 1)) / 2;
  }

  sought() {
    this.seeking = false;
    if (this.next !== null) this.seekNow(this.next);
    else if (this.speed > 0 && this.video.paused) this.play();
  }

  watchFrames() {
    this.video.requestVideoFrameCallback?.((_, frame) => {
      if (this.closed.signal.aborted) return;
      if (!this.usable) this.ready(frame.mediaTime);
      this.presented(this.pictureOf(frame.mediaTime - this.base));
      this.watchFrames();
    });
  }

  presented(n) {
    this.root.dataset.shown = String(n);
    this.lane.follow();
    if (this.video.paused || this.seeking) return;
    this.at = n;
    if (this.result) this.keepToResult(n);
    this.render();
  }

  /** Without a video that plays: the server's picture. */
  showStill() {
    const poster = this.get(".poster");
    if (this.usable) return;
    poster.src = this.address(`still/${this.at}`);
    poster.alt = `Picture ${this.at}`;
    poster.hidden = false;
  }

  // Playing

  setSpeed(speed) {
    const playing = this.speed > 0;
    this.speed = speed;
    if (speed > 0) {
      this.video.playbackRate = speed;
      this.play();
    } else if (playing) {
      this.video.pause();
    }
    if (speed < 0) this.runBackward();
    this.render();
  }

  play() {
    this.video.play().catch((error) => {
      if (error.name !== "AbortError") this.pause(); // aborted: a pause came before it began
    });
  }

  /** Stops on the picture that is seen. */
  pause() {
    this.stopResult();
    this.setSpeed(0);
    if (this.usable) this.seek(this.at);
  }

  playOrPause() {
    if (this.speed) return this.pause();
    if (!this.usable) return undefined;
    if (this.at >= this.data.frames - 1) this.seek(0);
    return this.setSpeed(1);
  }

  /** J and L: again is faster, the other one slower. */
  shuttle(way) {
    if (!this.usable) return;
    this.stopResult();
    const same = Math.sign(this.speed) === way;
    const speed = same ? this.speed * 2 : Math.abs(this.speed) > 1 ? this.speed / 2 : way;
    if (speed < 0 && this.speed > 0) this.seek(this.at);
    this.setSpeed(clamp(speed, -FASTEST, FASTEST));
  }

  /** Browsers only play forward: backward is seeking, as fast as pictures come, to where the clock says. */
  runBackward() {
    const speed = this.speed;
    const [from, began] = [this.timeOf(this.at), performance.now()];
    const step = () => {
      if (this.speed !== speed || this.closed.signal.aborted) return;
      const due = from + ((performance.now() - began) / 1000) * speed;
      let n = this.at;
      while (n > 0 && this.timeOf(n) > due) n -= 1;
      if (!this.seeking && n < this.at) this.seek(n);
      if (this.at > 0) requestAnimationFrame(step);
      else this.pause();
    };
    requestAnimationFrame(step);
  }

  /**
   * What Python says, but for a single part that lies between its marks: there ours are newer while they move.
   * @returns {[number, number][]} what will be kept
   */
  kept() {
    const { cuts, start, end, frames, marks } = this.data;
    if (!marks || marks === "sound") return [[0, frames]];
    const between = cuts.length === 1 && cuts[0][0] === (start ?? 0) && cuts[0][1] === Math.min(end ?? frames, frames);
    return cuts.length && !between ? cuts : [[this.start ?? 0, this.end ?? frames]];
  }

  playResult() {
    if (!this.usable) return;
    if (this.result) return this.pause();
    const inside = this.kept().some(([first, end]) => first <= this.at && this.at < end - 1);
    if (!inside) this.seek((this.kept().find(([first]) => first > this.at) ?? this.kept()[0])[0]);
    this.result = true;
    this.setSpeed(1);
  }

  stopResult() {
    this.result = false;
    clearTimeout(this.jump);
    this.jump = 0;
  }

  /** At the last picture of a stretch the video halts there for the picture's time, then goes on at the next one. */
  keepToResult(n) {
    const stretches = this.kept();
    const inside = stretches.find(([first, end]) => first <= n && n < end - 1);
    if (inside || this.jump) return;
    const following = stretches.find(([first]) => first > n) ?? stretches[0];
    const stands = stretches.some(([, end]) => n === end - 1) ? this.timeOf(n + 1) - this.timeOf(n) : 0;
    this.video.pause();
    this.jump = setTimeout(() => {
      this.jump = 0;
      if (this.result) this.seek(following[0]);
    }, (stands * 1000) / this.speed);
  }

  ended() {
    if (!this.result) return this.pause();
    clearTimeout(this.jump);
    this.jump = 0;
    return this.seek(this.kept()[0][0]);
  }

  // What the browser cannot play

  failed() {
    if (!this.video.getAttribute("src")) return;
    if (this.video.error?.code === MediaError.MEDIA_ERR_NETWORK) {
      this.notice("The connection to the server was lost.", { again: "Try again" });
    } else if (this.proxied) {
      this.notice("This browser cannot play the preview either.", {});
    } else {
      this.load(null);
    }
  }

  /** Asks how it stands with the proxy (POST: have it made) until it is there. */
  async askProxy(method) {
    const { sha256 } = this.data;
    const ask = (this.asked = (this.asked ?? 0) + 1); // a later question takes the place of this one
    const gone = () => this.closed.signal.aborted || this.data.sha256 !== sha256 || this.asked !== ask;
    for (let how = method; !gone(); how = "GET") {
      let said = { state: "lost" };
      try {
        const answer = await fetch(this.address("proxy"), { method: how, signal: this.closed.signal });
        said = answer.status === 404 ? { state: "expired" } : await answer.json();
      } catch {
        if (gone()) return;
      }
      if (gone() || this.heard(said)) return;
      await wait(STEP_MS.poll);
    }
  }

  /** Shows it; whether there is nothing more to wait for. */
  heard(said) {
    const percent = Math.round((said.fraction ?? 0) * 100);
    const left = said.left_s ? `, about ${said.left_s < 90 ? `${Math.ceil(said.left_s)} s` : `${Math.ceil(said.left_s / 60)} min`} left` : "";
    const words = {
      waiting: ["Waiting to make a preview that this browser can play.", { fraction: 0, stop: true }],
      making: [`Making a preview that this browser can play: ${percent} %${left}. Cuts use the original.`, { fraction: said.fraction, stop: true }],
      failed: [`${said.message} ${said.hint}`, { again: "Try again" }],
      none: ["This browser cannot play the clip itself.", { again: "Make a preview" }],
      expired: ["The address of this clip has expired. Reload the page.", {}],
      lost: ["The server does not answer.", { again: "Try again" }],
    };
    if (said.state === "ready") {
      this.load(this.address("proxy.mp4"));
      this.proxied = true;
    } else {
      const [text, how] = words[said.state] ?? words.failed;
      this.notice(text, how);
    }
    return said.state !== "waiting" && said.state !== "making";
  }

  notice(text, { fraction = null, stop = false, again = "" } = /** @type {any} */ ({})) {
    this.get(".notice").hidden = text === null;
    if (this.get(".said").textContent !== text) this.get(".said").textContent = text;
    this.get("progress").hidden = fraction === null;
    this.get("progress").value = fraction ?? 0;
    this.get(".stop").hidden = !stop;
    this.get(".again").hidden = !again;
    this.get(".again").textContent = again;
  }

  // Marks

  setMarks(start, end) {
    const { frames, marks } = this.data;
    this.start = start === null ? null : clamp(start, marks === "sound" ? this.lane.earliest : 0, frames - 1);
    this.end = end === null ? null : clamp(end, 1, frames);
    this.seamsSoon();
    this.render();
  }

  /** In at picture n. An out that lies before it is taken away. */
  markIn(n) {
    const start = clamp(n, 0, this.data.frames - 1);
    this.mark(start, this.end !== null && this.end <= start ? null : this.end);
  }

  /** Out at picture n, the last one kept. */
  markOut(n) {
    if (this.data.marks === "sound") return;
    const end = clamp(n, 0, this.data.frames - 1) + 1;
    this.mark(this.start !== null && this.start >= end ? null : this.start, end);
  }

  mark(start, end) {
    if (!this.data.marks) return;
    this.setMarks(start, end);
    this.tellSoon.now();
  }

  /** Says where marks and playhead stand, if that is news. */
  tell() {
    const where = { start_frame: this.start, end_frame: this.end, at_frame: this.at };
    if (Object.keys(where).every((name) => where[name] === this.told[name])) return;
    this.told = where;
    this.turn += 1;
    const moved = ["start_frame", "end_frame"].filter((name, side) => where[name] !== this.known[side]);
    this.say({ ...where, moved, turn: this.turn });
  }

  // Showing

  render() {
    const { data, root } = this;
    if (!data.frames) return;
    root.classList.toggle("playing", this.speed !== 0);
    root.classList.toggle("muted", this.muted);
    root.dataset.picture = String(this.at);
    this.get(".timecode").textContent = this.timecode(this.at);
    this.get(".picture").textContent = `picture ${this.at} / ${data.frames - 1}`;
    this.get(".seconds").textContent = `${this.timeOf(this.at).toFixed(3)} s`;
    this.get(".speed").textContent = [0, 1].includes(this.speed) ? "" : `${this.speed < 0 ? "−" : ""}${Math.abs(this.speed)}×`;
    this.get(".play").setAttribute("aria-label", this.speed ? "Pause" : "Play");
    this.get(".result").setAttribute("aria-pressed", String(this.result));
    this.get(".mute").setAttribute("aria-pressed", String(this.muted));
    this.get(".mute").hidden = !data.sound && !data.lane;
    this.get(".clear").disabled = this.start === null && this.end === null;
    this.get(".kept").textContent = this.keptWords();
    if (this.speed) this.timeline.reveal(this.at, 0);
    this.timeline.drawSoon();
  }

  keptWords() {
    if (this.data.lane) return `The new sound: ${this.lane.words()}`;
    const stretches = this.kept();
    const count = stretches.reduce((sum, [first, end]) => sum + end - first, 0);
    const long = stretches.reduce((sum, [first, end]) => sum + this.timeOf(end) - this.timeOf(first), 0);
    const amount = `${count} picture${count === 1 ? "" : "s"}, ${long.toFixed(3)} s`;
    if (count === this.data.frames) return `Whole clip: ${amount}`;
    if (stretches.length > 1) return `${this.words.kept}: ${stretches.length} parts, ${amount}`;
    return `${this.words.kept}: picture ${stretches[0][0]} to ${stretches[0][1] - 1} (${amount})`;
  }

  /** The pictures on both sides of each mark, decoded by the server as the cut will do it. */
  showSeams() {
    const { start, end, data } = this;
    const seams = [];
    const cuts = data.marks === "result";
    if (cuts && start !== null && start > 0) seams.push(["In", [start - 1, "last removed"], [start, "first kept"]]);
    if (cuts && end !== null && end < data.frames) seams.push(["Out", [end - 1, "last kept"], [end, "first removed"]]);
    const box = this.get(".seams");
    box.hidden = !seams.length;
    const name = JSON.stringify([data.sha256, seams]);
    if (box.dataset.name === name) return;
    box.dataset.name = name;
    box.replaceChildren(...seams.map(([title, ...pair]) => this.seam(title, pair)));
  }

  seam(title, pair) {
    const figure = make("figure", "seam");
    const row = make("div", "pair");
    for (const [n, role] of pair) {
      const side = make("div", "");
      const still = make("div", `still ${role.endsWith("kept") ? "kept" : "gone"}`);
      const image = /** @type {HTMLImageElement} */ (make("img", ""));
      image.alt = `Picture ${n}, ${role}`;
      image.src = this.address(`still/${n}`);
      still.append(image);
      side.append(still, make("p", "label", `${role}: ${n}`));
      row.append(side);
    }
    figure.append(make("figcaption", "", title), row);
    return figure;
  }

  // Hands

  listen() {
    const { root, video, timeline } = this;
    const { signal } = this.closed;
    const on = (target, name, act, how = {}) => target.addEventListener(name, act, { signal, ...how });
    on(video, "loadedmetadata", () => (video.videoWidth ? undefined : this.failed()));
    // A page in the background shows no frames; then the probe's word for the first picture's time must do.
    on(video, "loadeddata", () => setTimeout(() => this.ready(this.proxied ? 0 : this.data.start_s), STEP_MS.tell));
    on(video, "seeked", () => this.sought());
    on(video, "pause", () => this.lane.follow());
    on(video, "ended", () => this.ended());
    on(video, "error", () => this.failed());
    on(video, "click", () => this.playOrPause());
    on(root, "keydown", (event) => this.key(event));
    on(root, "pointerdown", (event) => {
      if (!event.target.closest("button, [role=slider]")) root.focus({ preventScroll: true });
    });
    const buttons = {
      first: () => this.go(0), last: () => this.go(this.data.frames - 1), back: () => this.go(this.at - 1),
      on: () => this.go(this.at + 1), play: () => this.playOrPause(), in: () => this.markIn(this.at),
      out: () => this.markOut(this.at), begin: () => this.markIn(this.at), clear: () => this.mark(null, null), result: () => this.playResult(),
      mute: () => this.mute(), help: () => this.help(), closer: () => timeline.zoom(0.5), wider: () => timeline.zoom(2),
      whole: () => timeline.zoom(Infinity), stop: () => this.askProxy("DELETE"), again: () => this.again(),
    };
    for (const [name, act] of Object.entries(buttons)) on(this.get(`button.${name}`), "click", act);
    this.listenAround(on);
    this.watchFrames();
  }

  /** What is pressed elsewhere acts on what is seen here: Python hears of it first, so all of these come in capture. */
  listenAround(on) {
    const capture = { capture: true };
    const outside = (event) => !event.composedPath().includes(this.root);
    on(document, "keydown", (event) => {
      if (event.ctrlKey || event.metaKey) this.tellSoon.now();
    }, capture);
    on(document, "pointerdown", (event) => {
      if (outside(event)) this.tellSoon.now();
    }, capture);
    on(document, "focusin", (event) => {
      if (outside(event)) this.tellSoon.now();
    }, capture);
    on(document, "click", (event) => {
      if (outside(event) && !event.detail) this.tellSoon.now(); // by a key: no pointer came before
    }, capture);
    on(this.root, "focusout", (event) => {
      if (!this.root.contains(event.relatedTarget)) this.tellSoon.now();
    });
  }

  /** To picture n, and stays there. */
  go(n) {
    this.stopResult();
    this.setSpeed(0);
    this.seek(n);
    this.timeline.reveal(this.at, 0.5);
  }

  mute() {
    this.muted = !this.muted;
    this.lane.hush();
    this.render();
  }

  help() {
    const keys = this.get(".keys");
    keys.hidden = !keys.hidden;
    this.get(".help").setAttribute("aria-expanded", String(!keys.hidden));
  }

  again() {
    this.load(this.proxied ? null : this.data.video);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const name = /^[^\x00-\x7f]$/.test(event.key) ? event.code.replace("Key", "").toLowerCase() : event.key.toLowerCase();
    if (event.target.closest("button") && [" ", "enter"].includes(name)) return;
    const far = event.shiftKey ? 10 : 1;
    const mark = event.target.closest(".handle, .lane");
    const { timeline } = this;
    const keys = {
      " ": () => this.playOrPause(), j: () => this.shuttle(-1), k: () => this.pause(), l: () => this.shuttle(1),
      i: () => this.markIn(this.at), o: () => this.markOut(this.at), x: () => this.mark(null, null),
      "[": () => this.go(this.start ?? 0), "]": () => this.go((this.end ?? this.data.frames) - 1),
      p: () => this.playResult(), m: () => this.mute(), "?": () => this.help(), 0: () => timeline.zoom(Infinity),
      "+": () => timeline.zoom(0.5), "=": () => timeline.zoom(0.5), "-": () => timeline.zoom(2),
      arrowleft: () => this.step(mark, -far), arrowright: () => this.step(mark, far),
      home: () => this.step(mark, -Infinity), end: () => this.step(mark, Infinity),
    };
    if (!keys[name]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[name]();
  }

  /** By so many pictures: the playhead, or the mark that has the focus, which the playhead follows. */
  step(mark, pictures) {
    if (!mark) return this.go(this.at + pictures);
    return this.moveMark(mark, Number(mark.getAttribute("aria-valuenow")) + pictures);
  }

  moveMark(mark, n) {
    const last = this.data.frames - 1;
    if (mark === this.lane.box) return this.moveLane(Number.isFinite(n) ? n : n < 0 ? 0 : last);
    const starts = mark.classList.contains("start");
    const to = starts ? clamp(n, 0, (this.end ?? last + 1) - 1) : clamp(n, this.start ?? 0, last);
    this.go(to);
    this.setMarks(starts ? to : this.start, starts ? this.end : to + 1);
    this.tellSoon();
    return this.timeline.placeHandles();
  }

  /** The sound begins at picture n. */
  moveLane(n) {
    this.setMarks(n, this.end);
    this.tellSoon();
  }

}
