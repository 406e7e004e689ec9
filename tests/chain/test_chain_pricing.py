"""The price of a whole chain is known before it runs: an interval, in which nothing unknown counts as nothing."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from lib.catalog.price import Estimate, Unknown
from lib.chain.check import check
from lib.chain.flow import Known, foresee
from lib.chain.model import Chain
from lib.chain.pricing import price, savings
from lib.standin.rates import charge
from tests.chain.making import AMT, MAGI, MERGE, PIX, RAY, UP, WAN, ZOOM, Row, chain_of, clip, known
from tests.chain.seeded import good

V = {"video_url": "$inputs.video"}
P = {"prompt": "a hill"}
A = {"audio_url": "$inputs.voice"}


def usd(chain: Chain, facts: Known | None = None) -> tuple[Decimal, Decimal]:
    made = price(chain, facts or known())
    return made.low_usd, made.high_usd


def test_prices_follow_what_is_foreseen() -> None:
    """A lip-sync after an extend that gives 5 to 10 s, with a voice of 4: by the second of what may come."""
    chain = chain_of(
        ("extend", f"{PIX}/extend/fast", V | P), ("lips", f"{PIX}/lipsync", {"video_url": "$extend.video"} | A)
    )
    made = price(chain, known())
    assert (made.low_usd, made.high_usd) == (Decimal("0.40") + Decimal("0.16"), Decimal("0.40") + Decimal("0.40"))
    assert str(made) == "$0.56 to $0.80"
    assert (made.dearest, made.unknown) == ("extend", ())
    takes = {"extend": {"video": clip(240)}}
    assert usd(chain, Known(known().inputs, takes=takes)) == (Decimal("0.56"), Decimal("0.80"))
    takes = {"extend": {"video": clip(96)}}
    assert usd(chain, Known(known().inputs, takes=takes)) == (Decimal("0.56"), Decimal("0.56"))


def test_unknown_is_never_zero() -> None:
    """It makes the sum "at least", and alone it is no sum at all."""
    made = price(chain_of(("ray", f"{RAY}/image-to-video", P), ("up", UP, {"video_url": "$ray.video"})), known())
    assert (made.unknown, str(made)) == (("up",), "at least $0.50")
    assert made.as_json()["high_usd"] is None
    assert str(price(chain_of(("up", UP, V)), known())) == "price unknown"


def test_cuts_are_free_and_change_the_price_of_what_follows() -> None:
    """Half the clip costs half."""
    whole = chain_of(("m", f"{RAY}/modify", V))
    half = chain_of(("cut", "cut/trim", V | {"end_s": 5}), ("m", f"{RAY}/modify", {"video_url": "$cut.video"}))
    facts = known(clip(240))
    assert usd(whole, facts) == (Decimal("0.50"), Decimal("3.50"))
    assert usd(half, facts) == (Decimal("0.50"), Decimal("1.75"))
    assert price(chain_of(("cut", "cut/mute", V)), known()).dearest is None


def test_without_a_file_what_follows_it_is_unknown() -> None:
    """And what does not depend on it is known."""
    chain = chain_of(("m", f"{RAY}/modify", V), ("z", ZOOM, P | {"image_url": "$inputs.image"}))
    made = price(chain)
    assert isinstance(made.steps["m"], Unknown)
    assert (made.low_usd, made.high_usd, made.unknown) == (Decimal("0.10"), Decimal("0.15"), ("m",))


def test_a_step_that_does_not_validate_has_no_price() -> None:
    assert isinstance(price(chain_of(("m", MAGI, {})), known()).steps["m"], Unknown)


def test_a_cap_is_held_against_the_upper_end() -> None:
    made = price(chain_of(("z", ZOOM, P | {"image_url": "$inputs.image"})), known())
    assert made.fits(Decimal("0.15"))
    assert not made.fits(Decimal("0.14"))


def test_savings_are_told_with_what_they_save() -> None:
    """Each is a single setting, lowers the whole sum, and brings no new alarm; the largest comes first."""
    row: Row = ("ray", f"{RAY}/image-to-video", P | {"resolution": "1080p"})
    chain = chain_of(row, ("m", f"{RAY}/modify", {"video_url": "$ray.video"}))
    made = savings(chain, known())
    assert [(one.step, one.field, one.value, one.saves_usd) for one in made] == [
        ("ray", "resolution", "540p", Decimal("1.50")),
        ("ray", "resolution", "720p", Decimal("1.00")),
    ]
    assert str(made[0]) == "ray: resolution 540p saves up to $1.50."
    for one in made:
        assert price(chain, known()).high_usd - price(one.chain, known()).high_usd == one.saves_usd


def test_a_saving_that_breaks_what_follows_is_none() -> None:
    """Fewer pictures would cost less, but what follows needs them all."""
    zoom = ("z", ZOOM, P | {"image_url": "$inputs.image", "num_frames": 161})
    chain = chain_of(zoom, ("s", "cut/trim", {"video_url": "$z.video", "start_frame": 100}))
    assert "num_frames" not in {one.field for one in savings(chain, known())}
    alone = savings(chain_of(zoom), known())
    assert ("num_frames", 81) in {(one.field, one.value) for one in alone}


@pytest.mark.parametrize("number", [pytest.param(n, marks=[] if n < 24 else [pytest.mark.long]) for n in range(300)])
def test_the_bill_lies_within_what_was_said(number: int) -> None:
    """The stand-in's own rates, for an output anywhere within what was foreseen."""
    case, rng = good(number), random.Random(number)
    made = price(case.chain, case.known)
    for name, seen in foresee(case.chain, case.known).items():
        said, film = made.steps[name], seen.given.files.get("video")
        if seen.made is None or seen.made.local or not isinstance(said, Estimate) or film is None:
            continue
        if film.duration_s is None or film.frames is None:
            continue
        share = rng.random()
        length_s, frames = (one.low + share * (one.high - one.low) for one in (film.duration_s, film.frames))
        bill = charge(seen.made.id, seen.input, length_s, frames=round(frames)).usd
        assert bill is not None
        assert said.low_usd - Decimal("0.0001") <= bill <= said.high_usd + Decimal("0.0001")


def test_every_priced_kind_is_among_them() -> None:
    """The good chains hold what is priced by length, by pictures and by the clip."""
    used = {step.operation for number in range(24) for step in good(number).chain.steps}
    assert {f"{PIX}/lipsync", f"{RAY}/modify", AMT, MERGE, f"{MAGI}/extend-video", ZOOM} <= used
    assert any(one.startswith(WAN) for one in used)


def test_pricing_alarms_nobody() -> None:
    """What is cheaper is checked like anything else."""
    case = good(4)
    for one in savings(case.chain, case.known):
        assert [left for left in check(one.chain, case.known) if left.alarming] == []
