"""All controls of a framework over a period: attested, answered by reports, or not computable, with why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from erstwhile.domain.attestation.attest import attest
from erstwhile.domain.attestation.wording import hours, sentence
from erstwhile.domain.controls.control import Control
from erstwhile.domain.controls.reading import Controls
from erstwhile.domain.policy.language.patterns.pattern_parts import TooMuch
from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.attestation import OWN, controls_of
from erstwhile.domain.reports.kind import Option, ReportKind
from erstwhile.domain.reports.lapses import ground_of
from erstwhile.domain.reports.report import Column, Row, Section

COLUMNS = (
    Column("control", "Control"), Column("title", "Title"), Column("computable", "Computable"),
    Column("verdict", "Verdict"), Column("summary", "Summary"), Column("hours_held", "Hours held", "number"),
    Column("hours_known", "Hours known", "number"), Column("breaks", "Breaks", "number"),
    Column("conditions", "Conditions", "list"), Column("reports", "Reports", "list"),
    Column("not_computable", "Not computable"),
)  # fmt: skip


def make(asked: Asked, known: Known) -> Sequence[Section]:
    """Raises MalformedControls, MalformedCondition."""
    controls = controls_of(asked)
    name = asked.options.get("framework", "")
    frameworks = (controls.framework(name),) if name else controls.frameworks
    return [
        Section(
            name=each.id, title=" ".join(part for part in (each.title, each.version) if part), columns=COLUMNS,
            rows=_rows(each.controls, controls, asked, known), empty="the framework has no controls",
        )
        for each in frameworks
    ]  # fmt: skip


def _rows(those: Sequence[Control], controls: Controls, asked: Asked, known: Known) -> Iterator[Row]:
    for each in those:
        computable = each.computable(controls.lists)
        if computable not in ("yes", "in part"):
            needs = each.needs(controls.lists)
            why = f"needs the lists {', '.join(needs)}" if needs else each.not_computable
            names = tuple(one.name for one in each.conditions)
            yield each.name, each.title, computable, "", "", None, None, None, names, each.reports, why
            continue
        conditions = each.made(controls.lists)
        words = tuple(one.words() for one in conditions)
        ground, gaps = ground_of(asked, known)
        try:
            found = attest(ground, conditions, gaps)
        except TooMuch as error:
            yield each.name, each.title, computable, "", str(error), None, None, None, words, each.reports, ""
            continue
        yield (
            each.name, each.title, computable, found.verdict.replace("_", " "), sentence(found),
            hours(found.tally.held), hours(found.tally.known), len(found.tally.broken), words, each.reports,
            each.not_computable,
        )  # fmt: skip


KIND = ReportKind(
    name="controls", title="Controls", question="Which controls held in the period, and what answers the others?",
    about="window", make=make, needs_records=False,
    options=(Option(name="framework", help="one framework: soc2, iso27001, pci-dss, cis-aws, nist-800-53"), OWN),
)  # fmt: skip
