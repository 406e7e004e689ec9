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
 * @property {boolean} marks
 * @property {number | null} start
 * @property {number | null} end
 * @property {number} at
 * @property {[number, number][]} cuts
 * @property {number} turn how many of our messages Python had seen when it said this
 */

const STEP_MS = { tell: 300, look: 200, poll: 700 };
const TILES = 16;
const RULER_PX = 26;
const STRIP_PX = 60;
const FASTEST = 8;
const CLOSEST = 8; // pictures in the narrowest view
const KEPT_BLOCKS = 64;

const players = new WeakMap();

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

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** `act` once, when it was not asked for again for `ms`. */
function settled(act, ms) {
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  };
  later.now = () => {
    clearTimeout(timer);
    act();
  };
  later.drop = () => clearTimeout(timer);
  return later;
}

class Player {
  constructor(root) {
    this.root = root;
    /** @returns {any} */
    this.get = (name) => root.querySelector(name);
    this.video = this.get("video");
    this.timeline = this.get(".timeline");
    this.data = /** @type {Data} */ (/** @type {any} */ ({}));
    this.at = 0; // the picture that is wanted on screen
    this.start = /** @type {number | null} */ (null);
    this.end = /** @type {number | null} */ (null);
    this.turn = 0;
    this.speed = 0; // 0 is paused; below 0 runs backward
    this.result = false; // playing only what is kept
    this.times = /** @type {number[]} */ ([]);
    this.view = { from: 0, to: 1 };
    this.pointers = new Map();
    this.closed = new AbortController();
    this.tellSoon = settled(() => this.tell(), STEP_MS.tell);
    this.lookSoon = settled(() => this.fetchView(), STEP_MS.look);
    this.stillSoon = settled(() => this.showStill(), STEP_MS.look);
    this.seamsSoon = settled(() => this.showSeams(), STEP_MS.look);
    this.drawSoon = () => {
      this.drawing ||= requestAnimationFrame(() => {
        this.drawing = 0;
        this.draw();
      });
    };
    this.listen();
  }

  close() {
    this.closed.abort();
    this.sizes.disconnect();
    for (const later of [this.tellSoon, this.lookSoon, this.stillSoon, this.seamsSoon]) later.drop();
    this.speed = 0;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** What Python says now. Its marks count only where they are news, and where it had seen ours. */
  take(/** @type {Data} */ data) {
    const before = this.data;
    this.data = data;
    if (before.sha256 !== data.sha256) {
      this.open();
    } else if (data.turn === this.turn && (data.start !== before.start || data.end !== before.end)) {
      this.setMarks(data.start, data.end);
    }
    this.root.classList.toggle("plain", !data.marks);
    this.render();
  }

  open() {
    const { data } = this;
    this.turn = data.turn;
    [this.start, this.end, this.at] = [data.start, data.end, clamp(data.at, 0, data.frames - 1)];
    this.view = { from: 0, to: data.frames };
    this.times = [];
    this.strips = new Map();
    this.peaks = new Map();
    this.root.classList.toggle("silent", !data.sound);
    this.root.style.setProperty("--shape", `${data.size[0]} / ${data.size[1]}`);
    this.root.style.setProperty("--tall", `${Math.max(200, Math.min(data.size[1], 520))}px`);
    if (data.varies) this.fetchTimes();
    this.load(data.needs_proxy ? null : data.video);
    this.lookSoon.now();
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
      this.video.play().catch(() => this.pause());
    } else if (playing) {
      this.video.pause();
    }
    if (speed < 0) this.runBackward();
    this.render();
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

  /** @returns {[number, number][]} what will be kept */
  kept() {
    if (this.data.cuts.length) return this.data.cuts;
    return [[this.start ?? 0, this.end ?? this.data.frames]];
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

  /** At the last picture of a stretch: on to the next stretch, when the picture has had its time. */
  keepToResult(n) {
    const stretches = this.kept();
    const inside = stretches.find(([first, end]) => first <= n && n < end - 1);
    if (inside || this.jump) return;
    const following = stretches.find(([first]) => first > n) ?? stretches[0];
    const stands = stretches.some(([, end]) => n === end - 1) ? this.timeOf(n + 1) - this.timeOf(n) : 0;
    this.jump = setTimeout(() => {
      this.jump = 0;
      if (this.result) this.seek(following[0]);
    }, (stands * 1000) / this.speed);
  }

  ended() {
    if (!this.result) return this.pause();
    clearTimeout(this.jump);
    this.jump = 0;
    this.seek(this.kept()[0][0]);
    return this.setSpeed(this.speed);
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
    const gone = () => this.closed.signal.aborted || this.data.sha256 !== sha256 || !this.proxied;
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
    const { frames } = this.data;
    this.start = start === null ? null : clamp(start, 0, frames - 1);
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
    const end = clamp(n, 0, this.data.frames - 1) + 1;
    this.mark(this.start !== null && this.start >= end ? null : this.start, end);
  }

  mark(start, end) {
    if (!this.data.marks) return;
    this.setMarks(start, end);
    this.tellSoon.now();
  }

  tell() {
    this.turn += 1;
    this.say({ start_frame: this.start, end_frame: this.end, at_frame: this.at, turn: this.turn });
  }

  // Showing

  render() {
    const { data, root } = this;
    if (!data.frames) return;
    root.classList.toggle("playing", this.speed !== 0);
    root.classList.toggle("muted", this.video.muted);
    root.dataset.picture = String(this.at);
    this.get(".timecode").textContent = this.timecode(this.at);
    this.get(".picture").textContent = `picture ${this.at} / ${data.frames - 1}`;
    this.get(".seconds").textContent = `${this.timeOf(this.at).toFixed(3)} s`;
    this.get(".speed").textContent = [0, 1].includes(this.speed) ? "" : `${this.speed < 0 ? "−" : ""}${Math.abs(this.speed)}×`;
    this.get(".play").setAttribute("aria-label", this.speed ? "Pause" : "Play");
    this.get(".result").setAttribute("aria-pressed", String(this.result));
    this.get(".mute").setAttribute("aria-pressed", String(this.video.muted));
    this.get(".mute").hidden = !data.sound;
    this.get(".clear").disabled = this.start === null && this.end === null;
    this.get(".kept").textContent = this.keptWords();
    if (this.speed && (this.at < this.view.from || this.at >= this.view.to)) this.pan(this.at - this.view.from);
    this.drawSoon();
  }

  keptWords() {
    const stretches = this.kept();
    const count = stretches.reduce((sum, [first, end]) => sum + end - first, 0);
    const long = stretches.reduce((sum, [first, end]) => sum + this.timeOf(end) - this.timeOf(first), 0);
    const amount = `${count} picture${count === 1 ? "" : "s"}, ${long.toFixed(3)} s`;
    if (count === this.data.frames) return `Whole clip: ${amount}`;
    if (stretches.length > 1) return `Kept: ${stretches.length} parts, ${amount}`;
    return `Kept: picture ${stretches[0][0]} to ${stretches[0][1] - 1} (${amount})`;
  }

  /** The pictures on both sides of each mark, decoded by the server as the cut will do it. */
  showSeams() {
    const { start, end, data } = this;
    const seams = [];
    if (start !== null && start > 0) seams.push(["In", [start - 1, "last removed"], [start, "first kept"]]);
    if (end !== null && end < data.frames) seams.push(["Out", [end - 1, "last kept"], [end, "first removed"]]);
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

  // The timeline: what it shows

  /** @returns {number} pixels from the left */
  xOf(n) {
    return ((n - this.view.from) / (this.view.to - this.view.from)) * this.timeline.clientWidth;
  }

  pictureAt(x) {
    return this.view.from + (x / this.timeline.clientWidth) * (this.view.to - this.view.from);
  }

  zoom(factor, around = this.at + 0.5) {
    const { frames } = this.data;
    const length = clamp((this.view.to - this.view.from) * factor, Math.min(CLOSEST, frames), frames);
    const share = clamp((around - this.view.from) / (this.view.to - this.view.from), 0, 1);
    this.show(around - share * length, length);
  }

  pan(pictures) {
    this.show(this.view.from + pictures, this.view.to - this.view.from);
  }

  show(from, length) {
    const first = clamp(from, 0, this.data.frames - length);
    this.view = { from: first, to: first + length };
    this.lookSoon();
    this.drawSoon();
  }

  level() {
    const { frames } = this.data;
    const deepest = Math.max(0, Math.floor(Math.log2(frames / TILES)));
    return clamp(Math.floor(Math.log2(frames / (this.view.to - this.view.from))), 0, deepest);
  }

  /** Fetches the blocks in view that are not there yet. */
  fetchView() {
    const level = this.level();
    const wide = this.data.frames / 2 ** level;
    const last = Math.min(Math.ceil(this.view.to / wide), 2 ** level) - 1;
    for (let block = Math.floor(this.view.from / wide); block <= last; block += 1) {
      this.fetchStrip(level, block);
      if (this.data.sound) this.fetchPeaks(level, block);
    }
  }

  fetchStrip(level, block) {
    const name = `${level}-${block}`;
    if (this.strips.has(name)) return;
    const image = new Image();
    forget(this.strips, name, image);
    image.onload = this.drawSoon;
    image.src = this.address("strip", `&level=${level}&block=${block}`);
  }

  async fetchPeaks(level, block) {
    const name = `${level}-${block}`;
    if (this.peaks.has(name)) return;
    const { peaks } = this;
    forget(peaks, name, null);
    try {
      const answer = await fetch(this.address("peaks", `&level=${level}&block=${block}`), { signal: this.closed.signal });
      if (answer.ok) peaks.set(name, await answer.json());
      this.drawSoon();
    } catch {
      peaks.delete(name); // asked again with the next look
    }
  }

  /** The finest block there that holds picture n: its content, and how far into it n lies (0 to 1). */
  blockAt(blocks, n, there) {
    for (let level = this.level(); level >= 0; level -= 1) {
      const place = (n / this.data.frames) * 2 ** level;
      const content = blocks.get(`${level}-${Math.floor(place)}`);
      if (content && there(content)) return { content, share: place % 1 };
    }
    return null;
  }

  draw() {
    if (!this.data.frames || !this.timeline.clientWidth) return;
    const style = getComputedStyle(this.root);
    const color = (name) => style.getPropertyValue(name).trim();
    this.drawRuler(paper(this.get(".ruler")), color);
    this.drawStrip(paper(this.get(".strip")));
    if (this.data.sound) this.drawWave(paper(this.get(".wave")), color);
    this.placeHandles();
    this.drawShades();
  }

  drawRuler({ pen, width, height }, color) {
    const [count, per] = this.data.rate;
    const rate = count / per;
    const steps = [1, 2, 5, 10, ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].map((s) => s * rate)];
    const wanted = (90 / width) * (this.view.to - this.view.from);
    const step = steps.filter((one) => one <= 10 || one > 12).find((one) => one >= wanted) ?? steps[steps.length - 1];
    pen.font = `11px ${color("font-family") || "sans-serif"}`;
    pen.fillStyle = color("--soft");
    for (let k = Math.ceil(this.view.from / step); k * step <= this.view.to; k += 1) {
      const n = Math.round(k * step);
      const x = this.xOf(n);
      pen.fillRect(Math.round(x), height - 6, 1, 6);
      const words = step < rate || this.data.varies ? this.timecode(n) : this.timecode(n).slice(0, 8);
      if (x + 70 < width) pen.fillText(words.replace(/^00:/, ""), x + 4, height - 9);
    }
  }

  /** Small pictures at their own width, in places that do not swim when the view moves. */
  drawStrip({ pen, width, height }) {
    const first = [...this.strips.values()].find((image) => image.naturalWidth);
    const tile = first ? (first.naturalWidth / TILES / first.naturalHeight) * height : (this.data.size[0] / this.data.size[1]) * height;
    const wide = (tile / width) * (this.view.to - this.view.from);
    for (let k = Math.floor(this.view.from / wide); k * wide < this.view.to; k += 1) {
      const middle = clamp((k + 0.5) * wide, 0, this.data.frames - 1);
      const found = this.blockAt(this.strips, middle, (image) => image.naturalWidth);
      if (!found) continue;
      const part = found.content.naturalWidth / TILES;
      const x = Math.floor(found.share * TILES) * part;
      pen.drawImage(found.content, x, 0, part, found.content.naturalHeight, this.xOf(k * wide), 0, tile + 0.5, height);
    }
  }

  drawWave({ pen, width, height }, color) {
    pen.fillStyle = color("--accent");
    const middle = height / 2;
    for (let x = 0; x < width; x += 1) {
      const found = this.blockAt(this.peaks, this.pictureAt(x), (block) => block.high.length);
      if (!found) continue;
      const { low, high } = found.content;
      const at = Math.floor(found.share * high.length);
      const top = middle - loudness(high[at]) * middle;
      pen.fillRect(x, top, 1, Math.max(middle - loudness(low[at]) * middle - top, 1));
    }
  }

  placeHandles() {
    const { frames } = this.data;
    const last = this.end ?? frames;
    this.placeHandle(".handle.start", this.start ?? 0, this.start ?? 0, this.start === null);
    this.placeHandle(".handle.finish", last, last - 1, this.end === null);
    this.placeHandle(".head", this.at + 0.5, this.at, false);
  }

  placeHandle(name, where, n, unset) {
    const handle = this.get(name);
    handle.style.left = `${this.xOf(where)}px`;
    handle.style.visibility = where < this.view.from || where > this.view.to ? "hidden" : "visible";
    handle.classList.toggle("unset", unset);
    const says = { valuemin: 0, valuemax: this.data.frames - 1, valuenow: n, valuetext: `Picture ${n}, ${this.timecode(n)}${unset ? ", not set" : ""}` };
    for (const [key, value] of Object.entries(says)) handle.setAttribute(`aria-${key}`, String(value));
  }

  /** What is removed lies in shade. */
  drawShades() {
    const { frames } = this.data;
    const box = this.get(".shades");
    const edges = [0, ...(this.data.marks ? this.kept().flat() : [0, frames]), frames];
    const shades = [];
    for (let i = 0; i < edges.length; i += 2) {
      const [left, right] = [Math.max(this.xOf(edges[i]), 0), Math.min(this.xOf(edges[i + 1]), box.clientWidth)];
      if (right <= left) continue;
      const shade = make("i", "");
      shade.style.left = `${left}px`;
      shade.style.width = `${right - left}px`;
      shades.push(shade);
    }
    box.replaceChildren(...shades);
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
      out: () => this.markOut(this.at), clear: () => this.mark(null, null), result: () => this.playResult(),
      mute: () => this.mute(), help: () => this.help(), closer: () => this.zoom(0.5), wider: () => this.zoom(2),
      whole: () => this.zoom(Infinity), stop: () => this.askProxy("DELETE"), again: () => this.again(),
    };
    for (const [name, act] of Object.entries(buttons)) on(this.get(`button.${name}`), "click", act);
    on(timeline, "pointerdown", (event) => this.press(event));
    on(timeline, "pointermove", (event) => this.drag(event));
    on(timeline, "pointerup", (event) => this.release(event));
    on(timeline, "pointercancel", (event) => this.pointers.delete(event.pointerId));
    on(timeline, "wheel", (event) => this.wheel(event), { passive: false });
    this.sizes = new ResizeObserver(this.drawSoon);
    this.sizes.observe(timeline);
    this.watchFrames();
  }

  /** To picture n, and stays there. */
  go(n) {
    this.stopResult();
    this.setSpeed(0);
    this.seek(n);
    if (this.at < this.view.from || this.at >= this.view.to) this.show(this.at - (this.view.to - this.view.from) / 2, this.view.to - this.view.from);
  }

  mute() {
    this.video.muted = !this.video.muted;
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
    const mark = event.target.closest(".handle");
    const keys = {
      " ": () => this.playOrPause(), j: () => this.shuttle(-1), k: () => this.pause(), l: () => this.shuttle(1),
      i: () => this.markIn(this.at), o: () => this.markOut(this.at), x: () => this.mark(null, null),
      "[": () => this.go(this.start ?? 0), "]": () => this.go((this.end ?? this.data.frames) - 1),
      p: () => this.playResult(), m: () => this.mute(), "?": () => this.help(), 0: () => this.zoom(Infinity),
      "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2),
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
    const starts = mark.classList.contains("start");
    const to = starts ? clamp(n, 0, (this.end ?? last + 1) - 1) : clamp(n, this.start ?? 0, last);
    this.go(to);
    this.setMarks(starts ? to : this.start, starts ? this.end : to + 1);
    this.tellSoon();
    this.placeHandles();
  }

  press(event) {
    if (event.button) return;
    const mark = event.target.closest(".handle");
    const x = this.xOfEvent(event);
    const scrubs = event.target.closest(".ruler") || this.view.to - this.view.from >= this.data.frames;
    const edge = mark ? this.xOf(mark.classList.contains("start") ? (this.start ?? 0) : (this.end ?? this.data.frames)) : 0;
    this.pointers.set(event.pointerId, { x, from: x, mark, off: mark ? x - edge : 0, does: mark ? "mark" : scrubs ? "scrub" : "pan", moved: false });
    (mark ?? this.timeline).setPointerCapture(event.pointerId);
    mark?.focus();
    if (!mark && scrubs && this.pointers.size === 1) this.go(this.pictureAt(x) - 0.5);
  }

  drag(event) {
    const hand = this.pointers.get(event.pointerId);
    if (!hand) return;
    const x = this.xOfEvent(event);
    if (this.pointers.size === 2) this.pinch(hand, x);
    else if (hand.does === "mark") this.dragMark(hand, x);
    else if (hand.does === "scrub") this.go(this.pictureAt(x) - 0.5);
    else if (hand.moved || Math.abs(x - hand.from) > 4) this.pan(this.pictureAt(hand.x) - this.pictureAt(x));
    hand.moved ||= Math.abs(x - hand.from) > 4;
    hand.x = x;
  }

  dragMark(hand, x) {
    const edge = Math.round(this.pictureAt(x - hand.off));
    this.moveMark(hand.mark, hand.mark.classList.contains("start") ? edge : edge - 1);
  }

  pinch(hand, x) {
    const other = [...this.pointers.values()].find((one) => one !== hand);
    const [before, now] = [Math.abs(hand.x - other.x), Math.abs(x - other.x)];
    if (before > 8 && now > 8) this.zoom(before / now, this.pictureAt((x + other.x) / 2));
    hand.moved = other.moved = true;
  }

  release(event) {
    const hand = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (hand && hand.does === "pan" && !hand.moved) this.go(this.pictureAt(hand.x) - 0.5);
  }

  /** Zooms where it is meant: by a pinch, or with the player in use. Else the page scrolls. */
  wheel(event) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const inUse = this.root.matches(":focus-within");
    const whole = this.view.to - this.view.from >= this.data.frames;
    if (sideways ? whole : !(event.ctrlKey || inUse) || (whole && event.deltaY > 0)) return;
    event.preventDefault();
    if (sideways) this.pan((event.deltaX / this.timeline.clientWidth) * (this.view.to - this.view.from));
    else this.zoom(2 ** clamp(event.deltaY / (event.ctrlKey ? 50 : 250), -1, 1), this.pictureAt(this.xOfEvent(event)));
  }

  xOfEvent(event) {
    return event.clientX - this.timeline.getBoundingClientRect().left;
  }
}

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** From -1 to 1, drawn so that what is quiet can be seen as well. */
function loudness(value) {
  return Math.sign(value) * Math.sqrt(Math.abs(value) / 128);
}

/** Keeps `value`, and forgets the oldest of too many. */
function forget(map, name, value) {
  map.set(name, value);
  const [oldest] = [...map.keys()].filter((key) => key !== "0-0");
  if (map.size > KEPT_BLOCKS) map.delete(oldest);
}

/** A cleared canvas at the screen's own resolution. */
function paper(canvas) {
  const [width, height, scale] = [canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1];
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  return { pen, width, height };
}
