"""A chain as a Python program for fal's own client (fal-client) and ffmpeg."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterator

from lib.catalog.export import PYTHON_WORDS, Code, literal, text
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

TAB = "    "
CLIENT_NEEDED = ("It buys from fal with the key in FAL_KEY. Install the client: pip install fal-client",)
OWN = (
    "argparse cut download fal_client ffmpeg functools given itertools json main os out Path said save shutil "
    "show_logs subprocess subscribe tempfile upload urllib WORK _numbers _work"
)
RESERVED = frozenset((*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *OWN.split()))


def python(chain: Chain) -> str:
    """The program's text. Raises DoesNotFit for a chain that cannot start."""
    made = plan(chain, lambda words: "_".join(words.lower().split()), RESERVED)
    functions = [_function(call) for call in made.calls]
    parts = [_head(made), *_shared(made), *functions, _main(made), 'if __name__ == "__main__":\n    main()']
    return "\n\n\n".join(parts) + "\n"


def _head(made: Plan) -> str:
    local, buys = any(call.made.local for call in made.calls), asks_models(made)
    asked = " ".join(f"--{name} FILE" for name, _, _ in made.inputs)
    lines = [
        f"# {line}".rstrip()
        for line in (
            f"{said(made.name)}: a chain of {len(made.calls)} steps, exported from Dailies.",
            "",
            *(CLIENT_NEEDED if buys else ()),
            *seeds_said(made),
            *needed(made),
            f"Run it: python chain.py {asked}{' ' if asked else ''}--{out_option(made)} results",
        )
    ]
    names = ["argparse", "functools", "itertools", *(["json"] if cuts_here(made) else []), *(["os"] if local else [])]
    names += ["shutil", *(["subprocess"] if local else []), "tempfile", "urllib.parse", "urllib.request"]
    imports = [f"import {name}" for name in names] + ["from pathlib import Path"]
    work = ['_work = tempfile.TemporaryDirectory(prefix="chain-")', "WORK = Path(_work.name)"]
    client = ["", "import fal_client"] if buys else []
    return "\n".join([*lines, "", *imports, *client, "", *work, "_numbers = itertools.count(1)"])


def _shared(made: Plan) -> Iterator[str]:
    """The functions that several steps share; only those that are needed."""
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
    head = f'def {call.name}({", ".join(call.needs)}):\n{TAB}"""{call.made.title} ({call.made.id})."""\n'
    return head + (_cutting(call) if call.made.local else _asking(call))


def _asking(call: Call) -> str:
    body = literal(substituted(call.body, lambda one: Code(_value(one))), TAB, 1, PYTHON_WORDS, bare_keys=False)
    return f"{TAB}return subscribe(\n{TAB * 2}{text(call.made.id)},\n{TAB * 2}{_deeper(body)},\n{TAB})"


def _deeper(body: str) -> str:
    """A literal of depth 1, one level further in."""
    first, *others = body.split("\n")
    return "\n".join([first, *(f"{TAB}{line}" for line in others)])


def _cutting(call: Call) -> str:
    if call.command:
        return _command(call)
    place = f"{call.step.id}{'' if getattr(call.made, 'many', False) else call.ending}"
    files = ", ".join(_value(one) for one in call.files)
    options = [
        f"{text(one.name)} + str({_value(one.value)})" if isinstance(one.value, From) else text(written(one))
        for one in call.options
    ]
    given = "".join(f", {one}" for one in options)
    lines = [
        f"out = WORK / {text(place)}",
        f"said = cut({text(call.made.id.removeprefix('cut/'))}, [{files}], out{given})",
    ]
    if getattr(call.made, "many", False):
        lines.append(f'return {{**said, {text(call.output)}: [out / one["file"] for one in said["files"]]}}')
    else:
        lines.append(f"return {{**said, {text(call.output)}: out}}")
    return "\n".join(TAB + line for line in lines)


def _command(call: Call) -> str:
    words = ["out" if one is OUT else _value(one) if isinstance(one, From) else text(str(one)) for one in call.command]
    listed = "".join(f"{TAB * 2}{word},\n" for word in words)
    made = f"{TAB}out = WORK / {text(call.step.id + call.ending)}\n{TAB}ffmpeg(\n{listed}{TAB})\n"
    return f"{made}{TAB}return {{{text(call.output)}: out}}"


def _value(one: From) -> str:
    if not one.variable:
        return f"download({text(one.address)})" if one.use == "file" else text(one.address)
    place = one.variable + "".join(f"[{part if part.isdigit() else text(part)}]" for part in one.path)
    if one.use == "address":
        return f"upload({place})" if one.local else place
    return f"download({place})" if one.use == "file" and not one.local else place


def _main(made: Plan) -> str:
    lines = ["def main():", f'{TAB}parser = argparse.ArgumentParser(allow_abbrev=False, conflict_handler="resolve")']
    for name, variable, kind in made.inputs:
        about = f"type=Path, required=True, help={text(f'{kind} file')}"
        lines.append(f"{TAB}parser.add_argument({text(f'--{name}')}, dest={text(variable)}, {about})")
    place = text(f"--{out_option(made)}")
    lines.append(f'{TAB}parser.add_argument({place}, dest="out", type=Path, default=Path("results"))')
    lines.append(f"{TAB}given = parser.parse_args()")
    lines += [f"{TAB}{variable} = given.{variable}.absolute()" for _, variable, _ in made.inputs]
    lines += [f"{TAB}{call.take} = {call.name}({', '.join(call.needs)})" for call in made.calls]
    lines.append(f"{TAB}given.out.mkdir(parents=True, exist_ok=True)")
    lines += [f"{TAB}save({take}.get({text(field)}), {text(name)}, given.out)" for name, take, field in made.kept]
    return "\n".join(lines)


_SUBSCRIBE = '''def show_logs(update):
    if isinstance(update, fal_client.InProgress):
        for log in update.logs or ():
            print(log["message"])


def subscribe(endpoint, arguments):
    """What the model returns; waits for it."""
    return fal_client.subscribe(endpoint, arguments=arguments, with_logs=True, on_queue_update=show_logs)'''

_UPLOAD = '''@functools.cache
def upload(path):
    """The address under which fal can open a file of this machine; each is sent once."""
    return fal_client.upload_file(path)'''

_DOWNLOAD = '''@functools.cache
def download(url):
    """The file at an address, on this machine; each is fetched once."""
    name = "" if url.startswith("data:") else urllib.parse.urlsplit(url).path
    path = WORK / f"download-{next(_numbers)}{Path(name).suffix}"
    with urllib.request.urlopen(url, timeout=300) as answer, path.open("wb") as file:
        shutil.copyfileobj(answer, file)
    return path'''

_CUT = '''def cut(name, files, out, *options):
    """Has Dailies make a cut, exactly; gives what it says of the result."""
    home = Path(os.environ["DAILIES_HOME"])
    python = os.environ.get("DAILIES_PYTHON", home / ".venv" / "bin" / "python")
    command = [python, "-m", "lib", "cut", name, *files, f"--out={out}", *options]
    done = subprocess.run(command, cwd=home, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)'''

_FFMPEG = '''def ffmpeg(*words):
    """Runs the ffmpeg that FFMPEG names, or the one on PATH."""
    subprocess.run([os.environ.get("FFMPEG", "ffmpeg"), "-nostdin", "-v", "error", "-y", *words], check=True)'''

_SAVE = '''def save(made, name, folder):
    """Keeps a file of a take, or each of several, and says where."""
    if isinstance(made, list):
        for number, one in enumerate(made):
            save(one, f"{name}.{number}", folder)
    elif made:
        source = made if isinstance(made, Path) else download(made["url"] if isinstance(made, dict) else made)
        print(shutil.copyfile(source, folder / f"{name}{source.suffix}"))'''
