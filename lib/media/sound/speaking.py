"""A text made into a sound file by a computer's voice, in a limited child."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib.errors import InputError
from lib.media import graph
from lib.media.asked import Speaking
from lib.media.command import Command
from lib.media.folder import private_folder
from lib.media.limits import Limits
from lib.media.progress import OnProgress
from lib.media.promise import Promise
from lib.media.proof import keeping
from lib.media.smart.child import child
from lib.media.smart.running import Progress, Running
from lib.media.sound.extract import CODINGS, Format
from lib.media.sound.onto import RATE
from lib.media.sound.voices import TITLE

SPOKEN_SHARE = 0.3  # of the progress


async def speak(
    asked: Speaking, *, on_progress: OnProgress | None = None, cancelled: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """Makes the sound file; gives the proof. Raises InputError where nothing of the text can be spoken."""
    running = Running(Progress(on_progress), cancelled, Limits())
    with private_folder(asked.output.parent) as folder:
        spoken = folder / "spoken.wav"
        async with child(folder, running.limits) as one:
            request = {"do": "speak", "text": asked.text, "voice": asdict(asked.voice), "output": str(spoken)}
            answer = await one.ask(request, running.watch(0, SPOKEN_SHARE))
        if not answer["samples"]:
            message = "Nothing in this text can be spoken."
            raise InputError(message, hint="Write words of the chosen language.", fields={"text": message})
        command = build(spoken, answer["samples"], folder / asked.output.name, asked.format)
        said = await keeping.made(command, on_progress=running.progress.between(SPOKEN_SHARE, 1), cancelled=cancelled)
        command.output.replace(asked.output)
    return said


def build(spoken: Path, length: int, output: Path, format: Format) -> Command:
    """The speech as that format, saying of itself what it is."""
    sound = graph.exactly(graph.opened(spoken)["a:0"], length)
    options = CODINGS[format] | {"ar": RATE, "metadata": f"title={TITLE}"}
    return graph.command([sound], output, [spoken], None, options).promising(
        Promise(samples=length), voice=TITLE, samples=length
    )
