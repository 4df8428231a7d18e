"""The question whether a control held in every state of a period, and the list of all controls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from erstwhile.api.asking.attesting.told import attestation_pieces, control_json
from erstwhile.api.asking.over_time.ground import Ground as Asked
from erstwhile.api.asking.over_time.ground import Grounded, WindowWords, head_of
from erstwhile.api.asking.over_time.pieces import Pieces
from erstwhile.api.asking.over_time.stopping import Stop
from erstwhile.api.asking.questions import require_account
from erstwhile.api.problems import bad_request
from erstwhile.domain.attestation.attest import attest
from erstwhile.domain.attestation.condition import Ground
from erstwhile.domain.controls.control import Control
from erstwhile.domain.controls.reading import Controls, known_controls, read_controls
from erstwhile.domain.history.windows import Window
from erstwhile.domain.reports.catalogue import REPORTS
from erstwhile.projections.credential_uses import CredentialUses


def controls_of(own: str | None, what: str = "the file") -> Controls:
    """The controls that come along, and a user's own, where these are given as YAML. Raises MalformedControls."""
    return known_controls() if own is None else known_controls().beside(read_controls(own, what, REPORTS))


class Attesting(Grounded):
    """Any thread may ask."""

    def controls(self, framework: str | None = None, own: str | None = None, what: str = "the file") -> dict[str, Any]:
        """All controls, or those of one framework. Raises MalformedControls."""
        known = controls_of(own, what)
        frameworks = known.frameworks if framework is None else (known.framework(framework),)
        return {
            "frameworks": [
                {
                    "id": each.id, "title": each.title, "version": each.version, "source": each.source,
                    "controls": [control_json(one, known.lists) for one in each.controls],
                }
                for each in frameworks
            ]
        }  # fmt: skip

    @contextmanager
    def attest(
        self,
        name: str,
        words: WindowWords,
        stop: Stop,
        *,
        accounts: Sequence[str] = (),
        own: str | None = None,
        what: str = "the file",
        progress: Callable[[int, int], None] = lambda done, in_all: None,
    ) -> Iterator[Pieces]:
        """Whether a control held in every state of a window: its head at once, its breaks after it. `progress` is told
        of conditions that take long. Raises Problem, MalformedInput, TooMuch."""
        known = controls_of(own, what)
        control = known.find(name)
        if not control.conditions:
            raise bad_request("not_computable", not_computable(control))
        conditions = control.made(known.lists)
        with self.ground(words, stop) as asked:
            ground, gaps = self.attested(asked, accounts)
            found = attest(msgspec.structs.replace(ground, progress=progress), conditions, gaps)
            told = control_json(control, known.lists)
            yield attestation_pieces(head_of(asked, {"control": told}), found, asked)

    def attested(self, asked: Asked, accounts: Sequence[str]) -> tuple[Ground, dict[str, list[Window]]]:
        """What conditions are asked about, and the times without records of each account. Raises Problem."""
        directory = asked.last_directory()
        for each in accounts:
            require_account(directory, each)
        wanted = list(accounts) or directory.accounts()
        if not wanted:
            raise bad_request("nothing_known", "no account is known: import records, or make an account")
        gaps = {each: self.times_without_records(asked, directory, each) for each in wanted}
        ground = Ground(
            history=asked.history, begin=asked.window.begin, end=asked.window.end, accounts=frozenset(wanted),
            uses=CredentialUses(asked.connection, asked.window.known_at),
        )  # fmt: skip
        return ground, gaps


def not_computable(control: Control) -> str:
    """Why a control cannot be attested, and what there is instead."""
    words = f"{control.name} cannot be attested"
    if control.not_computable:
        words += f": {control.not_computable.rstrip('.')}"
    return words + (f"; reports about it: {', '.join(control.reports)}" if control.reports else "")
