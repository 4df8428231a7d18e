# mypyc: compiled
"""The one function that decides: authorize(directory, request) -> Decision."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.attached import attach_engine, engine_of
from erstwhile.domain.policy.engine.decision_engine import DecisionEngine
from erstwhile.domain.policy.evaluation.explain import Near, nearest
from erstwhile.domain.policy.inputs.request import Decision, Request


def authorize(directory: Directory, request: Request) -> Decision:
    """Decides by AWS's evaluation logic. What it keeps stays with the engine of the Directory, and changes no answer.

    An explicit deny settles it whatever else is unknown; an unknown document or owner otherwise makes the
    decision conditional and is named. Raises MalformedArn and UnknownPrincipal for a principal that cannot be
    asked about.
    """
    engine = directory.engine
    if type(engine) is DecisionEngine:
        return engine.evaluate(request)
    return attach_engine(directory).evaluate(request)


def why_not(directory: Directory, request: Request) -> Near | None:
    """The statement that comes nearest to allowing it: in all parts but one. Raises MalformedArn, UnknownPrincipal."""
    engine = engine_of(directory)
    side = engine.side(request.principal)
    return nearest(request, side, engine.target(request, side.caller.account))


def is_lasting(directory: Directory, request: Request) -> bool:
    """Whether the decision about a request that was just asked holds until the Directory changes: it is kept, and
    looks at no key of the clock."""
    return engine_of(directory).is_lasting(request)


def is_context_free(directory: Directory, request: Request) -> bool:
    """Whether the decision about a request that was just asked holds in every context: it looks at no condition key."""
    return engine_of(directory).is_context_free(request)
