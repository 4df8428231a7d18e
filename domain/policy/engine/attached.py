# mypyc: compiled
"""The tie between a Directory and its engine: the Directory holds the engine, and reports to it what changes.

An engine is no part of a Directory's value: with or without one, it answers alike. A Directory that is made for one
question, as that of a past moment, gets its engine with the question.
"""

from __future__ import annotations

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.policy.engine.decision_engine import DecisionEngine


def attach_engine(directory: Directory) -> DecisionEngine:
    """Gives a Directory an engine in which nothing is kept yet."""
    engine = DecisionEngine(directory)
    directory.engine = engine
    return engine


def engine_of(directory: Directory) -> DecisionEngine:
    """The engine of a Directory; attaches one where there is none."""
    engine = directory.engine
    return engine if isinstance(engine, DecisionEngine) else attach_engine(directory)


def detach_engine(directory: Directory) -> None:
    """Takes the engine of a Directory away, with all that it kept. The two hold each other, and what the engine kept
    holds it: without this, they stay until the collector of cycles comes by."""
    engine = directory.engine
    directory.engine = None
    if isinstance(engine, DecisionEngine):
        engine.policies.forget_all()
