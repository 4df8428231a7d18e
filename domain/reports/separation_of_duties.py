"""Who could do two things that nobody should do both, at any time of a period."""

from __future__ import annotations

from collections.abc import Sequence

from erstwhile.domain.attestation.attest import Attestation, attest
from erstwhile.domain.controls.rules import Rule, read_rules
from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.kind import Option, ReportKind
from erstwhile.domain.reports.lapses import HOURS, LAPSES, ground_of, hours_row, lapse_rows
from erstwhile.domain.reports.report import Column, Section


def make(asked: Asked, known: Known) -> Sequence[Section]:
    """Raises MalformedControls, TooMuch."""
    ground, gaps = ground_of(asked, known)
    found = [(rule, attest(ground, [rule.condition], gaps)) for rule in read_rules(asked.options["rules"])]
    rows = [(rule.name, rule.condition.words(), *hours_row("all", each)[1:]) for rule, each in found]
    sections = [
        Section(
            name="rules", title="Rules", columns=(Column("rule", "Rule"), Column("demands", "Demands"), *HOURS[1:]),
            rows=rows, notes=tuple(f"{rule.name}: {doubt}" for rule, each in found for doubt in each.doubts),
        )
    ]  # fmt: skip
    return [*sections, *(_section(rule, each, known) for rule, each in found)]


def _section(rule: Rule, found: Attestation, known: Known) -> Section:
    return Section(
        name=rule.name, title=rule.title, columns=(*LAPSES, Column("sure", "Sure", "boolean")),
        rows=(
            (*row, each.standing == "broken" or None)
            for row, each in zip(lapse_rows(found.lapses, known, "separation-of-duties"), found.lapses, strict=True)
        ),
        empty="nobody could do both in what is known",
    )  # fmt: skip


KIND = ReportKind(
    name="separation-of-duties", title="Separation of duties",
    question="Who could do two things that nobody should do both, and since which event?", about="window", make=make,
    needs_records=False, controls=("NIST AC-5", "SOC 2 CC6.3", "ISO 27001 A.5.3"),
    options=(Option(name="rules", help="a file with rules, as YAML", is_file=True, is_required=True),),
)  # fmt: skip
