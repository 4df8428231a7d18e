"""Results as JUnit XML, the form that build systems read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree

from erstwhile.api.policy_tests.run import Result

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(suites: Iterable[tuple[str, list[Result]]]) -> bytes:
    """(file, its results) … as one document."""
    root = ElementTree.Element("testsuites", name="erstwhile")
    for path, results in suites:
        suite = ElementTree.SubElement(
            root, "testsuite", name=_text(path), tests=str(len(results)), errors="0",
            failures=str(sum(bool(result.failure) for result in results)),
            time=f"{sum(result.seconds for result in results):.6f}",
        )  # fmt: skip
        for result in results:
            case = ElementTree.SubElement(
                suite, "testcase", classname=_text(path), name=_text(result.case.name), time=f"{result.seconds:.6f}"
            )
            if result.failure:
                failure = ElementTree.SubElement(case, "failure", message=_text(result.failure))
                failure.text = _text(result.failure)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
