"""Controls over HTTP: the list, an attestation, and one of a user's own."""

from __future__ import annotations

from tests.support.http import Client

DAY = "from=2026-03-03T08:00:00Z&to=2026-03-04T00:00:00Z"
OWN = """
frameworks:
  - id: acme
    title: Acme's own
    controls:
      - id: ADM-1
        title: Nobody else is an administrator
        conditions:
          - administrators-within: {within: [user/ada]}
"""


async def test_an_attestation_is_the_same_however_it_is_asked_for(client: Client) -> None:
    status, listed = await client.get("/v1/controls?framework=cis-aws")
    assert status == 200 and listed["frameworks"][0]["controls"][0]["name"] == "cis-aws/2.1.1"
    status, found = await client.get(f"/v1/attest?control=cis-aws/2.13&{DAY}")
    assert status == 200 and found["verdict"] == "broken" and found["breaks"]
    assert (await client.get(f"/v1/attest?control=2.13&{DAY}&known_at={found['known_at']}"))[1] == found
    status, own = await client.post(
        "/v1/attest",
        {"control": "ADM-1", "controls": OWN, "from": "2026-03-03T08:00:00Z", "to": "2026-03-04T00:00:00Z"},
    )
    assert status == 200 and own["summary"] == "held for 1.98 of 3.39 known hours, 12.6 hours unknown; broken once"


async def test_bad_questions_are_problems(client: Client) -> None:
    for path, status, words in (
        (f"/v1/attest?control=2.2&{DAY}", 400, "not_computable"),
        (f"/v1/attest?control=nothing&{DAY}", 400, "malformed_controls"),
        (f"/v1/attest?control=AC-6(5)&{DAY}", 400, "missing_list"),
        ("/v1/controls?framework=nothing", 400, "malformed_controls"),
    ):
        got, problem = await client.get(path)
        assert got == status and words in str(problem), (path, problem)
    got, problem = await client.post("/v1/attest", {"control": "ADM-1", "controls": "frameworks: ["})
    assert got == 400 and "line 1 of controls is no YAML" in str(problem)
    for controls in ("[" * 200_000, "a: &a [*a]", "frameworks: 2026-99-99"):
        got, problem = await client.post("/v1/attest", {"control": "ADM-1", "controls": controls})
        assert (got, problem["type"]) == (400, "urn:erstwhile:problem:malformed_controls"), problem
