"""`python -m tests.support.settings_table`: writes the tables of settings in RUNNING.md anew."""

from __future__ import annotations

from pathlib import Path

from erstwhile.api.configuration.document import documented

PAGE = Path(__file__).resolve().parents[2] / "RUNNING.md"

if __name__ == "__main__":
    PAGE.write_text(documented(PAGE.read_text()))
