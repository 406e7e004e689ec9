// What mp4box, which shares nothing with ffmpeg or with us, makes of an MP4 file: node strict.mjs FILE, JSON out.
// Whatever it complains about on the way is a problem.
import { readFileSync } from "node:fs";
import * as MP4Box from "mp4box";

const problems = [];
for (const name of ["warn", "error", "debug"]) console[name] = (...words) => problems.push(words.join(" "));
MP4Box.Log.setLogLevel(MP4Box.Log.warn);

const file = MP4Box.createFile();
file.onError = (module, message) => problems.push(`${module}: ${message}`);
let info = null;
file.onReady = (found) => { info = found; };
const bytes = readFileSync(process.argv[2]);
const whole = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
whole.fileStart = 0;
file.appendBuffer(whole);
file.flush();

const tracks = (info?.tracks ?? []).map((track) => {
  const samples = file.getTrackById(track.id).samples;
  const entry = samples[0]?.description;
  return {
    type: track.type, codec: track.codec, timescale: track.timescale, edits: track.edits,
    parameterSets: entry?.avcC ? [entry.avcC.SPS.length, entry.avcC.PPS.length] : null,
    entries: new Set(samples.map((one) => one.description_index)).size,
    samples: samples.map((one) => [one.offset, one.size, one.dts, one.cts, one.is_sync ? 1 : 0]),
  };
});
console.log(JSON.stringify({ problems, progressive: info?.isProgressive ?? false, boxes: file.boxes.map((one) => one.type), tracks }));
