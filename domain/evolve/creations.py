"""What a listing tells of a creation that no record tells of."""

from __future__ import annotations

from erstwhile.domain.directory import attributes
from erstwhile.domain.directory.facts import Value
from erstwhile.domain.events.base import Body, Rank
from erstwhile.domain.events.concerns import no_references, of_subject
from erstwhile.domain.evolve.handlers import evolves
from erstwhile.domain.evolve.recorder import Recorder
from erstwhile.domain.vocabulary.identifiers import Ref


class CreationTold(Body, frozen=True, kw_only=True):
    """No event of the log: the fold reads it from a listing, at the instant of creation that this tells. As it is of
    that listing, everything that it begins is, too."""

    rank = Rank.CREATE
    slot = of_subject
    references = no_references
    targets = ()

    subject: Ref
    arn: str
    path: str
    created_at: str


@evolves(CreationTold)
def creation_told(recorder: Recorder, body: CreationTold) -> None:
    """It begins unseen. What it had from then on is not known."""
    value: Value = {
        "name": body.subject.name, "arn": recorder.own(body.arn), "path": body.path, "created_at": body.created_at,
        "unseen": True,
    }  # fmt: skip
    entity = recorder.begin(body.subject, value)
    recorder.put(entity, attributes.COVERAGE, "", {})
