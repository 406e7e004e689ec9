"""A chain as a JavaScript module for fal's own client (@fal-ai/client) on Node."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.catalog.export import JAVASCRIPT_WORDS, Code, literal, text
from lib.chain.model import Chain
from lib.chain.programs.cutting import OUT
from lib.chain.programs.plan import Call, From, Plan, plan
from lib.chain.programs.words import (
    asks_models,
    cuts_here,
    needed,
    out_option,
    runs_ffmpeg,
    said,
    seeds_said,
    substituted,
    written,
)

TAB = "  "
CLIENT_NEEDED = ("It buys from fal with the key in FAL_KEY. Install the client: npm install @fal-ai/client",)
WORDS = (
    "abstract arguments async await boolean break byte case catch char class const continue debugger default delete do "
    "double else enum eval export extends false final finally float for from function get goto if implements import in "
    "instanceof int interface let long native new null of package private protected public return set short static "
    "super switch synchronized this throw throws transient true try typeof undefined var void volatile while with yield"
)
OWN = (
    "Array File JSON Map Math Object Promise Readable String TYPES URL basename console copyFile createWriteStream cut "
    "download execFile extname fal ffmpeg fetch given globalThis join mkdir mkdtemp number openAsBlob out parseArgs "
    "path pipeline process promisify resolve rmSync save subscribe tmpdir upload once work known Infinity NaN name"
)
RESERVED = frozenset((*WORDS.split(), *OWN.split()))
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def javascript(chain: Chain) -> str:
    """The module's text. Raises DoesNotFit for a chain that cannot start."""
    made = plan(chain, _camel, RESERVED)
    functions = [_function(call) for call in made.calls]
    return "\n\n".join([_head(made), *_shared(made), *functions, _main(made)]) + "\n"


def _camel(words: str) -> str:
    first, *others = words.split()
    return first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in others)


def _head(made: Plan) -> str:
    local, buys = any(call.made.local for call in made.calls), asks_models(made)
    asked = " ".join(f"--{name} FILE" for name, _, _ in made.inputs)
    lines = [
        f"// {line}".rstrip()
        for line in (
            f"{said(made.name)}: a chain of {len(made.calls)} steps, exported from Dailies.",
            "",
            *(
                ["It buys from fal with the key in FAL_KEY. Install the client: npm install @fal-ai/client"]
                if buys
                else ()
            ),
            *seeds_said(made),
            *needed(made),
            f"Run it with Node 20 or newer: node chain.mjs {asked}{' ' if asked else ''}--{out_option(made)} results",
        )
    ]
    client = ['import { fal } from "@fal-ai/client";'] if buys else []
    return "\n".join(
        [*lines, "", *(_LOCAL_IMPORTS if local else ()), _IMPORTS, *client, "", *(_TYPES if buys else ()), _WORK]
    )


def _shared(made: Plan) -> Iterator[str]:
    """The functions that several steps share; only those that are needed."""
    yield _ONCE
    if asks_models(made):
        yield _SUBSCRIBE
        yield _UPLOAD
    yield _DOWNLOAD
    if cuts_here(made):
        yield _CUT
    if runs_ffmpeg(made):
        yield _FFMPEG
    yield _SAVE


def _function(call: Call) -> str:
    head = f"// {call.made.title} ({call.made.id}).\nasync function {call.name}({', '.join(call.needs)}) {{\n"
    return f"{head}{_cutting(call) if call.made.local else _asking(call)}\n}}"


def _asking(call: Call) -> str:
    body = literal(substituted(call.body, lambda one: Code(_value(one))), TAB, 1, JAVASCRIPT_WORDS, bare_keys=True)
    return f"{TAB}return subscribe({text(call.made.id)}, {body});"


def _cutting(call: Call) -> str:
    if call.command:
        return _command(call)
    many = getattr(call.made, "many", False)
    files = ", ".join(_value(one) for one in call.files)
    options = [
        f"{text(one.name)} + {_value(one.value)}" if isinstance(one.value, From) else text(written(one))
        for one in call.options
    ]
    given = "".join(f", {one}" for one in options)
    made = "said.files.map((one) => join(out, one.file))" if many else "out"
    lines = (
        f"const out = join(work, {text(call.step.id + ('' if many else call.ending))});",
        f"const said = await cut({text(call.made.id.removeprefix('cut/'))}, [{files}], out{given});",
        f"return {{ ...said, {call.output}: {made} }};",
    )
    return "\n".join(TAB + line for line in lines)


def _command(call: Call) -> str:
    words = ["out" if one is OUT else _value(one) if isinstance(one, From) else text(str(one)) for one in call.command]
    return "\n".join(
        [
            f"{TAB}const out = join(work, {text(call.step.id + call.ending)});",
            f"{TAB}await ffmpeg({', '.join(words)});",
            f"{TAB}return {{ {call.output}: out }};",
        ]
    )


def _value(one: From) -> str:
    if not one.variable:
        return f"await download({text(one.address)})" if one.use == "file" else text(one.address)
    place = one.variable + "".join(_part(part) for part in one.path)
    if one.use == "address":
        return f"await upload({place})" if one.local else place
    return f"await download({place})" if one.use == "file" and not one.local else place


def _part(part: str) -> str:
    if part.isdigit():
        return f"[{part}]"
    return f".{part}" if _NAME.fullmatch(part) else f"[{text(part)}]"


def _main(made: Plan) -> str:
    place = out_option(made)
    options = [f'{TAB}{text(name)}: {{ type: "string" }},' for name, _, _ in made.inputs]
    options.append(f'{TAB}{text(place)}: {{ type: "string", default: "results" }},')
    names = ", ".join(text(name) for name, _, _ in made.inputs)
    lines = ["const { values: given } = parseArgs({ options: {", *options, "} });"]
    lines.append(f"for (const name of [{names}]) {{")
    lines += [f"{TAB}if (!given[name]) throw new Error(`Name a file with --${{name}}.`);", "}"]
    lines += [f"const {variable} = resolve(given[{text(name)}]);" for name, variable, _ in made.inputs]
    lines += [f"const {call.take} = await {call.name}({', '.join(call.needs)});" for call in made.calls]
    lines += [f"const out = given[{text(place)}];", "await mkdir(out, { recursive: true });"]
    lines += [f"await save({take}{_part(field)}, {text(name)}, out);" for name, take, field in made.kept]
    return "\n".join(lines)


_CLIENT = ('import { fal } from "@fal-ai/client";',)
_LOCAL_IMPORTS = ('import { execFile } from "node:child_process";', 'import { promisify } from "node:util";')
_IMPORTS = """import { createWriteStream, openAsBlob, rmSync } from "node:fs";
import { copyFile, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";"""

_TYPES = (
    """const TYPES = {
  ".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".gif": "image/gif", ".png": "image/png",
  ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".wav": "audio/wav", ".mp3": "audio/mpeg",
  ".flac": "audio/flac", ".m4a": "audio/mp4",
};""",
)

_WORK = """const work = await mkdtemp(join(tmpdir(), "chain-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));"""

_ONCE = """// The same function, which does its work once for each argument.
function once(make) {
  const known = new Map();
  return (key) => {
    if (!known.has(key)) known.set(key, make(key, known.size));
    return known.get(key);
  };
}"""

_SUBSCRIBE = """// What the model returns; waits for it.
async function subscribe(endpoint, input) {
  const onQueueUpdate = (update) => {
    if (update.status === "IN_PROGRESS") (update.logs ?? []).forEach((log) => console.log(log.message));
  };
  return (await fal.subscribe(endpoint, { input, logs: true, onQueueUpdate })).data;
}"""

_UPLOAD = """// The address under which fal can open a file of this machine.
const upload = once(async (path) => {
  const type = TYPES[extname(path).toLowerCase()] ?? "application/octet-stream";
  return fal.storage.upload(new File([await openAsBlob(path)], basename(path), { type }));
});"""

_DOWNLOAD = """// The file at an address, on this machine.
const download = once(async (url, number) => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  const path = join(work, `download-${number}${extname(url.startsWith("data:") ? "" : new URL(url).pathname)}`);
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(path));
  return path;
});"""

_CUT = """// Has Dailies make a cut, exactly; gives what it says of the result.
async function cut(name, files, out, ...options) {
  const home = process.env.DAILIES_HOME;
  if (!home) throw new Error("Name the folder of Dailies in DAILIES_HOME.");
  const python = process.env.DAILIES_PYTHON ?? join(home, ".venv", "bin", "python");
  const words = ["-m", "lib", "cut", name, ...files, `--out=${out}`, ...options];
  const { stdout } = await promisify(execFile)(python, words, { cwd: home, maxBuffer: 2 ** 28 });
  return JSON.parse(stdout);
}"""

_FFMPEG = """// Runs the ffmpeg that FFMPEG names, or the one on PATH.
async function ffmpeg(...words) {
  await promisify(execFile)(process.env.FFMPEG ?? "ffmpeg", ["-nostdin", "-v", "error", "-y", ...words]);
}"""

_SAVE = """// Keeps a file of a take, or each of several, and says where.
async function save(made, name, folder) {
  if (Array.isArray(made)) {
    for (const [number, one] of made.entries()) await save(one, `${name}.${number}`, folder);
  } else if (made) {
    const place = made.url ?? made;
    const source = /^(https?|data):/.test(place) ? await download(place) : place;
    const path = join(folder, name + extname(source));
    await copyFile(source, path);
    console.log(path);
  }
}"""
