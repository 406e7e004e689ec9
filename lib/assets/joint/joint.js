// @ts-check
// Where two clips of a join meet: the pictures on both sides, and a second or two played across.

const AROUND_S = 1.5;

/** @type {WeakMap<ParentNode, Joint>} */
const joints = new WeakMap();

export default function mount({ data, parentElement }) {
  const joint = joints.get(parentElement) ?? new Joint(parentElement);
  joints.set(parentElement, joint);
  joint.take(data);
  return () => {
    joints.get(parentElement)?.stop();
    joints.delete(parentElement);
  };
}

class Joint {
  constructor(root) {
    this.find = (name) => root.querySelector(`.${name}`);
    this.name = "";
    this.playing = 0; // counts, so that an older round ends when a newer one begins
    this.find("play").onclick = () => (this.find("screen").hidden ? this.play() : this.stop());
  }

  take(data) {
    this.data = data;
    const { before, after } = data;
    const name = `${before.still} ${after.still}`;
    if (name === this.name) return;
    this.name = name;
    this.stop();
    this.find("last").src = before.still;
    this.find("first").src = after.still;
    this.find("last").alt = this.find("from").textContent = `Last picture of ${before.name}`;
    this.find("first").alt = this.find("to").textContent = `First picture of ${after.name}`;
    this.find("play").hidden = !(before.video && after.video);
    this.find("said").textContent = data.note;
  }

  async play() {
    const round = ++this.playing;
    const { before, after } = this.data;
    const [one, other] = [this.find("before"), this.find("after")];
    this.show(one, other);
    this.find("play").textContent = "Stop";
    const end = before.start_s + before.duration_s;
    try {
      await Promise.all([
        ready(one, before.video, Math.max(end - AROUND_S, before.start_s)),
        ready(other, after.video, after.start_s),
      ]);
      if (round !== this.playing) return;
      await this.run(one, end, round);
      if (round !== this.playing) return;
      this.show(other, one);
      await this.run(other, after.start_s + Math.min(AROUND_S, after.duration_s), round);
      if (round === this.playing) this.stop();
    } catch {
      if (round === this.playing) this.refuse();
    }
  }

  /** Plays until that second; a clip may end a moment before its length says so. */
  async run(video, until, round) {
    await video.play();
    while (round === this.playing && !video.ended && video.currentTime < until) await new Promise(requestAnimationFrame);
    video.pause();
  }

  show(video, other) {
    this.find("pair").hidden = true;
    this.find("screen").hidden = false;
    video.hidden = false;
    other.hidden = true;
  }

  stop() {
    this.playing += 1;
    for (const name of ["before", "after"]) this.find(name).pause();
    this.find("screen").hidden = true;
    this.find("pair").hidden = false;
    this.find("play").textContent = "Play around this joint";
  }

  refuse() {
    this.stop();
    this.find("play").hidden = true;
    this.find("said").textContent = "This browser cannot play one of the two clips. They are joined all the same.";
  }
}

/** There, and standing at that second. */
async function ready(video, address, at) {
  if (video.getAttribute("src") !== address) video.src = address;
  if (video.readyState < HTMLMediaElement.HAVE_METADATA) await happens(video, "loadedmetadata");
  const sought = happens(video, "seeked");
  video.currentTime = at;
  await sought;
}

function happens(video, name) {
  return new Promise((done, fail) => {
    video.addEventListener(name, done, { once: true });
    video.addEventListener("error", fail, { once: true });
  });
}
