"""What AWS's clients were answered in a run of the tests, against what AWS documents: pairs of operation and error
code, `OK` for success."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import botocore.session

from erstwhile.api.aws.documentation.unreachable_errors import NEVER, is_never
from erstwhile.api.aws.operations import OPERATIONS

Answer = tuple[str, str]
ANSWERED: set[Answer] = set()


def listen(client: Any) -> Any:
    """From now on this client's answers are in `ANSWERED`. Returns the client."""
    client.meta.events.register("after-call", _note)
    return client


def _note(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
    ANSWERED.add((model.name, parsed["Error"]["Code"] if http_response.status_code >= 300 else "OK"))


def documented() -> dict[str, list[str]]:
    """Operation → the codes of its errors, as botocore's models list them; of those that are offered."""
    found = {}
    for service in ("iam", "sts"):
        model = botocore.session.get_session().get_service_model(service)
        for name in model.operation_names:
            if name in OPERATIONS:
                shapes = model.operation_model(name).error_shapes
                found[name] = [str((each.metadata.get("error") or {}).get("code") or each.name) for each in shapes]
    return found


def reachable() -> set[Answer]:
    """The answers that must come: success of each operation, and each of its errors that can occur here."""
    pairs = {(operation, code) for operation, codes in documented().items() for code in ["OK", *codes]}
    return {pair for pair in pairs if not is_never(*pair)}


def gaps(answered: Iterable[Answer]) -> list[str]:
    """What did not come and should have, and what came though it is said never to."""
    came = set(answered)
    missing = [f"{operation}: {code} never came" for operation, code in sorted(reachable() - came)]
    wrong = [(operation, code) for operation, code in sorted(came) if code in NEVER and is_never(operation, code)]
    return missing + [f"{operation}: {code} came, and is said never to" for operation, code in wrong]
