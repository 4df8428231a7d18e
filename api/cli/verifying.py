"""`erstwhile verify FILE` of bundles, backups and answers, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from erstwhile.api.cli.console import out
from erstwhile.api.cli.run import fail, print_json
from erstwhile.api.ledger.witness_policy import Witnessed, WitnessPolicy
from erstwhile.domain.ledger.notes import MalformedNote, Note, VerifierKey, parse_note


def verify_file(path: Path, keys: list[VerifierKey], policy: WitnessPolicy, as_json: bool) -> bool:
    """Verifies a bundle, a backup or an answer, and ends the command; returns False for a file that is none of them.
    Raises OSError, MalformedBackup."""
    with path.open("rb") as file:
        begins = file.read(2)
    if begins == b"PK":
        from erstwhile.api.keeping.backup_file import is_backup

        if is_backup(path):
            _verify_backup(path, keys, policy, as_json)
        _verify_bundle(path, keys, policy, as_json)
    if begins[:1] in (b"{", b"\n", b" "):
        _verify_answer(path, keys, policy, as_json)
    return False


def read_anchors() -> list[Note]:
    """The checkpoints at the anchors that can be read. Where there is none, or one cannot be read, the command ends."""
    from erstwhile.api.ledger.anchors import AnchorFailed, from_environment, read

    anchors = from_environment()
    if not anchors:
        fail("ERSTWHILE_LEDGER_ANCHORS names none", 2)
    found: list[Note] = []
    for anchor in anchors:
        try:
            found += read(anchor)
        except (AnchorFailed, MalformedNote) as error:
            fail(f"{anchor}: {error}", 2)
    return found


def _verify_bundle(path: Path, keys: list[VerifierKey], policy: WitnessPolicy, as_json: bool) -> None:
    from erstwhile.api.ledger.bundle_check import MalformedBundle, verify_bundle
    from erstwhile.api.ledger.told import bundle_json, bundle_lines

    try:
        verdict = verify_bundle(path, keys)
    except (MalformedBundle, MalformedNote) as error:
        fail(f"{path}: {error}", 2)
    _tell(bundle_json(verdict), bundle_lines(verdict), policy.of_note(verdict.note), as_json)


def _verify_backup(path: Path, keys: list[VerifierKey], policy: WitnessPolicy, as_json: bool) -> None:
    """All rows against the manifest's hashes, and the events against the checkpoints."""
    from erstwhile.api.cli.progress import counting
    from erstwhile.api.keeping.backup_file import opened
    from erstwhile.api.keeping.backup_log import BackupLog, whole
    from erstwhile.api.ledger.told import verdict_json, verdict_lines
    from erstwhile.projections.ledger.verifying import verify_source

    with opened(path) as backup, BackupLog(backup) as log, counting("verifying", "events") as progress:
        verdict = verify_source(log, keys or log.public_keys(), progress=progress)
        if verdict.tampering is None:
            whole(backup)
        signed = [parse_note(note.encode()) for size, note in log.notes() if size <= verdict.signed]
    found = [policy.of_note(note) for note in reversed(signed)]
    seen = next((each for each in found if not each.why), found[0] if found else Witnessed())
    _tell(verdict_json(verdict), verdict_lines(verdict), seen, as_json)


def _verify_answer(path: Path, keys: list[VerifierKey], policy: WitnessPolicy, as_json: bool) -> None:
    from erstwhile.api.ledger.answer_check import verify_answer
    from erstwhile.api.ledger.told import answer_verdict_json, answer_verdict_lines
    from erstwhile.domain.ledger.answer_file import LARGEST, MalformedAnswer, parse_answer

    try:
        with path.open("rb") as file:
            found = parse_answer(file.read(LARGEST + 1))
        verdict = verify_answer(found, keys)
    except (MalformedAnswer, MalformedNote) as error:
        fail(f"{path}: {error}", 2)
    seen = policy.of_note(found.note())
    _tell(answer_verdict_json(found, verdict), answer_verdict_lines(found, verdict), seen, as_json)


def _tell(told: dict[str, Any], lines: list[str], seen: Witnessed, as_json: bool) -> None:
    told, lines = seen.added(told), [*lines, *seen.lines]
    if as_json:
        print_json(told)
    else:
        for line in lines:
            out.print(out.text(line))
    raise SystemExit(0 if told["verified"] else 1)
