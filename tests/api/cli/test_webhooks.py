"""Webhooks on the command line."""

from __future__ import annotations

from pathlib import Path

import orjson

from erstwhile.api.database.database import Database
from erstwhile.projections import webhook_rows
from tests.support.program import erstwhile

URL = "https://siem.example.com/in"


def test_a_webhook_lives(story: Database, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\n")
    given = ("webhook", "add", URL, "--secret-file", str(secret))
    found = erstwhile(story, *given, "--types", "iam.*,notice", "--from", "5")
    assert found.returncode == 0 and f"webhook siem.example.com: {URL} gets what comes after position 5" in found.stdout
    [told] = orjson.loads(erstwhile(story, "webhook", "list", "--json").stdout)["webhooks"]
    assert (told["position"], told["types"], told["attempts"], told["sent"]) == (5, ["iam.*", "notice"], 0, 0)
    assert told["lag"] > 10 and "0123456789" not in repr(told)
    with story.connect() as connection:
        hook = webhook_rows.take(connection, "siem.example.com", "me")
        assert hook is not None and webhook_rows.bury(connection, hook, "me", 6, 0, "it answered 500")
    assert "it answered 500" in erstwhile(story, "webhook", "dead-letters").stdout
    assert "1 message is sent again" in erstwhile(story, "webhook", "redeliver", "siem.example.com").stdout
    [letter] = orjson.loads(erstwhile(story, "webhook", "dead-letters", "--json").stdout)["dead_letters"]
    assert letter["asked_again"] and letter["position"] == 6
    assert "after position 2" in erstwhile(story, "webhook", "replay", "siem.example.com", "--from", "2").stdout
    for words, said in (
        ((*given,), "there is a webhook siem.example.com already"),
        ((*given, "--name", "b", "--from", "99999"), "beyond the log"),
        ((*given, "--name", "b", "--types", "iam.UserCreted"), "did you mean iam.UserCreated"),
        ((*given, "--name", "a b"), "is no webhook's name"),
        ((*given, "--account", "1"), "twelve digits"),
        (("webhook", "add", "siem", "--secret-file", str(secret)), "is no URL of a webhook"),
        (("webhook", "add", URL, "--secret-file", str(tmp_path / "none")), "No such file"),
        (("webhook", "remove", "x"), "there is no webhook x; there are: siem.example.com"),
        (("webhook", "redeliver", "x"), "there is no webhook x"),
        (("webhook", "redeliver", "siem.example.com", "77"), "has no dead letter 77"),
        (("webhook", "redeliver", "siem.example.com", "9" * 20), "has no dead letter 999"),
        (("webhook", "dead-letters", "x"), "there is no webhook x"),
        (("webhook", "replay", "siem.example.com", "--from", "99999"), "beyond the log"),
    ):
        failed = erstwhile(story, *words)
        assert failed.returncode in (1, 2) and said in failed.stderr, (words, failed.stderr)
    assert erstwhile(story, "webhook", "remove", "siem.example.com").returncode == 0
    assert "there is no webhook" in erstwhile(story, "webhook", "list").stdout
