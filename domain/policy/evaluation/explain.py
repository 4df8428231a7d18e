"""Why not: the statement that would have allowed it but for one part."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Literal

import msgspec

from erstwhile.domain.policy.evaluation.evaluation import Evaluation
from erstwhile.domain.policy.evaluation.layers import Layer, how_named
from erstwhile.domain.policy.evaluation.request_sides import CallerSide, ResourceSide
from erstwhile.domain.policy.inputs.request import Request
from erstwhile.domain.policy.language.part import service_of
from erstwhile.domain.policy.language.statement import CompiledStatement


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """An Allow statement that fits in all parts but one. `wanted` is what the statement says there, `given` what
    the request has (nothing: the key is absent)."""

    layer: str
    policy: str
    statement: int
    sid: str = ""
    part: Literal["action", "resource", "condition", "principal"]
    operator: str = ""
    key: str = ""
    wanted: tuple[str, ...]
    given: tuple[str, ...] = ()

    def words(self) -> str:
        """For people."""
        where = f"{self.policy} statement {self.statement}" + (f" ({self.sid})" if self.sid else "")
        wanted = " or ".join(self.wanted) or "nothing"
        if self.part == "condition":
            given = ", ".join(self.given) if self.given else "absent"
            return f"{where} would allow it if {self.key} were {self.operator} {wanted}; it is {given}"
        return f"{where} would allow it for the {self.part} {wanted}"


_NEAREST = {"condition": 0, "resource": 1, "principal": 2, "action": 3}


def nearest(request: Request, side: CallerSide, target: ResourceSide) -> Near | None:
    """Of the statements that allow in all parts but one, the one that comes nearest; None when there is none."""
    evaluation = Evaluation(request, side.caller, target.keys)
    found: list[Near] = []
    for layer in (side.identity, target.policy, side.boundary):
        if layer is not None:
            found += _misses(layer, evaluation)
    return min(found, key=lambda near: _NEAREST[near.part], default=None)


def _misses(layer: Layer, evaluation: Evaluation) -> list[Near]:
    found = []
    action = evaluation.request.action.lower()
    service = service_of(action)
    for source, compiled in layer.statements():
        if not compiled.allows:
            continue
        failed = list(islice(_failed_parts(compiled, layer.name, evaluation, action, service), 2))
        if len(failed) == 1:
            part, operator, key, wanted, given = failed[0]
            found.append(
                Near(
                    layer=layer.name, policy=source.policy, statement=compiled.statement.index,
                    sid=compiled.statement.sid, part=part, operator=operator, key=key, wanted=wanted, given=given,
                )
            )  # fmt: skip
    return found


_Part = tuple[Literal["action", "resource", "condition", "principal"], str, str, tuple[str, ...], tuple[str, ...]]


def _failed_parts(
    compiled: CompiledStatement, layer: str, evaluation: Evaluation, action: str, service: tuple[str, ...]
) -> Iterator[_Part]:
    """The parts that do not fit, each as it is found; none of a statement about another service, which is not near.
    `action` in lower case; `service`: how the actions of its service begin."""
    statement = compiled.statement
    if not compiled.speaks_of(action):
        about = statement.actions or ()
        if not any(each.lower().startswith(service) for each in about):
            return
        yield "action", "", "", about, ()
    if compiled.fits(evaluation.resource, evaluation.context) is not True:
        wanted = statement.resources if statement.resources is not None else statement.not_resources or ()
        yield "resource", "", "", wanted, ()
    if layer == "resource" and not how_named(statement, evaluation.caller, None, evaluation.has_boundary):
        names = tuple(name for _, name in statement.principals or ())
        yield "principal", "", "", names, ()
    for condition in compiled.conditions:
        if condition.holds(evaluation.context) is not True:
            given = evaluation.context.get(condition.key) or ()
            entry = condition.entry
            yield "condition", entry.operator, entry.key, entry.values, given
