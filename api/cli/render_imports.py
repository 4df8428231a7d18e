"""What an import did, for people and as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from erstwhile.api.cli import render_findings
from erstwhile.api.cli.console import err, out
from erstwhile.api.cli.counted import counted
from erstwhile.api.cli.layout import show
from erstwhile.api.cli.listing import Column, Form, Listing
from erstwhile.api.cli.render import labelled
from erstwhile.api.cli.run import print_json
from erstwhile.api.imports.digest_check import DigestCheck
from erstwhile.api.imports.summary import Summary

_COUNTS = (
    Column("records", lambda row: row[0]), Column("were", lambda row: row[1]), Column("which", lambda row: row[2])
)  # fmt: skip


def report(
    summary: Summary,
    as_json: bool,
    as_csv: bool,
    found: dict[str, Any] | None = None,
    check: DigestCheck | None = None,
) -> None:
    """Prints the summary; with `found`, the findings about what the import brought; with `check`, what CloudTrail's
    digests say of the files."""
    if as_json:
        told = {name: _plain(getattr(summary, name)) for name in summary.__struct_fields__}
        told |= {} if found is None else {"to_look_at": found["findings"]}
        print_json(told if check is None else told | {"digests": _told(check)})
        return
    rows = [
        (f"{summary.changes:,}", "changes of access", _top(summary.change_operations)),
        (f"{summary.failed:,}", "failed changes", _top(summary.failed_operations)),
        (f"{summary.activity:,}", "activity", ""),
        (f"{summary.not_translated:,}", "not translated", "" if summary.drift else _top(summary.reasons)),
        (f"{summary.duplicates:,}", "known already", ""),
    ]
    if summary.sign_ins:
        rows.append((f"{summary.sign_ins:,}", "sign-ins", ""))
    if summary.findings:
        rows.append((f"{summary.findings:,}", "claims about other accounts, set aside", _top(summary.claims)))
    rows += [(f"{count:,}", "passed over", kind) for kind, count in sorted(summary.passed_over.items())]
    if summary.odd_records:
        rows.append((f"{summary.odd_records:,}", "could not be read", "named below"))
    if summary.drift:
        rows.append((f"{summary.drift:,}", "drift: nobody logged it", _top(summary.reasons)))
    beside = err if as_csv else out
    beside.print(f"{counted(summary.files, 'file')}, {counted(summary.records, 'record')}")
    show(out, Listing(_COUNTS, rows), Form(as_csv))
    if summary.files_known:
        were = counted(summary.files_known, "file was", "files were")
        beside.print(f"{were} imported before: nothing to do for {'it' if summary.files_known == 1 else 'them'}")
    for text in summary.odd:
        labelled(err, "bold red", "could not be read", text)
    for text in summary.refused:
        labelled(err, "bold red", "refused", text)
    if check is not None:
        counts = ", ".join(f"{count:,} {state}" for state, count in sorted(check.counts.items()))
        beside.print(f"{len(check.delivery.states):,} digests; log files: {counts or 'none'}")
        for each in check.findings:
            labelled(err, "bold red", each.kind, f"{each.object}: {each.explanation}")
    if found is not None:
        render_findings.findings(out, found)


def _told(check: DigestCheck) -> dict[str, Any]:
    return {
        "digests": len(check.delivery.states),
        "log_files": {str(state): count for state, count in check.counts.items()},
        "findings": msgspec.to_builtins(check.findings),
    }


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value


def _top(counts: Any) -> str:
    return ", ".join(f"{name} ×{count}" if count > 1 else str(name) for name, count in counts.most_common())
