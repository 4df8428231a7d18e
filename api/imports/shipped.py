"""The AWS-managed policies that people attach first come with the program; the whole catalogue, where it is installed.

They are known from the first import on, so that no answer changes when a server starts.
"""

from __future__ import annotations

from pathlib import Path

from erstwhile.api.imports import installed_catalogue
from erstwhile.api.imports.documents import DocumentImporter
from erstwhile.projections.sql import Connection

CORE_POLICIES = Path(__file__).with_name("core-policies.json")


def import_shipped(connection: Connection) -> None:
    """Imports them, if that was not done before. Raises ImportRefused."""
    importer = DocumentImporter(connection)
    importer.managed_policies(CORE_POLICIES)
    if installed_catalogue.find() is not None:
        importer.installed_policies()
