// @ts-check
// The preview of a cut. A video element says nothing of why it stays empty, so the server is asked first.

const GONE = { message: "The address of this preview has expired.", hint: "Reload the page." };
const SILENT = { message: "The server does not answer.", hint: "Reload the page." };

export default function mount({ data, parentElement }) {
  const [video, said] = [parentElement.querySelector("video"), parentElement.querySelector(".said")];
  if (video.dataset.address === data.address) return;
  video.dataset.address = data.address;
  show(video, said, data);
}

async function show(video, said, data) {
  const gone = () => video.dataset.address !== data.address || !video.isConnected;
  video.hidden = true;
  video.removeAttribute("src");
  say(said, "Making the preview.");
  const refused = await ask(data.address);
  if (gone()) return;
  if (refused) return say(said, `${refused.message} ${refused.hint} ${data.instead}`, true);
  video.onerror = () => {
    video.hidden = true;
    say(said, `This browser cannot play the preview. ${data.instead}`, true);
  };
  video.src = data.address;
  video.hidden = false;
  return say(said, data.note);
}

/** Null where it is there, else why not. */
async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { Range: "bytes=0-0" } });
    if (answer.ok) return null;
    return answer.status === 422 ? await answer.json() : GONE;
  } catch {
    return SILENT;
  }
}

function say(said, words, wrong = false) {
  said.textContent = words.replace(/\s+/g, " ").trim();
  said.classList.toggle("wrong", wrong);
}
