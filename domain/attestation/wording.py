"""An attestation in words, and its times in hours."""

from __future__ import annotations

import math
from datetime import timedelta

from erstwhile.domain.attestation.attest import Attestation, Tally

_TIMES = {1: "once", 2: "twice"}


def hours(span: timedelta) -> float:
    """Hours with two decimals, never more than there were."""
    return math.floor(span / timedelta(hours=1) * 100) / 100


def spoken(span: timedelta) -> str:
    """`2,184`, or `0.5`."""
    text = f"{hours(span):,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def sentence(found: Attestation) -> str:
    """`held for 2,181 of 2,184 known hours, 3 hours unknown; broken twice`."""
    return sentence_of(found.tally, len(found.tally.broken))


def sentence_of(tally: Tally, breaks: int) -> str:
    if tally.verdict == "not_attestable":
        return f"not attestable: nothing is known of {spoken(tally.whole)} hours"
    unknown = tally.whole - tally.known
    words = f"held for {spoken(tally.held)} of {spoken(tally.known)} known hours"
    words += f", {spoken(unknown)} hours unknown" if unknown else ""
    return words + (f"; broken {_TIMES.get(breaks, f'{breaks} times')}" if breaks else "")
