// @ts-check
// The timeline of the clip player: a part of the clip as small pictures and sound, the marks, the playhead, and the hands
// that move them. The server sends it in blocks: at level n the clip's pictures lie in 2^n equal ones.

const TILES = 16; // small pictures in a block
const CLOSEST = 8; // pictures in the narrowest view
const KEPT_BLOCKS = 64;
const LOOK_MS = 200;
const LABEL_PX = 8; // beside its line, where the playhead does not cover it

class Timeline {
  constructor(player) {
    this.player = player;
    this.box = player.get(".timeline");
    this.get = player.get;
    this.view = { from: 0, to: 1 };
    this.pointers = new Map();
    this.lookSoon = settled(() => this.fetchView(), LOOK_MS);
    this.drawSoon = () => {
      this.drawing ||= requestAnimationFrame(() => {
        this.drawing = 0;
        this.draw();
      });
    };
    this.sizes = new ResizeObserver(this.drawSoon);
    this.sizes.observe(this.box);
    const hands = { pointerdown: "press", pointermove: "drag", pointerup: "release", pointercancel: "cancel", wheel: "wheel" };
    for (const [name, act] of Object.entries(hands)) {
      this.box.addEventListener(name, (event) => this[act](event), { signal: player.closed.signal, passive: false });
    }
  }

  close() {
    this.sizes.disconnect();
    this.lookSoon.drop();
  }

  /** Another clip, from its beginning to its end. */
  open() {
    this.view = { from: 0, to: this.player.data.frames };
    this.strips = new Map();
    this.peaks = new Map();
    this.lookSoon.now();
  }

  /** Brings picture n into view: to its left edge, or to its middle. */
  reveal(n, share) {
    const length = this.view.to - this.view.from;
    if (n < this.view.from || n >= this.view.to) this.show(n - length * share, length);
  }

  /** @returns {number} pixels from the left */
  xOf(n) {
    return ((n - this.view.from) / (this.view.to - this.view.from)) * this.box.clientWidth;
  }

  pictureAt(x) {
    return this.view.from + (x / this.box.clientWidth) * (this.view.to - this.view.from);
  }

  zoom(factor, around = this.player.at + 0.5) {
    const { frames } = this.player.data;
    const length = clamp((this.view.to - this.view.from) * factor, Math.min(CLOSEST, frames), frames);
    const share = clamp((around - this.view.from) / (this.view.to - this.view.from), 0, 1);
    this.show(around - share * length, length);
  }

  pan(pictures) {
    this.show(this.view.from + pictures, this.view.to - this.view.from);
  }

  show(from, length) {
    const last = this.player.data.frames - length;
    const near = Math.abs(last - from) < 1 ? last : Math.abs(from) < 1 ? 0 : from; // at an end its handle is in view
    const first = clamp(near, 0, last);
    this.view = { from: first, to: first + length };
    this.lookSoon();
    this.drawSoon();
  }

  level() {
    const { frames } = this.player.data;
    const deepest = Math.max(0, Math.floor(Math.log2(frames / TILES)));
    return clamp(Math.floor(Math.log2(frames / (this.view.to - this.view.from))), 0, deepest);
  }

  /** Fetches the blocks in view that are not there yet. */
  fetchView() {
    const level = this.level();
    const wide = this.player.data.frames / 2 ** level;
    const last = Math.min(Math.ceil(this.view.to / wide), 2 ** level) - 1;
    for (let block = Math.floor(this.view.from / wide); block <= last; block += 1) {
      this.fetchStrip(level, block);
      if (this.player.data.sound) this.fetchPeaks(level, block);
    }
  }

  fetchStrip(level, block) {
    const name = `${level}-${block}`;
    if (this.strips.has(name)) return;
    const image = new Image();
    forget(this.strips, name, image);
    image.onload = this.drawSoon;
    image.src = this.player.address("strip", `&level=${level}&block=${block}`);
  }

  async fetchPeaks(level, block) {
    const name = `${level}-${block}`;
    if (this.peaks.has(name)) return;
    const { peaks } = this;
    forget(peaks, name, null);
    try {
      const answer = await fetch(this.player.address("peaks", `&level=${level}&block=${block}`), { signal: this.player.closed.signal });
      if (answer.ok) peaks.set(name, await answer.json());
      this.drawSoon();
    } catch {
      peaks.delete(name); // asked again with the next look
    }
  }

  /** The finest block there that holds picture n: its content, and how far into it n lies (0 to 1). */
  blockAt(blocks, n, there) {
    for (let level = this.level(); level >= 0; level -= 1) {
      const place = (n / this.player.data.frames) * 2 ** level;
      const content = blocks.get(`${level}-${Math.floor(place)}`);
      if (content && there(content)) return { content, share: place % 1 };
    }
    return null;
  }

  draw() {
    if (!this.player.data.frames || !this.box.clientWidth) return;
    const style = getComputedStyle(this.player.root);
    const color = (name) => style.getPropertyValue(name).trim();
    this.drawRuler(paper(this.get(".ruler")), color);
    this.drawStrip(paper(this.get(".strip")));
    if (this.player.data.sound) this.drawWave(paper(this.get(".wave")), color);
    this.player.lane.draw(color);
    this.placeHandles();
    this.drawShades();
  }

  drawRuler({ pen, width, height }, color) {
    const [count, per] = this.player.data.rate;
    const rate = count / per;
    const steps = [1, 2, 5, 10, ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].map((s) => s * rate)];
    const wanted = (90 / width) * (this.view.to - this.view.from);
    const step = steps.filter((one) => one <= 10 || one > 12).find((one) => one >= wanted) ?? steps[steps.length - 1];
    pen.font = `11px ${color("font-family") || "sans-serif"}`;
    pen.fillStyle = color("--soft");
    let free = 0; // where the last label ends
    for (let k = Math.ceil(this.view.from / step); k * step <= this.view.to; k += 1) {
      const n = Math.round(k * step);
      const x = this.xOf(n);
      pen.fillRect(Math.round(x), height - 6, 1, 6);
      const whole = step < rate || this.player.data.varies ? this.player.timecode(n) : this.player.timecode(n).slice(0, 8);
      const words = whole.replace(/^00:/, "");
      const end = x + LABEL_PX + pen.measureText(words).width;
      if (x < free || end > width) continue;
      pen.fillText(words, x + LABEL_PX, height - 9);
      free = end + 8;
    }
    this.drawPins(pen, height, color);
  }

  /** What the form points at: small arrows above the strip. */
  drawPins(pen, height, color) {
    pen.fillStyle = color("--accent");
    for (const n of this.player.data.pins) {
      const x = this.xOf(n + 0.5);
      pen.beginPath();
      pen.moveTo(x - 4, height - 7);
      pen.lineTo(x + 4, height - 7);
      pen.lineTo(x, height);
      pen.fill();
    }
  }

  /** Small pictures at their own width, in places that do not swim when the view moves. */
  drawStrip({ pen, width, height }) {
    const first = [...this.strips.values()].find((image) => image.naturalWidth);
    const tile = first ? (first.naturalWidth / TILES / first.naturalHeight) * height : (this.player.data.size[0] / this.player.data.size[1]) * height;
    const wide = (tile / width) * (this.view.to - this.view.from);
    for (let k = Math.floor(this.view.from / wide); k * wide < this.view.to; k += 1) {
      const middle = clamp((k + 0.5) * wide, 0, this.player.data.frames - 1);
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
    const { frames } = this.player.data;
    const last = this.player.end ?? frames;
    this.placeHandle(".handle.start", this.player.start ?? 0, this.player.start ?? 0, this.player.start === null);
    this.placeHandle(".handle.finish", last, last - 1, this.player.end === null);
    this.placeHandle(".head", this.player.at + 0.5, this.player.at, false);
  }

  placeHandle(name, where, n, unset) {
    const handle = this.get(name);
    handle.style.left = `${this.xOf(where)}px`;
    handle.style.visibility = where < this.view.from || where > this.view.to ? "hidden" : "visible";
    handle.classList.toggle("unset", unset);
    const valuetext = `Picture ${n}, ${this.player.timecode(n)}${unset ? ", not set" : ""}`;
    const says = { valuemin: 0, valuemax: this.player.data.frames - 1, valuenow: n, valuetext };
    for (const [key, value] of Object.entries(says)) handle.setAttribute(`aria-${key}`, String(value));
  }

  /** What is removed lies in shade. */
  drawShades() {
    const { frames } = this.player.data;
    const box = this.get(".shades");
    const edges = [0, ...this.player.kept().flat(), frames];
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

  press(event) {
    if (event.button) return;
    const mark = event.target.closest(".handle, .lane");
    const x = this.xOfEvent(event);
    const scrubs = event.target.closest(".ruler") || this.view.to - this.view.from >= this.player.data.frames;
    const edge = mark ? this.xOf(mark.matches(".finish") ? (this.player.end ?? this.player.data.frames) : (this.player.start ?? 0)) : 0;
    this.pointers.set(event.pointerId, { x, from: x, mark, off: mark ? x - edge : 0, does: mark ? "mark" : scrubs ? "scrub" : "pan", moved: false });
    (mark ?? this.box).setPointerCapture(event.pointerId);
    mark?.focus();
    if (!mark && scrubs && event.pointerType === "mouse") this.player.go(this.pictureAt(x) - 0.5);
  }

  drag(event) {
    const hand = this.pointers.get(event.pointerId);
    if (!hand) return;
    const x = this.xOfEvent(event);
    if (this.pointers.size === 2) this.pinch(hand, x);
    else if (hand.does === "mark") this.dragMark(hand, x);
    else if (!(hand.moved ||= Math.abs(x - hand.from) > 4)) return;
    else if (hand.does === "scrub") this.player.go(this.pictureAt(x) - 0.5);
    else this.pan(this.pictureAt(hand.x) - this.pictureAt(x));
    hand.x = x;
  }

  dragMark(hand, x) {
    const edge = Math.round(this.pictureAt(x - hand.off));
    this.player.moveMark(hand.mark, hand.mark.matches(".finish") ? edge - 1 : edge);
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
    if (hand && hand.does !== "mark" && !hand.moved) this.player.go(this.pictureAt(hand.x) - 0.5);
  }

  cancel(event) {
    this.pointers.delete(event.pointerId);
  }

  /** Zooms where it is meant: by a pinch, or with the player in use. Else the page scrolls. */
  wheel(event) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const inUse = this.player.root.matches(":focus-within");
    const whole = this.view.to - this.view.from >= this.player.data.frames;
    if (sideways ? whole : !(event.ctrlKey || inUse) || (whole && event.deltaY > 0)) return;
    event.preventDefault();
    if (sideways) this.pan((event.deltaX / this.box.clientWidth) * (this.view.to - this.view.from));
    else this.zoom(2 ** clamp(event.deltaY / (event.ctrlKey ? 50 : 250), -1, 1), this.pictureAt(this.xOfEvent(event)));
  }

  xOfEvent(event) {
    return event.clientX - this.box.getBoundingClientRect().left;
  }
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

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

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** From -1 to 1, drawn so that what is quiet can be seen as well. */
function loudness(value) {
  return Math.abs(value) < 2 ? 0 : Math.sign(value) * Math.sqrt(Math.abs(value) / 128); // 1 is rounding
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
