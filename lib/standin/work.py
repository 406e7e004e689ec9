"""One performance from body to answer: validate, find the files, perform, publish, price."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lib.catalog.fields import Input
from lib.catalog.operation import SEED_LIMIT, Endpoint
from lib.errors import BadMedia, DailiesError, InputError, TooLarge, TooLong, Unsupported
from lib.media.facts import Facts
from lib.media.probe import probe
from lib.standin import outcome as outcomes
from lib.standin.detail import problem_at, problems_of
from lib.standin.faults import Fault, Faults
from lib.standin.guest_plan import GUEST, plan
from lib.standin.guests import Guests
from lib.standin.inputs import gather
from lib.standin.knobs import Board
from lib.standin.limits import check_media, check_values
from lib.standin.outcome import Charge, Outcome
from lib.standin.perform import GUEST_PERFORMER, Made, Performer, Task
from lib.standin.places import model_of
from lib.standin.published import is_address, place, told
from lib.standin.rates import charge
from lib.standin.records import Request
from lib.standin.shelf import Kept, Shelf, made_path


class Work:
    """Performs requests; what goes wrong with one becomes its outcome."""

    def __init__(
        self,
        performers: Mapping[str, Performer],
        shelf: Shelf,
        faults: Faults,
        board: Board,
        folder: Path,
        *,
        guests: Guests,
    ) -> None:
        self._performers = performers
        self._guests = guests
        self._shelf = shelf
        self._faults = faults
        self._board = board
        self._folder = folder
        shutil.rmtree(folder, ignore_errors=True)  # left over from a kill

    async def __call__(self, request: Request, payload: Any, log: Callable[[str], None]) -> Outcome:
        rule = self._faults.take_failure(request.endpoint, request.id)
        if rule is not None:
            return _asked_failure(rule.fault)
        folder = self._folder / request.id
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return await self._answer(request, payload, folder, log)
        except InputError as error:
            fields = error.fields or {"": error.message}
            return outcomes.refused(problem_at(path, text, "value_error") for path, text in fields.items())
        except DailiesError as error:
            return _failure(error)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def _answer(self, request: Request, payload: Any, folder: Path, log: Callable[[str], None]) -> Outcome:
        endpoint = self._guests.endpoint(model_of(request.endpoint))
        if endpoint is None:
            return outcomes.failed(500, f"A rehearsal does not know {request.endpoint} any more.", "internal_error")
        try:
            made = endpoint.input.model_validate(payload)
        except ValidationError as error:
            return outcomes.refused(problems_of(error))
        problems = check_values(endpoint.id, made)
        if problems:
            return outcomes.refused(problems)
        inputs = await gather(made, self._shelf, folder)
        problems = inputs.problems or check_media(endpoint.id, made, inputs.facts)
        if problems:
            return outcomes.refused(problems)
        performer = GUEST_PERFORMER if endpoint.added else self._performers.get(endpoint.id)
        if performer is None:
            return outcomes.failed(500, f"Nothing rehearses {endpoint.id} yet.", "internal_error")
        variant, seed = dict(self._board.knobs.variant), _seed(made, request.id)
        if endpoint.added:
            variant[GUEST] = plan(endpoint, made, seed)
        task = Task(endpoint.wire_id, made, inputs.files, inputs.facts, folder, seed, log, variant=variant)
        return await self._publish(request, endpoint, made, await performer(task))

    async def _publish(self, request: Request, endpoint: Endpoint, made: Input, product: Made) -> Outcome:
        """The output as the document describes it, its files under their addresses."""
        facts = {name: await probe(file) for name, file in product.files.items()}
        body = dict(product.values)
        for name, file in product.files.items():
            content_type = product.content_types.get(name, facts[name].content_type)
            kept = self._shelf.adopt(file, made_path(request.id, name, file.name), content_type)
            place(body, name, _file(request, endpoint, name, kept, facts[name]))
        output = endpoint.output.model_validate(body)
        shown = output.model_dump(mode="json", exclude_unset=True)
        return outcomes.done(shown, self._charge(endpoint.id, made, facts))

    def _charge(self, endpoint: str, made: Input, facts: Mapping[str, Facts]) -> Charge:
        longest_s = max((one.duration_s or 0.0 for one in facts.values()), default=0.0)
        return charge(endpoint, made, longest_s, next((one.frames for one in facts.values() if one.frames), None))


def _seed(made: Input, request_id: str) -> int:
    """The asked seed, else one that follows from the request, so that performing it again gives the same."""
    asked = getattr(made, "seed", None)
    drawn = int.from_bytes(hashlib.sha256(request_id.encode()).digest()[:8], "big") % SEED_LIMIT
    return drawn if asked is None else int(asked)


def _file(request: Request, endpoint: Endpoint, field: str, kept: Kept, facts: Facts) -> str | dict[str, Any]:
    """What the output says of a file; a field that ends in "_url" holds the address alone."""
    address = f"{request.origin}/files/{kept.path}"
    if field.endswith("_url") or is_address(endpoint.output, field):
        return address
    shown: dict[str, Any] = {
        "url": address,
        "content_type": kept.content_type,
        "file_name": kept.path.rsplit("/", 1)[-1][22:],
        "file_size": kept.size_bytes,
    }
    return shown | told(endpoint.output, field, facts)


def _asked_failure(fault: Fault) -> Outcome:
    """The failure that a rule asks for: a flat body unless it gives its own."""
    made = outcomes.failed(fault.code, fault.error or f"Made-up failure {fault.code}", fault.error_type)
    units = {"x-fal-billable-units": f"{fault.units:g}"}
    body = made.body if fault.body is None else fault.body
    paid = Charge(fault.units, None) if fault.units else None
    return Outcome(made.code, body, made.error, made.error_type, made.headers | units | fault.headers, paid)


def _failure(error: DailiesError) -> Outcome:
    """What the error means on the wire; ours, not the input's, unless it is about the media."""
    if isinstance(error, TooLong):
        return outcomes.failed(504, error.message, "generation_timeout")
    if isinstance(error, BadMedia | Unsupported | TooLarge):
        kind = "file_too_large" if isinstance(error, TooLarge) else "unsupported_video_format"
        return outcomes.refused([problem_at("video_url", error.message, kind)])
    return outcomes.failed(500, error.message, "internal_error")
