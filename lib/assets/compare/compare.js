// Two to four takes in lock-step: play, pause, step by pictures, or two of them under a wipe.
// Time is counted in seconds from each clip's first picture, so that picture n is shown beside picture n.

/**
 * @typedef {{letter: string, name: string, told: string, kind: "video" | "image", url: string, facts: string,
 *   fps: number, frames: number, width: number, height: number, start_s: number, shown_at_s: number[]}} Source
 * @typedef {{source: Source, figure: HTMLElement, media: HTMLVideoElement | HTMLImageElement}} Pane
 */

const FAR_S = 0.4; // so far apart a clip is set anew instead of being made faster or slower
const NEAR_S = 0.004;
const FIRMNESS = 5; // how much faster a clip runs for each second that it is behind
const ROUNDED_S = 0.002; // so far off may the time be that a file or the browser says
const JUMP = 10;

/** @type {WeakMap<Element, Comparison>} */
const known = new WeakMap();

export default function ({ data, parentElement }) {
  let comparison = known.get(parentElement);
  if (!comparison) {
    comparison = new Comparison(parentElement.querySelector(".compare"));
    known.set(parentElement, comparison);
  }
  comparison.show(data.panes);
  return () => {
    comparison.end();
    known.delete(parentElement);
  };
}

class Comparison {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector(".stage");
    this.slider = root.querySelector(".at");
    this.panes = /** @type {Pane[]} */ ([]);
    this.given = "";
    this.picture = 0; // of the clock
    this.split = 50; // percent
    this.pair = [0, 1];
    this.wipes = false;
    this.playing = false;
    this.listen();
  }

  /** Takes these sources; the same ones again change nothing. @param {Source[]} sources */
  show(sources) {
    const given = JSON.stringify(sources);
    if (given === this.given) return;
    this.given = given;
    this.pause();
    this.stage.replaceChildren();
    this.panes = sources.map((source) => this.pane(source));
    this.handle = this.makeHandle();
    this.stage.append(this.handle);
    this.fillChoices();
    this.picture = 0;
    this.pair = [0, 1];
    this.lay();
    this.seek(0);
  }

  end() {
    this.pause();
    for (const { media } of this.panes) media.removeAttribute("src");
  }

  // The clock: the clip with the most pictures a second, so that no picture is passed over by a step.

  get clips() {
    return this.panes.filter((pane) => pane.source.kind === "video");
  }

  get clock() {
    return this.clips.reduce((best, pane) => (!best || pane.source.fps > best.source.fps ? pane : best), undefined);
  }

  get length() {
    return Math.max(0, ...this.clips.map(lasts));
  }

  get pictures() {
    return this.clock ? Math.max(1, pictureAt(this.clock.source, this.length - NEAR_S) + 1) : 1;
  }

  /** Seconds from the first picture: the middle of the shown one. */
  get at() {
    return this.clock ? middle(this.clock.source, this.picture) : 0;
  }

  /** @param {number} picture */
  seek(picture) {
    this.picture = Math.min(Math.max(picture, 0), this.pictures - 1);
    for (const pane of this.clips) pane.media.currentTime = placeIn(pane, this.at);
    this.tell();
  }

  /** @param {number} by */
  step(by) {
    this.pause();
    this.seek(this.picture + by);
  }

  toggle() {
    if (this.playing) this.step(0);
    else this.play();
  }

  async play() {
    if (!this.clock) return;
    if (this.picture >= this.pictures - 1) this.picture = 0;
    this.playing = true;
    this.seek(this.picture);
    await Promise.all(this.clips.map((pane) => settled(pane.media)));
    if (!this.playing) return;
    this.leader = this.clips.reduce((best, pane) => (lasts(pane) > lasts(best) ? pane : best));
    await Promise.allSettled(this.clips.filter((pane) => this.at < lasts(pane)).map((pane) => pane.media.play()));
    if (this.playing) this.follow();
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.turn);
    for (const pane of this.clips) {
      pane.media.pause();
      pane.media.playbackRate = 1;
    }
    this.tell();
  }

  /** Once for each picture of the screen: where the leader is, everybody else goes. */
  follow() {
    const leader = this.leader.media;
    const now = leader.currentTime - this.leader.source.start_s;
    this.picture = Math.min(pictureAt(this.clock.source, Math.max(now, 0)), this.pictures - 1);
    if (leader.ended || now >= this.length) {
      this.step(0);
      return;
    }
    const others = this.clips.filter((pane) => pane !== this.leader);
    others.forEach((pane) => keepUp(pane, now));
    // A clip that has nothing to show yet is waited for.
    const waits = others.some((pane) => now < lasts(pane) && pane.media.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
    if (waits && !leader.paused) leader.pause();
    if (!waits && leader.paused) leader.play().catch(() => this.pause());
    this.tell();
    this.turn = requestAnimationFrame(() => this.follow());
  }

  // What is seen

  tell() {
    this.root.classList.toggle("playing", this.playing);
    this.root.querySelector(".play").setAttribute("aria-label", this.playing ? "Pause" : "Play");
    this.slider.max = String(this.pictures - 1);
    this.slider.value = String(this.picture);
    const said = `picture ${this.picture} of ${this.pictures}`;
    this.slider.setAttribute("aria-valuetext", said);
    const begins = this.clock ? shownAt(this.clock.source, this.picture) : 0;
    this.root.querySelector(".now").textContent = `#${this.picture} of ${this.pictures} · ${begins.toFixed(2)} s`;
  }

  /** @param {Source} source @returns {Pane} */
  pane(source) {
    const media = source.kind === "video" ? clip(source) : still(source);
    const picture = element("div", "picture");
    const number = element("span", "number");
    const figure = element("figure", "pane");
    const caption = element("figcaption");
    const words = element("span", "words", `${source.name}${source.told ? `: ${source.told}` : ""}`);
    words.title = `${words.textContent}\n${source.facts}`;
    caption.append(element("span", "letter", source.letter), words, number);
    picture.append(media);
    figure.append(picture, caption);
    this.stage.append(figure);
    const pane = { source, figure, media };
    if (source.kind === "video") watch(pane, number);
    media.addEventListener("error", () => {
      if (media.getAttribute("src")) picture.replaceChildren(element("p", "failed", "This browser cannot show it."));
    });
    return pane;
  }

  fillChoices() {
    const letters = this.panes.map((pane) => pane.source.letter);
    for (const [name, at] of [["left", 0], ["right", 1]]) fill(this.root.querySelector(`.${name}`), letters, at);
    fill(this.root.querySelector(".sound"), ["off", ...letters], 0);
    const few = this.panes.length < 3;
    for (const label of this.root.querySelectorAll(".of-wipe")) label.dataset.few = String(few);
    this.root.querySelector(".bar.time").hidden = this.clips.length === 0;
    this.root.querySelector(".of-sound").hidden = this.clips.length === 0;
  }

  /** Side by side, or two under the wipe. */
  lay() {
    this.stage.classList.toggle("beside", !this.wipes);
    this.stage.classList.toggle("wipe", this.wipes);
    this.stage.classList.toggle("many", this.panes.length > 2);
    this.root.querySelector(".beside[aria-pressed]").setAttribute("aria-pressed", String(!this.wipes));
    this.root.querySelector(".wiped").setAttribute("aria-pressed", String(this.wipes));
    for (const label of this.root.querySelectorAll(".of-wipe")) label.hidden = !this.wipes || label.dataset.few === "true";
    this.panes.forEach(({ figure }, at) => {
      figure.classList.toggle("under", this.wipes && at === this.pair[0]);
      figure.classList.toggle("over", this.wipes && at === this.pair[1]);
      figure.classList.toggle("away", this.wipes && !this.pair.includes(at));
    });
    // One box for all, as wide as the widest needs it, so that a high clip does not push the others away.
    const shapes = this.panes.map(({ source }) => source.width / source.height);
    this.stage.style.setProperty("--shape", String(Math.max(...shapes)));
    this.wipe(this.split);
  }

  /** @param {number} percent */
  wipe(percent) {
    this.split = Math.min(Math.max(percent, 0), 100);
    this.stage.style.setProperty("--split", `${this.split}%`);
    this.handle.setAttribute("aria-valuenow", String(Math.round(this.split)));
  }

  makeHandle() {
    const handle = element("div", "handle");
    handle.tabIndex = 0;
    const said = { role: "slider", "aria-label": "Wipe", "aria-valuemin": "0", "aria-valuemax": "100" };
    for (const [name, value] of Object.entries(said)) handle.setAttribute(name, value);
    return handle;
  }

  // What people do

  listen() {
    const on = (name, act) => this.root.querySelector(name).addEventListener("click", act);
    on(".back", () => this.step(-1));
    on(".forth", () => this.step(1));
    on(".play", () => this.toggle());
    on(".beside[aria-pressed]", () => this.choose(false));
    on(".wiped", () => this.choose(true));
    this.slider.addEventListener("input", () => this.step(Number(this.slider.value) - this.picture));
    this.root.addEventListener("keydown", (event) => this.press(event));
    this.root.querySelector(".left").addEventListener("change", (event) => this.choosePane(0, event.target.selectedIndex));
    this.root.querySelector(".right").addEventListener("change", (event) => this.choosePane(1, event.target.selectedIndex));
    this.root.querySelector(".sound").addEventListener("change", (event) => this.hear(event.target.selectedIndex - 1));
    this.stage.addEventListener("pointerdown", (event) => this.drag(event));
  }

  /** @param {boolean} wipes */
  choose(wipes) {
    this.wipes = wipes;
    this.lay();
  }

  /** The same take on both sides makes no sense: then the other side takes what was here. */
  choosePane(side, at) {
    if (this.pair[1 - side] === at) this.pair[1 - side] = this.pair[side];
    this.pair[side] = at;
    ["left", "right"].forEach((name, each) => (this.root.querySelector(`.${name}`).selectedIndex = this.pair[each]));
    this.lay();
  }

  /** @param {number} at */
  hear(at) {
    this.panes.forEach((pane, each) => (pane.media.muted = each !== at));
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (!this.wipes || event.button > 0) return;
    const follow = (moved) => {
      const box = this.stage.getBoundingClientRect();
      this.wipe(((moved.clientX - box.left) / box.width) * 100);
    };
    const leave = () => {
      this.stage.removeEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) this.stage.removeEventListener(name, leave);
    };
    this.stage.setPointerCapture(event.pointerId);
    this.stage.addEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) this.stage.addEventListener(name, leave);
    this.handle.focus({ preventScroll: true });
    event.preventDefault();
    follow(event);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = event.target === this.handle ? this.wipeKeys(event) : this.pictureKeys(event);
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  wipeKeys({ shiftKey }) {
    const by = shiftKey ? JUMP : 2;
    return {
      ArrowLeft: () => this.wipe(this.split - by),
      ArrowRight: () => this.wipe(this.split + by),
      Home: () => this.wipe(0),
      End: () => this.wipe(100),
      " ": () => this.toggle(),
    };
  }

  pictureKeys({ shiftKey, target }) {
    if (target.matches("select") || !this.clock) return {};
    const by = shiftKey ? JUMP : 1;
    const keys = {
      ArrowLeft: () => this.step(-by),
      ArrowRight: () => this.step(by),
      Home: () => this.step(-this.picture),
      End: () => this.step(this.pictures),
    };
    return target.matches("button") ? keys : { ...keys, " ": () => this.toggle() }; // a button is pressed by it
  }
}

// Pictures and seconds

/** When picture `n` comes, in seconds from the first. @param {Source} source @param {number} n */
function shownAt(source, n) {
  const table = source.shown_at_s;
  if (!table.length) return n / (source.fps || 25);
  return n < table.length ? table[n] : table.at(-1) + (table.at(-1) - (table.at(-2) ?? 0));
}

/** @param {Source} source @param {number} n */
function middle(source, n) {
  return (shownAt(source, n) + shownAt(source, n + 1)) / 2;
}

/** The picture on screen at that time. @param {Source} source @param {number} time */
function pictureAt(source, time) {
  const table = source.shown_at_s;
  if (!table.length) return Math.floor(time * (source.fps || 25) + 1e-3);
  const next = table.findIndex((begins) => begins > time + 1e-4);
  return (next < 0 ? table.length : next) - 1;
}

/** @param {Pane} pane */
function lasts({ source, media }) {
  return source.frames ? shownAt(source, source.frames) : (media.duration || 0) - source.start_s;
}

/** The moment of the file that shows what is on at `time`; a clip that is over stays on its last picture. */
function placeIn({ source, media }, time) {
  const last = source.frames ? middle(source, source.frames - 1) : media.duration || 0;
  return source.start_s + Math.min(time, last);
}

/** A clip that runs ahead runs slower until the leader is there; one that is over rests. */
function keepUp(pane, now) {
  const { media, source } = pane;
  if (now >= lasts(pane)) {
    if (!media.paused) media.pause();
    return;
  }
  if (media.paused && !media.ended) media.play().catch(() => {}); // over already: it rests on its last picture
  const ahead = media.currentTime - source.start_s - now;
  if (Math.abs(ahead) > FAR_S) media.currentTime = source.start_s + now;
  const rate = Math.abs(ahead) < NEAR_S ? 1 : 1 - ahead * FIRMNESS;
  media.playbackRate = Math.min(Math.max(rate, 0.5), 2);
}

/** Resolves once the element shows what it was told to, and could go on. @param {HTMLVideoElement} media */
function settled(media) {
  const ready = () => !media.seeking && media.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  return new Promise((resolve) => {
    const events = ["seeked", "canplay", "loadeddata", "error"];
    const look = (event) => {
      if (!ready() && event?.type !== "error") return;
      for (const name of events) media.removeEventListener(name, look);
      resolve();
    };
    for (const name of events) media.addEventListener(name, look);
    look();
  });
}

/** Says under the clip which of its pictures is on screen, as the browser reports it. @param {Pane} pane */
function watch({ media, source, figure }, number) {
  const seen = (_, { mediaTime }) => {
    const picture = pictureAt(source, mediaTime - source.start_s + ROUNDED_S);
    number.textContent = `#${picture}`;
    figure.dataset.picture = String(picture);
    media.requestVideoFrameCallback(seen);
  };
  media.requestVideoFrameCallback?.(seen);
}

// Elements

/** @param {Source} source */
function clip({ url, name, letter }) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, preload: "auto", src: url, disablePictureInPicture: true });
  video.setAttribute("aria-label", `${letter}: ${name}`);
  return video;
}

/** @param {Source} source */
function still({ url, name, letter }) {
  return Object.assign(document.createElement("img"), { src: url, alt: `${letter}: ${name}` });
}

function element(tag, className = "", text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

/** @param {HTMLSelectElement} select */
function fill(select, words, chosen) {
  select.replaceChildren(...words.map((word) => new Option(word)));
  select.selectedIndex = chosen;
}
