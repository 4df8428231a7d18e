"""`erstwhile ledger …` and `erstwhile verify`: what was signed of the log, and whether it still is what was signed."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import msgspec
import orjson
import typer

from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.options import AsJson
from erstwhile.api.cli.progress import counting
from erstwhile.api.cli.run import fail, open_database, print_json, settings
from erstwhile.api.cli.verifying import read_anchors, verify_file
from erstwhile.api.database.database import Database
from erstwhile.api.ledger.keys import add_pair, given_signers, public_keys, read_public, read_signers
from erstwhile.api.ledger.told import decisions_json, decisions_lines, verdict_json, verdict_lines
from erstwhile.api.ledger.witness_policy import WitnessPolicy, witness_policy
from erstwhile.domain.event_log.event_log import EventLog
from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.decision_leaves import is_of_decisions
from erstwhile.domain.ledger.notes import MalformedNote, Note, VerifierKey, parse_note, parse_verifier_key
from erstwhile.domain.ledger.receipts import parse_receipt
from erstwhile.domain.ledger.signing import BadSignature, verified
from erstwhile.projections.ledger import proving
from erstwhile.projections.ledger.cosigning import witness_states
from erstwhile.projections.ledger.decision_proofs import verify_decisions
from erstwhile.projections.ledger.decision_tree import DecisionKeeper
from erstwhile.projections.ledger.keeper import LedgerBroken, LedgerKeeper, OtherLedger, latest
from erstwhile.projections.ledger.verifying import verify as verify_log

app = typer.Typer(help="The proof: what was signed of the log.", no_args_is_help=True)

Keys = Annotated[
    list[str] | None,
    typer.Option(
        "--key", metavar="FILE|KEY",
        help="A public key, or a file with some: who may have signed. Without it, those of this home.",
    ),
]  # fmt: skip
Witnesses = Annotated[
    list[str] | None,
    typer.Option("--witness", metavar="FILE|KEY", help="A witness's public key, or a file with some; again for more."),
]
Quorum = Annotated[
    int | None,
    typer.Option(min=1, help="How many of these witnesses must have cosigned a checkpoint. Default: all of them."),
]
Kept = Annotated[
    list[Path] | None,
    typer.Option("--checkpoint", metavar="FILE", help="A checkpoint that was kept elsewhere; again for more."),
]


@app.command("checkpoint")
def checkpoint() -> None:
    """Sign what came, and print the checkpoint: keep it where the operator of the database cannot change it."""
    with open_database() as database:
        catch_up(database)
        with database.connect() as connection:
            note = latest(connection)
        if note is None:
            fail("the log is empty: there is nothing to sign")
        sys.stdout.write(str(note))


@app.command("receipt")
def receipt(
    position: Annotated[int, typer.Argument(help="The event's position in the log, as `erstwhile audit` shows it.")],
) -> None:
    """Print a proof that an event is in the log, to be verified offline by `erstwhile verify FILE`."""
    with open_database() as database:
        catch_up(database)
        with database.connect() as connection:
            try:
                sys.stdout.write(str(proving.receipt(connection, position)))
            except proving.NotProven as error:
                fail(str(error))


@app.command("keys")
def keys() -> None:
    """Print the public keys of this home: give them to those who verify."""
    home = settings().home
    signing = [signer.key for signer in read_signers(home)]
    for key in [*(key for key in signing if key not in public_keys(home)), *public_keys(home)]:
        print(key)


@app.command("anchor")
def anchor() -> None:
    """Sign what came, and write the checkpoint to the anchors of ERSTWHILE_LEDGER_ANCHORS at once."""
    from erstwhile.api.ledger.anchoring import anchor_now
    from erstwhile.api.ledger.anchors import from_environment

    anchors = from_environment()
    if not anchors:
        fail("ERSTWHILE_LEDGER_ANCHORS names none", 2)
    with open_database() as database:
        catch_up(database)
        with database.connect() as connection:
            note = latest(connection)
    if note is None:
        fail("the log is empty: there is nothing to sign")
    failed = dict(anchor_now(anchors, note))
    for each in anchors:
        if each in failed:
            err.print(err.text(f"not at {each}: {failed[each]}"))
        else:
            out.print(out.text(f"the checkpoint of {parse_head(note.text).size:,} events is at {each}"))
    if failed:
        raise SystemExit(1)


@app.command("witnesses")
def witnesses(as_json: AsJson = False) -> None:
    """Show how the witnesses get on that ERSTWHILE_WITNESSES of a server names."""
    with open_database() as database, database.connect() as connection:
        found = witness_states(connection)
    if as_json:
        print_json({"witnesses": [msgspec.to_builtins(each) for each in found]})
        return
    for each in found:
        out.print(out.text(f"{each.name} ({each.url}): cosigned the events 1 to {each.cosigned:,}"))
        if each.failures:
            out.print(out.text(f"  {each.failures:,} requests in a row failed, the last one: {each.failure}"))
    if not found:
        err.print("no witness was asked yet: ERSTWHILE_WITNESSES names them to a server")


@app.command("new-key")
def new_key() -> None:
    """Add a new pair of keys, which signs beside those there are; a running server takes it at its next start."""
    home = settings().home
    added = add_pair(home)[-2:]
    for signer in added:
        print(signer.key)
    err.print(f"take the older lines out of {err.text(str(home / 'ledger.key'))} when all who verify have these")


def verify(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="A receipt, bundle or answer, verified offline; without it, the database."
        ),
    ] = None,
    key: Keys = None,
    kept: Kept = None,
    anchors: Annotated[
        bool, typer.Option("--anchors", help="Also against the checkpoints of the anchors in ERSTWHILE_LEDGER_ANCHORS.")
    ] = False,
    witness: Witnesses = None,
    quorum: Quorum = None,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="Also the decisions that were served, against the tree over them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Verify that the log is what was signed: every event is hashed anew, the tree is made anew, and its roots are held
    against the signed checkpoints. Exit status 0: verified; 1: not; 2: the question was wrong.

    With the database's own operator in doubt, give the public keys with --key, from elsewhere, and a --checkpoint that
    was kept elsewhere: without one, nobody can tell a log that was cut off, with its checkpoints, from a shorter one.
    """
    trusted, policy = trusted_keys(key), witness_policy(_given(witness or []), quorum)
    if file is not None:
        if not verify_file(file, trusted, policy, as_json):
            _verify_receipt(file, trusted, policy, as_json)
        return
    notes, of_decisions = _kept(kept or [], decisions)
    anchored = read_anchors() if anchors else []
    notes += anchored
    with open_database() as database, database.connect() as connection, counting("verifying", "events") as progress:
        verdict = verify_log(connection, trusted, notes, progress, database.dsn)
        seen = policy.of_log(connection, verdict.signed)
        served = verify_decisions(connection, trusted, of_decisions, progress) if decisions else None
    told = seen.added(verdict_json(verdict))
    is_verified = bool(told["verified"])
    if served is not None:
        told["decisions"] = decisions_json(served)
        is_verified = is_verified and told["decisions"]["verified"]
    if as_json:
        print_json(told)
    else:
        for line in verdict_lines(verdict):
            out.print(out.text(line))
        if key is None:
            whose = "of this home" if trusted else "that the database names"
            err.print(f"the keys are those {whose}: who can write there could have signed anew; see --key")
        for line in seen.lines:
            out.print(out.text(line))
        if anchors:
            out.print(f"held against {len(anchored):,} anchored checkpoints")
        for line in decisions_lines(served) if served is not None else ():
            out.print(out.text(line))
    raise SystemExit(0 if is_verified else 1)


def require_signed(database: Database) -> None:
    """Signs what came, unless all of it is signed: without a key of the log, what a server signed can be read. Where it
    cannot be signed, the command ends, and says why."""
    with database.connect() as connection:
        note = latest(connection)
        is_whole = note is not None and parse_head(note.text).size >= EventLog.within(connection).head()
    if not is_whole:
        catch_up(database)


def catch_up(database: Database, of: type[LedgerKeeper | DecisionKeeper] = LedgerKeeper) -> None:
    """Signs what came, of the log or of the decisions. Where that cannot be, the command ends, and says why."""
    signers = read_signers(settings().home)
    keeper = of(database.connect, signers[0].key.name, signers, lambda: int(time.time()))
    try:
        with counting("signing", "events" if of is LedgerKeeper else "decisions") as progress:
            keeper.catch_up(progress=progress)
    except OtherLedger as error:
        fail(str(error))
    except LedgerBroken as error:
        fail(f"{error}; `erstwhile verify` says more")
    finally:
        keeper.close()


def trusted_keys(given: list[str] | None) -> list[VerifierKey]:
    """The given keys, else those of the home, if it has some. Raises MalformedKey, MalformedSetting, OSError."""
    if given is None:
        home = settings().home
        return [signer.key for signer in given_signers()] or public_keys(home)
    return _given(given)


def _given(given: list[str]) -> list[VerifierKey]:
    found: list[VerifierKey] = []
    for each in given:
        found += [parse_verifier_key(each)] if "+" in each and not Path(each).exists() else read_public(Path(each))
    return found


def _kept(paths: list[Path], with_decisions: bool) -> tuple[list[Note], list[Note]]:
    """The checkpoints of the log, and those of the decisions."""
    of_log, of_decisions = [], []
    for path in paths:
        note = _read_note(path)
        if not is_of_decisions(parse_head(note.text).origin, [each.name for each in note.signatures]):
            of_log.append(note)
        elif with_decisions:
            of_decisions.append(note)
        else:
            fail(f"{path} is a checkpoint of decisions: --decisions holds these against it", 2)
    return of_log, of_decisions


def _read_note(path: Path) -> Note:
    try:
        note = parse_note(path.read_bytes())
        parse_head(note.text)
    except MalformedNote as error:
        fail(f"{path}: {error}", 2)
    return note


def _verify_receipt(path: Path, trusted: list[VerifierKey], policy: WitnessPolicy, as_json: bool) -> None:
    try:
        found = parse_receipt(path.read_bytes())
        head = parse_head(found.checkpoint.text)
        signers = sorted({each.name for each in verified(found.checkpoint, trusted)})
        proves = found.proves(found.extra)
    except MalformedNote as error:
        fail(f"{path}: {error}", 2)
    except BadSignature as error:
        fail(f"{path}: NOT VERIFIED: {error}")
    why = "" if signers else "none of the given keys has signed the checkpoint"
    if not proves:
        why = "the proof does not lead from the event to the checkpoint's root"
    what, place = ("decision", "leaf") if is_of_decisions(head.origin, signers) else ("event", "position")
    seen = policy.of_note(found.checkpoint)
    why = why or seen.why
    if as_json:
        told = {"verified": not why, "position": found.index + 1, f"signed_{what}s": head.size, "signers": signers}
        print_json(seen.added(told) | ({"why": why} if why else {what: orjson.loads(found.extra)}))
    elif why:
        out.print(f"NOT VERIFIED: {why}")
    else:
        by = ", ".join(signers)
        out.print(
            out.text(f"verified: {place} {found.index + 1:,} of a log that {by} has signed with {head.size:,} {what}s")
        )
        for line in seen.lines:
            out.print(out.text(line))
        print_json(orjson.loads(found.extra))
    raise SystemExit(1 if why else 0)
