"""Whether a control held in every state of a period."""

from __future__ import annotations

from collections.abc import Sequence

from erstwhile.domain.attestation.attest import attest
from erstwhile.domain.controls.reading import Controls, known_controls, read_controls
from erstwhile.domain.reports.asked import Asked, Known
from erstwhile.domain.reports.kind import MalformedOption, Option, ReportKind
from erstwhile.domain.reports.lapses import ground_of, hours_section, lapse_sections
from erstwhile.domain.reports.report import Column, Section

OWN = Option(
    name="controls", help="a file with controls, frameworks and lists of your own, as YAML", is_file=True
)  # fmt: skip


def controls_of(asked: Asked) -> Controls:
    """Those that come along, and those of the file that was given. Raises MalformedControls."""
    text = asked.options.get("controls", "")
    return known_controls().beside(read_controls(text)) if text else known_controls()


def make(asked: Asked, known: Known) -> Sequence[Section]:
    """Raises MalformedControls, MissingList, MalformedCondition, TooMuch."""
    controls = controls_of(asked)
    control = controls.find(asked.options["control"])
    if not control.conditions:
        raise MalformedOption(
            f"{control.name} cannot be attested: {control.not_computable or 'reports answer it'}"
            + (f"; reports about it: {', '.join(control.reports)}" if control.reports else "")
        )
    conditions = control.made(controls.lists)
    ground, gaps = ground_of(asked, known)
    found = attest(ground, conditions, gaps)
    rows = [(control.name, control.title, each.words()) for each in conditions]
    columns = (Column("control", "Control"), Column("title", "Title"), Column("condition", "Condition"))
    notes = (control.not_computable,) if control.not_computable else ()
    return [
        Section(name="control", title="The control", columns=columns, rows=rows, notes=notes),
        hours_section(found),
        *lapse_sections(found, known, "attestation"),
    ]


KIND = ReportKind(
    name="attestation", title="Attestation of a control",
    question="Did the control hold in every state of the period, and which events broke it?", about="window",
    make=make, needs_records=False,
    options=(Option(name="control", help="the control, such as cis-aws/2.10", is_required=True), OWN),
)  # fmt: skip
