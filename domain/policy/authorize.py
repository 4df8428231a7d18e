# mypyc: compiled
"""The one function that decides: authorize(directory, request) -> Decision."""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.decision_engine import DecisionEngine
from erstwhile.domain.policy.evaluation.explain import Near, nearest
from erstwhile.domain.policy.inputs.request import Decision, Request


def authorize(directory: Directory, request: Request) -> Decision:
    """Decides by AWS's evaluation logic. Pure: what it compiles stays with the Directory, and changes no answer.

    An explicit deny settles it whatever else is unknown; an unknown document or owner otherwise makes the
    decision conditional and is named. Raises MalformedArn and UnknownPrincipal for a principal that cannot be
    asked about.
    """
    engine = directory.listener
    return (engine if type(engine) is DecisionEngine else engine_of(directory)).evaluate(request)


def engine_of(directory: Directory) -> DecisionEngine:
    """The engine of a Directory, made when first asked."""
    engine = directory.listener
    if not isinstance(engine, DecisionEngine):
        engine = directory.listener = DecisionEngine(directory)
    return engine


def why_not(directory: Directory, request: Request) -> Near | None:
    """The statement that comes nearest to allowing it: in all parts but one. Raises MalformedArn, UnknownPrincipal."""
    engine = engine_of(directory)
    side = engine.side(request.principal)
    return nearest(request, side, engine.target(request, side.caller.account))


def is_lasting(directory: Directory, request: Request) -> bool:
    """Whether a decision that was made of this request holds until the Directory changes: it was kept, and no key of
    the clock was looked at."""
    return engine_of(directory).is_lasting(request)


def is_context_free(directory: Directory, request: Request) -> bool:
    """The same for whatever context: no condition key was looked at."""
    return engine_of(directory).is_context_free(request)
