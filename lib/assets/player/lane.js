// @ts-check
// A second sound under the clip: its outline where it will be heard, moved by hand or key, and heard with the picture.
// The mark "start" of the player says at which picture it begins; before the first one that number is negative.

const BLOCK_S = 10; // of the outline, in one answer
const DRIFT_S = 0.08; // so far apart sound and picture are put together again

class Lane {
  constructor(player) {
    this.player = player;
    this.box = player.get(".lane");
    this.sound = null;
    this.audio = new Audio();
    this.blocks = new Map();
  }

  close() {
    this.audio.pause();
    this.audio.removeAttribute("src");
  }

  /** The sound that Python names now, or none. */
  take(sound) {
    if (sound?.sha256 !== this.sound?.sha256) {
      this.close();
      this.blocks = new Map();
      if (sound) this.audio.src = sound.address;
    }
    this.sound = sound;
    this.box.hidden = !sound;
    this.hush();
  }

  /** The clip's own sound is silent where the new one takes its place. */
  hush() {
    const { player } = this;
    player.video.muted = player.muted || Boolean(this.sound?.replaces);
    this.audio.muted = player.muted;
  }

  /** When it begins, in seconds from the first picture. */
  get begin() {
    const { data, start } = this.player;
    if (start === data.start && this.sound.begin_s !== null) return this.sound.begin_s;
    const [count, per] = data.rate;
    return (start ?? 0) < 0 ? (start * per) / count : this.player.timeOf(start ?? 0);
  }

  /** The first picture that it may begin at: then only its very end is heard. */
  get earliest() {
    const [count, per] = this.player.data.rate;
    return -Math.max(Math.floor((this.sound.duration_s * count) / per) - 1, 0);
  }

  // Hearing

  /** Where the sound is while the clip shows what it shows. */
  due() {
    const { video, base } = this.player;
    return video.currentTime - base - this.begin;
  }

  /** Called with every picture that is shown, and when the clip stops. */
  follow() {
    if (!this.sound || this.player.base === null) return;
    const at = this.due();
    if (this.player.video.paused || at < 0 || at >= this.sound.duration_s) return this.audio.pause();
    this.audio.playbackRate = this.player.video.playbackRate;
    if (Math.abs(this.audio.currentTime - at) > DRIFT_S) this.audio.currentTime = at;
    if (this.audio.paused) this.audio.play().catch(() => this.audio.pause());
  }

  // Drawing

  draw(color) {
    if (!this.sound) return;
    const { pen, width, height } = paper(this.box.querySelector("canvas"));
    const { timeline } = this.player;
    pen.fillStyle = color("--accent");
    const middle = height / 2;
    for (let x = 0; x < width; x += 1) {
      const time = this.timeAt(timeline.pictureAt(x)) - this.begin;
      if (time < 0 || time >= this.sound.duration_s) continue;
      pen.fillRect(x, 0, 1, 1); // how long it is, also where it is silent
      const found = this.outlineAt(time);
      if (!found) continue;
      const top = middle - loudness(found.high) * middle;
      pen.fillRect(x, top, 1, Math.max(middle - loudness(found.low) * middle - top, 1));
    }
    this.say();
  }

  words() {
    const start = this.player.start ?? 0;
    return `begins ${start < 0 ? `${-start} pictures before the clip` : `at picture ${start}`}, ${this.begin.toFixed(3)} s`;
  }

  say() {
    const { start, data } = this.player;
    const says = { valuemin: this.earliest, valuemax: data.frames - 1, valuenow: start ?? 0, valuetext: this.words() };
    for (const [key, value] of Object.entries(says)) this.box.setAttribute(`aria-${key}`, String(value));
  }

  /** The time of a place between two pictures. */
  timeAt(place) {
    const n = clamp(Math.floor(place), 0, this.player.data.frames - 1);
    const from = this.player.timeOf(n);
    return from + (place - n) * (this.player.timeOf(n + 1) - from);
  }

  outlineAt(time) {
    const level = Math.max(0, Math.ceil(Math.log2(this.sound.duration_s / BLOCK_S)));
    const place = (time / this.sound.duration_s) * 2 ** level;
    const block = this.blocks.get(Math.floor(place)) ?? this.fetch(level, Math.floor(place));
    if (!block?.high?.length) return null;
    const at = Math.floor((place % 1) * block.high.length);
    return { low: block.low[at], high: block.high[at] };
  }

  fetch(level, number) {
    if (this.blocks.has(number)) return null;
    const { blocks, sound, player } = this;
    blocks.set(number, null);
    fetch(`${sound.film}/peaks?key=${sound.key}&level=${level}&block=${number}`, { signal: player.closed.signal })
      .then((answer) => (answer.ok ? answer.json() : {}))
      .then((outline) => {
        blocks.set(number, outline);
        player.timeline.drawSoon();
      })
      .catch(() => blocks.delete(number)); // asked again with the next look
    return null;
  }
}
