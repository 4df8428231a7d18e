"""Controls and attestations as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from erstwhile.api.asking.over_time.ground import Ground
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.spans import instant, windows
from erstwhile.domain.attestation.attest import Attestation, Break, Tally
from erstwhile.domain.attestation.condition import Lapse
from erstwhile.domain.attestation.wording import hours, sentence, sentence_of
from erstwhile.domain.controls.control import Control


def control_json(control: Control, lists: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What a control demands, and by what it is answered."""
    computable = control.computable(lists)
    needs = control.needs(lists)
    return {
        "name": control.name, "framework": control.framework, "id": control.id, "title": control.title,
        "computable": computable, "needs_lists": needs, "not_computable": control.not_computable,
        "conditions": [each.words() for each in control.made(lists)] if not needs else
        [each.name for each in control.conditions],
        "reports": list(control.reports),
    }  # fmt: skip


def attestation_pieces(head: dict[str, Any], found: Attestation, ground: Ground) -> Pieces:
    """The hours in the head, then each break, or part of the period of which it is not known."""
    told = head | {
        "verdict": found.verdict, "summary": sentence(found), **tally_json(found.tally),
        "accounts": [
            {
                "account": each.account, "verdict": each.tally.verdict,
                "summary": sentence_of(each.tally, len(each.tally.broken)), **tally_json(each.tally),
                "without_records": windows(each.gaps),
            }
            for each in found.accounts
        ],
    }  # fmt: skip
    return Pieces(
        told, "breaks", breaks_json(found.breaks, ground),
        lambda: {
            "unknown": [
                lapse_json(each, ground) for each in found.lapses if each.standing == "unknown"
            ],
            "notes": [*ground.window.notes, *found.doubts],
        },
    )  # fmt: skip


def tally_json(tally: Tally) -> dict[str, Any]:
    """The hours of a tally, and the times that are not known."""
    broken = tally.known - tally.held
    return {
        "hours": {
            "whole": hours(tally.whole), "known": hours(tally.known), "held": hours(tally.held),
            "broken": hours(broken), "unknown": hours(tally.whole - tally.known),
        },
        "seconds_broken": broken.total_seconds(),
        "not_known": windows(tally.unknown),
    }  # fmt: skip


def breaks_json(breaks: Sequence[Break], ground: Ground) -> Iterator[dict[str, Any]]:
    """Each break, with what broke the conditions in it, and by which events."""
    for each in breaks:
        yield {
            "from": instant(each.begin), "to": instant(each.end), "hours": hours(each.end - each.begin),
            "lapses": [lapse_json(lapse, ground) for lapse in each.lapses],
        }  # fmt: skip


def lapse_json(lapse: Lapse, ground: Ground) -> dict[str, Any]:
    return {
        "account": lapse.account, "subject": lapse.subject, "why": lapse.why,
        "from": instant(lapse.begin), "to": instant(lapse.end),
        "begun_by": ground.telling.changes(lapse.begun_by), "ended_by": ground.telling.changes(lapse.ended_by),
    }  # fmt: skip
