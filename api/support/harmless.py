"""Cells of tables that a spreadsheet opens."""

from __future__ import annotations

from erstwhile.api.support.visible import visible

_FORMULA = tuple("=+-@＝＋－＠")


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (CWE-1236; OWASP, CSV injection): a quote before what begins like
    one. Control characters, a tab and a carriage return among them, are shown as escapes."""
    shown = visible(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
