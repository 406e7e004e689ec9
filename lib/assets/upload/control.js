// The upload control. A file on its way belongs to the tab, not to the control: it goes on while its form is out of
// sight, and whoever shows the same slot again sees it. The wire is tus 1.0.0, spoken by the official client.

const CHUNK_BYTES = 32 * 2 ** 20;
const SILENT_MS = 30_000; // without a byte for so long a connection is dead, whatever the system believes
const RATE_MS = 8_000;
const KEPT_MS = 24 * 3600 * 1000; // the server forgets what nobody touches for a day
const RETRY_MS = [0, 1000, 2000, 4000, 8000, ...Array(16).fill(15_000)];
const TELL_MS = [0, 5000, 10_000]; // the page may have lost its own connection just when a file arrived
const LOST = "Connection lost. It resumes where it stopped.";

/** A refusal in the server's own words; never tried again. */
class Refusal extends Error {}

/** @type {Map<string, Sending>} by slot */
const sendings = new Map();
/** @type {Map<string, File[]>} files that come after the one on its way, by series: each control sends one */
const waiting = new Map();
/** @type {WeakMap<ParentNode, View>} */
const views = new WeakMap();

/** Draws the control, again after every rerun: nothing is added twice. */
export function show({ data, parentElement, setTriggerValue }) {
  const view = views.get(parentElement) ?? new View(parentElement);
  views.set(parentElement, view);
  view.take(data, setTriggerValue);
}

/** The control is gone from the page; what it sends goes on. */
export function leave(parentElement) {
  views.get(parentElement)?.leave();
  views.delete(parentElement);
}

/** One file on its way: "sending", "lost" (tried again by itself), "stopped", "checking", "done" or "failed". */
class Sending {
  constructor(file, data) {
    this.file = file;
    this.state = "sending";
    this.sent = 0;
    this.total = file.size;
    this.sentence = "";
    this.sha256 = "";
    this.marks = []; // [time, bytes] of the last seconds
    this.heardAt = Date.now();
    this.headers = { "Upload-Ticket": data.ticket };
    this.changed = () => undefined;
    this.resumes = () => this.state !== "sending" && this.resume();
    window.addEventListener("online", this.resumes);
    this.clock = setInterval(() => this.tick(), 1000);
    this.start(data).catch((error) => this.fail(error));
  }

  async start(data) {
    await import(data.tus); // a plain script: it leaves its name on the window
    this.upload = new window.tus.Upload(this.file, {
      endpoint: data.endpoint,
      headers: this.headers,
      metadata: { filename: this.file.name },
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_MS,
      onAfterResponse: (request, response) => this.hear(response),
      onShouldRetry: (error) => this.mayRetry(error),
      onProgress: (sent) => this.progress(sent),
      onSuccess: () => this.settle(),
      onError: (error) => this.fail(error),
    });
    forgetOld();
    const before = (await this.upload.findPreviousUploads()).sort((a, b) => when(a) - when(b));
    if (before.length) this.upload.resumeFromPreviousUpload(before.at(-1));
    if (this.state !== "cancelled") this.upload.start();
  }

  /** A refused permission must not make the client forget where it was, so it ends here. */
  hear(response) {
    this.heardAt = Date.now();
    if (response.getStatus() === 403) throw new Refusal(sentenceOf(response.getBody()));
  }

  mayRetry(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    const passing = status === 0 || [408, 409, 423].includes(status) || (status >= 500 && status !== 507);
    const again = passing && !(error.causingError instanceof Refusal);
    if (again && this.state === "sending") this.become("lost");
    return again;
  }

  progress(sent) {
    const now = Date.now();
    if (sent > this.sent || this.marks.length === 0) this.heardAt = now;
    if (sent < this.sent) this.marks = []; // it goes on from what the server really has
    this.sent = sent;
    this.marks = [...this.marks.filter(([at]) => now - at < RATE_MS), [now, sent]];
    if (this.state !== "cancelled") this.become(sent === this.total ? "checking" : "sending");
  }

  /** Bytes per second over the last seconds, or 0 where nobody knows yet. */
  get rate() {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    return this.marks.length > 1 && last[0] > first[0] + 500 ? ((last[1] - first[1]) * 1000) / (last[0] - first[0]) : 0;
  }

  tick() {
    if (this.state === "sending" && this.upload && Date.now() - this.heardAt > SILENT_MS) this.resume();
    this.changed();
  }

  /** On from what the server has, now. */
  resume() {
    if (!this.upload || !["sending", "lost", "stopped"].includes(this.state)) return;
    this.upload.abort();
    this.heardAt = Date.now();
    this.marks = [];
    this.become("lost");
    this.upload.start();
  }

  /** Everything is there: what became of it. The server may still be looking at the file. */
  async settle() {
    this.sent = this.total;
    this.become("checking");
    for (const delay of [...RETRY_MS, ...Array(40).fill(2000)]) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      const answer = await fetch(this.upload.url, { headers: this.headers }).catch(() => null);
      if (answer?.ok) return this.finish((await answer.json()).sha256);
      if (answer && answer.status !== 423 && !(answer.status >= 500 && answer.status !== 507)) {
        return this.fail(new Refusal(sentenceOf(await answer.text())));
      }
    }
    return this.fail(new Refusal("The file arrived, but the server does not answer. Choose it again in a while."));
  }

  finish(sha256) {
    this.sha256 = sha256;
    this.end("done");
  }

  fail(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    const refusal = error instanceof Refusal ? error : error.causingError;
    if (refusal instanceof Refusal) this.sentence = refusal.message;
    else if (status >= 400 && status < 600) this.sentence = sentenceOf(error.originalResponse.getBody());
    else if (error.originalRequest) return this.become("stopped");
    else this.sentence = "This file cannot be read. Choose it again.";
    return this.end("failed");
  }

  /** Stops, and takes back what has been sent. */
  cancel() {
    this.end("cancelled");
    this.upload?.abort(true).catch(() => undefined); // out of reach: it is swept within a day
  }

  end(state) {
    clearInterval(this.clock);
    window.removeEventListener("online", this.resumes);
    this.become(state);
  }

  become(state) {
    this.state = state;
    this.changed();
  }
}

/** What stands on the page for one slot. */
class View {
  constructor(root) {
    this.find = (name) => root.querySelector(`.${name}`);
    this.spoken = "";
    this.find("choose").onclick = () => this.find("file").click();
    this.find("file").onchange = ({ target }) => this.send(target.files);
    this.find("cancel").onclick = () => this.cancel();
    this.find("resume").onclick = () => this.sending?.resume();
    this.watchDrops(this.find("zone"));
    this.telling = 0;
  }

  get sending() {
    return sendings.get(this.data.slot);
  }

  take(data, tell) {
    this.data = data;
    this.tell = tell;
    this.find("limits").textContent = data.limits;
    this.find("choose").setAttribute("aria-label", data.label);
    this.find("choose").disabled = this.find("file").disabled = data.disabled;
    this.find("file").accept = data.endings.map((ending) => `.${ending}`).join(",");
    this.find("file").multiple = data.many;
    if (this.sending) this.watch(this.sending);
    else if (this.left.length && !data.disabled) this.sendNext();
    this.draw();
  }

  get left() {
    return waiting.get(this.data.series) ?? [];
  }

  sendNext() {
    const [file, ...left] = this.left;
    waiting.set(this.data.series, left);
    const sending = new Sending(file, this.data);
    sendings.set(this.data.slot, sending);
    this.watch(sending);
  }

  leave() {
    clearTimeout(this.telling);
    if (!this.sending) return;
    this.sending.changed = () => undefined;
    if (this.sending.state === "done") sendings.delete(this.data.slot); // the page has taken it
  }

  /** The page takes this control away once it knows; until then it is told again. */
  tellDone(sending, times = 0) {
    clearTimeout(this.telling);
    const after = TELL_MS[Math.min(times, TELL_MS.length - 1)];
    this.telling = setTimeout(() => {
      if (this.sending !== sending) return;
      this.tell("sent", sending.sha256);
      this.tellDone(sending, times + 1);
    }, after);
  }

  watchDrops(zone) {
    const over = (event, is) => {
      event.preventDefault();
      zone.classList.toggle("over", is && !this.data.disabled);
    };
    zone.ondragover = (event) => over(event, true);
    zone.ondragleave = (event) => over(event, false);
    zone.ondrop = (event) => {
      over(event, false);
      if (!this.data.disabled) this.send(event.dataTransfer.files);
    };
  }

  send(files) {
    const chosen = Array.from(files).slice(0, this.data.many ? files.length : 1);
    if (!chosen.length) return;
    if (this.data.wrong) this.tell("began", true); // what was said about the last one does not hold for this one
    if (!chosen.every((file) => this.fits(file))) return this.say(this.data.refusal);
    this.find("file").value = ""; // or choosing the same file again would change nothing
    waiting.set(this.data.series, chosen);
    this.sendNext();
    this.draw();
    return this.find("sending").focus({ preventScroll: true }); // not on Cancel, where one more Enter would end it
  }

  fits(file) {
    const known = this.data.endings.includes(file.name.split(".").at(-1).toLowerCase());
    return known || file.type.startsWith(`${this.data.kind}/`);
  }

  watch(sending) {
    sending.headers["Upload-Ticket"] = this.data.ticket;
    sending.changed = () => this.draw();
  }

  cancel() {
    this.sending?.cancel();
    sendings.delete(this.data.slot);
    waiting.delete(this.data.series);
    this.draw();
    this.speak("Upload cancelled.");
    this.find("choose").focus({ preventScroll: true });
  }

  draw() {
    const sending = this.sending;
    const busy = sending && sending.state !== "failed";
    this.find("zone").hidden = Boolean(busy);
    this.find("sending").hidden = !busy;
    if (busy) this.drawSending(sending);
    if (sending?.state === "done") this.tellDone(sending);
    if (sending?.state === "failed") {
      sendings.delete(this.data.slot);
      const unsent = this.left.map((file) => file.name).join(", ");
      waiting.delete(this.data.series);
      this.say(unsent ? `${sending.file.name}: ${sending.sentence} Not sent: ${unsent}.` : sending.sentence);
    }
  }

  drawSending(sending) {
    const words = this.left.length ? `${wordsOf(sending)} · ${this.left.length} more to come` : wordsOf(sending);
    const percent = Math.floor((100 * sending.sent) / sending.total);
    this.say("");
    this.find("name").textContent = this.find("name").title = sending.file.name;
    this.find("bar").style.width = `${percent}%`;
    this.find("figures").textContent = words;
    this.find("cancel").hidden = sending.state === "done";
    this.find("resume").hidden = sending.state !== "stopped";
    this.find("sending").classList.toggle("waits", ["lost", "checking", "done"].includes(sending.state));
    const track = this.find("track");
    track.setAttribute("aria-label", `Upload of ${sending.file.name}`);
    track.setAttribute("aria-valuenow", String(percent));
    track.setAttribute("aria-valuetext", words);
    const quarter = `${percent - (percent % 25)} percent uploaded.`;
    this.speak(sending.state === "sending" ? quarter : words);
  }

  say(sentence) {
    const error = this.find("error");
    if (error.textContent !== sentence) error.textContent = sentence;
    error.hidden = !sentence;
  }

  /** For screen readers, and only when it is news. */
  speak(words) {
    if (words !== this.spoken) this.find("spoken").textContent = this.spoken = words;
  }
}

function wordsOf(sending) {
  const unit = sending.total >= 1e9 ? ["GB", 1e9, 2] : ["MB", 1e6, 1];
  const amount = (bytes) => (bytes / unit[1]).toFixed(unit[2]);
  const figures = `${amount(sending.sent)} of ${amount(sending.total)} ${unit[0]}`;
  if (sending.state === "lost") return `${figures} · ${LOST}`;
  if (sending.state === "stopped") return `${figures} · No connection. Press Resume to go on.`;
  if (["checking", "done"].includes(sending.state)) return `${figures} · Checking the file`;
  return sending.rate ? `${figures} · ${left((sending.total - sending.sent) / sending.rate)} left` : figures;
}

/** Seconds for people: "8 s", "3 min", "1 h 5 min". */
function left(seconds) {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 90) return `${Math.max(1, Math.ceil(seconds))} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function sentenceOf(body) {
  try {
    const { message, hint } = JSON.parse(body);
    return `${message} ${hint}`.trim();
  } catch {
    return "The upload failed. Choose the file again.";
  }
}

function when(upload) {
  return Date.parse(upload.creationTime) || 0;
}

/** The client's own notes of where uploads are, as far as the server has forgotten them. */
function forgetOld() {
  try {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith("tus::"))) {
      if (Date.now() - when(JSON.parse(localStorage.getItem(key))) > KEPT_MS) localStorage.removeItem(key);
    }
  } catch {
    return; // a browser that keeps nothing has nothing to forget
  }
}
