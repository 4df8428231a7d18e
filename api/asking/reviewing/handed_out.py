"""Lines of a review as CSV, for reviewers who work in a spreadsheet, and their decisions back from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from erstwhile.api.asking.reviewing.reviews import Found, line_meant
from erstwhile.api.problems import bad_request
from erstwhile.api.support.spreadsheets import csv_text, read_csv
from erstwhile.domain.commands.reviews import DecidedLine, DecideLines
from erstwhile.domain.events.reviews import FrozenLine
from erstwhile.domain.reviews.review import DECISIONS, Review
from erstwhile.domain.reviews.rights import Acting
from erstwhile.domain.vocabulary.identifiers import OWN
from erstwhile.domain.vocabulary.instants import format_instant

COLUMNS = (
    "review", "line", "account", "principal", "path", "via", "policy", "access", "since", "granted_by", "use",
    "used_at", "use_note", "reviewers", "decision", "comment", "decided_by", "decided_at", "population",
)  # fmt: skip
REQUIRED = ("line", "decision", "comment", "population")
_SHOWN = 10


def handed_out(review: Review, lines: Sequence[FrozenLine]) -> str:
    """The lines as CSV. `population` is the hash of the review's population: a file of another is not taken back."""
    return csv_text(COLUMNS, (_row(review, each) for each in lines))


def _row(review: Review, line: FrozenLine) -> Sequence[str]:
    made = review.decision(line.number)
    return (
        review.name, str(line.number), line.account, line.principal, line.path, line.via, line.policy, line.how,
        "" if line.since == "-infinity" else line.since, line.by, line.use, line.used_at, line.use_note,
        "; ".join(review.reviewers(line)), made.decision if made is not None else "",
        made.comment if made is not None else "", made.reviewer if made is not None else "",
        format_instant(made.at) if made is not None else "", review.opened.sha256,
    )  # fmt: skip


def taken_back(found: Found, data: bytes, acting: Acting) -> DecideLines:
    """The command with the decisions of a file that was handed out: of its rows those that say one. What is so already
    is decided once. Raises MalformedTable for another form, Problem for a file of another population, a line that was
    another principal's, or a word that is no decision."""
    review, lines = found.review, {each.number: each for each in found.lines}
    decided: dict[int, DecidedLine] = {}
    wrong: list[str] = []
    for number, row in read_csv(data, REQUIRED):
        try:
            line = _line(review, lines, row)
            if row["decision"]:
                decided[line.number] = _decided(line, row, decided)
        except _Wrong as error:
            wrong.append(f"line {number} of the file: {error}")
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise bad_request("malformed_decisions", f"nothing is decided: {'; '.join(wrong[:_SHOWN])}{more}")
    if not decided:
        raise bad_request("no_decisions", "the file has no decision: its column decision is empty")
    return DecideLines(account=OWN, name=review.name, acting=acting, decisions=list(decided.values()))


class _Wrong(Exception):
    """What is wrong with a row, in words."""


def _line(review: Review, lines: Mapping[int, FrozenLine], row: Mapping[str, str]) -> FrozenLine:
    if row["population"] != review.opened.sha256:
        raise _Wrong(
            f"it is of another population ({row['population'][:12] or 'none'}…) than review {review.name} "
            f"({review.opened.sha256[:12]}…)"
        )
    line = lines.get(int(row["line"])) if row["line"].isascii() and row["line"].isdigit() else None
    if line is None:
        raise _Wrong(f"{row['line'][:40]!r} is no line of review {review.name}: it has 1 to {len(lines):,}")
    for column, there in (("principal", line.principal), ("policy", line.policy), ("path", line.path)):
        if column in row and row[column] != there:
            raise _Wrong(f"line {line.number} is about {there}, not {row[column][:200]}: were columns sorted apart?")
    return line


def _decided(line: FrozenLine, row: Mapping[str, str], already: Mapping[int, DecidedLine]) -> DecidedLine:
    word = row["decision"].lower()
    decision = next((each for each in DECISIONS if each == word), None)
    if decision is None:
        raise _Wrong(f"{row['decision'][:40]!r} is no decision: {', '.join(DECISIONS)} are")
    made = DecidedLine(line=line_meant(line), decision=decision, comment=row["comment"])  # type: ignore[arg-type]
    if already.get(line.number, made) != made:
        raise _Wrong(f"line {line.number} is decided twice, and differently")
    return made
