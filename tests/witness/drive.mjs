// Drives fal's own JavaScript client against the stand-in: node drive.mjs ORIGIN middleware|proxy SCENARIO OPTIONS.
// Prints JSON. Runs in the folder that holds the client.
import { openAsBlob, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";

const { createFalClient, ValidationError } = createRequire(`${process.cwd()}/`)("@fal-ai/client");
const UPSCALER = "fal-ai/video-upscaler";
const [origin, way, scenario, options] = process.argv.slice(2);

// Where each of fal's hosts is on the stand-in.
const PREFIX = { "https://queue.fal.run": "", "https://fal.run": "/fal-run", "https://rest.fal.ai": "" };
const moved = (request) => {
  const real = new URL(request.url);
  return { ...request, url: origin + PREFIX[real.origin] + real.pathname + real.search };
};
const WAYS = {
  middleware: { credentials: process.env.FAL_KEY, requestMiddleware: async (request) => moved(request) },
  proxy: { proxyUrl: { url: `${origin}/api/fal/proxy`, when: "always" } },
};
const fal = createFalClient(WAYS[way]);

const blob = (path, type = "video/mp4") => new Blob([readFileSync(path)], { type });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const refusal = async (call) => {
  try {
    return { returned: await call };
  } catch (error) {
    const { name, message, status, body, requestId } = error;
    return { name, message, status, body, requestId, validation: error instanceof ValidationError };
  }
};

const SCENARIOS = {
  async subscribe({ video, endpoint, given, mode }) {
    const enqueued = [];
    const updates = [];
    const { data, requestId } = await fal.subscribe(endpoint, {
      input: { video_url: blob(video), ...given },
      logs: true,
      mode,
      pollInterval: 20,
      onEnqueue: (id) => enqueued.push(id),
      onQueueUpdate: (update) => updates.push(structuredClone(update)),
    });
    return { enqueued, updates, data, requestId };
  },

  async by_id({ video }) {
    const input = { video_url: blob(video), scale: 1.5 };
    const submitted = await fal.queue.submit(UPSCALER, { input, priority: "low", hint: "lane-1", startTimeout: 60 });
    const requestId = submitted.request_id;
    const completed = await fal.queue.subscribeToStatus(UPSCALER, { requestId, pollInterval: 20 });
    return {
      submitted,
      completed,
      result: await fal.queue.result(UPSCALER, { requestId }),
      too_late: await refusal(fal.queue.cancel(UPSCALER, { requestId })),
      unknown: await refusal(fal.queue.status(UPSCALER, { requestId: "no-such-request" })),
    };
  },

  async cancel({ endpoint, video, scale, once }) {
    const { request_id: requestId } = await fal.queue.submit(endpoint, { input: { video_url: blob(video), scale } });
    let before = await fal.queue.status(endpoint, { requestId });
    while (before.status !== once) {
      await pause(20);
      before = await fal.queue.status(endpoint, { requestId });
    }
    await fal.queue.cancel(endpoint, { requestId });
    const final = await fal.queue.subscribeToStatus(endpoint, { requestId, pollInterval: 20 });
    return { requestId, before, final, ended: await refusal(fal.queue.result(endpoint, { requestId })) };
  },

  async uploads({ video, large }) {
    const file = new File([readFileSync(video)], "two words.mp4", { type: "video/mp4" });
    return {
      blob: await fal.storage.upload(blob(video)),
      file: await fal.storage.upload(file),
      short: await fal.storage.upload(file, { lifecycle: { expiresIn: 1 } }),
      large: await fal.storage.upload(await openAsBlob(large, { type: "application/octet-stream" })),
      nested: await fal.storage.transformInput({ list: [{ [basename(video)]: blob(video) }, 1, null, "text"] }),
    };
  },

  async webhook({ video, url, scale }) {
    const input = { video_url: blob(video), scale };
    const { request_id: requestId } = await fal.queue.submit(UPSCALER, { input, webhookUrl: url });
    return { requestId };
  },

  async direct({ video }) {
    const input = { video_url: await fal.storage.upload(blob(video)) };
    const { data } = await fal.run(UPSCALER, { input });
    const stream = await fal.stream(UPSCALER, { input });
    const events = [];
    for await (const event of stream) events.push(event);
    return { data, events, done: await stream.done() };
  },

  async refused({ endpoint, ...options }) {
    return refusal(fal.subscribe(endpoint, { pollInterval: 20, ...options }));
  },

  async submit({ input }) {
    const { request_id: requestId } = await fal.queue.submit(UPSCALER, { input });
    return { requestId };
  },
};

console.log(JSON.stringify(await SCENARIOS[scenario](JSON.parse(options))));
