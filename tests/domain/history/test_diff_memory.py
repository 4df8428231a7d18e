"""A difference between two instants leaves nothing that waits for the collector of cycles."""

from __future__ import annotations

import gc

from erstwhile.domain.directory.directory import Directory
from erstwhile.domain.history.comparing.instants import Instants
from erstwhile.domain.history.comparing.standing import content_of
from erstwhile.domain.history.diff import diff
from erstwhile.domain.policy.engine.cached_policies import CachedPolicies
from erstwhile.domain.policy.language.statement import kept_documents as documents
from tests.support.comparing import crowd
from tests.support.random_history import instant


def test_what_was_made_of_the_two_instants_goes_with_the_answer() -> None:
    history = crowd(7)
    gc.collect()
    before = _living()
    gc.disable()
    try:
        found = diff(history, instant(2), instant(9))
        after = _living()
    finally:
        gc.enable()
    assert found.differences
    assert after == before


def test_what_is_kept_of_statements_and_documents_is_forgotten() -> None:
    diff(crowd(7), instant(2), instant(9))
    assert content_of.cache_info().currsize == 0
    assert not documents.entries


def _living() -> int:
    return sum(isinstance(each, (Directory, CachedPolicies, Instants)) for each in gc.get_objects())
