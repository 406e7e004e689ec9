// Drives the official tus client against the app's upload route: node drive_tus.mjs ENDPOINT any SCENARIO OPTIONS.
// Prints JSON. Runs in the folder that holds the client.
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";

const tus = createRequire(`${process.cwd()}/`)("tus-js-client");
const [endpoint, , scenario, options] = process.argv.slice(2);
const { path, size, ticket, url, cut } = JSON.parse(options);

/** What the client made of it: its requests, the address, and the error it would show. */
function upload({ chunkSize = 1 << 20, uploadUrl, retryDelays = [0, 100, 500], stopAt, patchByPost }) {
  const seen = [];
  return new Promise((resolve) => {
    const end = (more) => resolve({ url: sending.url, seen, ...more });
    const sending = new tus.Upload(createReadStream(path), {
      endpoint,
      uploadUrl,
      uploadSize: size,
      chunkSize,
      retryDelays,
      overridePatchMethod: Boolean(patchByPost),
      headers: { "Upload-Ticket": ticket },
      metadata: { filename: basename(path), filetype: "video/mp4" },
      onAfterResponse: (request, response) => {
        seen.push([request.getMethod(), response.getStatus(), response.getHeader("Upload-Offset") ?? null]);
      },
      onChunkComplete: (_, sent) => {
        if (stopAt && sent >= stopAt) sending.abort().then(() => end({ stopped: sent }));
      },
      onError: ({ originalResponse: said }) => end({ error: [said?.getStatus(), JSON.parse(said?.getBody() ?? "null")] }),
      onSuccess: () => end({ done: true }),
    });
    sending.start();
  });
}

const SCENARIOS = {
  whole: () => upload({ chunkSize: Infinity }),
  parts: () => upload({}),
  by_post: () => upload({ patchByPost: true }),
  stops: () => upload({ stopAt: cut }),
  goes_on: () => upload({ uploadUrl: url }),
  async terminates() {
    const { url: at } = await upload({ stopAt: cut });
    await tus.Upload.terminate(at, { headers: { "Upload-Ticket": ticket }, retryDelays: [100, 500] });
    return { url: at };
  },
};
console.log(JSON.stringify(await SCENARIOS[scenario]()));
