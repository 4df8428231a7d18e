"""Reads what an identity provider's token says about a session. A value beyond AWS's limits makes the token invalid.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html,
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from erstwhile.api.aws.access.call import Call
from erstwhile.api.aws.federation.saml import Assertion
from erstwhile.api.aws.wire.errors import AwsError
from erstwhile.domain.vocabulary.numbers import parse_number

AUDIENCE = re.compile(
    r"urn:amazon:webservices(:govcloud|:cn-[a-z0-9-]+)?"
    r"|https://([a-z0-9-]+\.)?signin\.(aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)/saml(/acs/[\w-]+)?",
    re.ASCII,
)
"""Audience and recipient of assertions for AWS."""
MAX_SUBJECT = 256
MAX_TAGS = 50
_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_TAG = re.compile(r"[\w\s.:/=+\-@]*")
_LEAST = 900
"""Minimum duration of a session, in seconds."""
_TAGS = "https://aws.amazon.com/tags"


def _refuse(why: str) -> AwsError:
    return AwsError("InvalidIdentityToken", why)


def require_for_us(token: Assertion, base_url: str) -> None:
    """Checks that audience and recipient are AWS's sign-in or this server's URL. Raises AwsError."""
    if not any(_is_ours(each, base_url) for each in token.audiences):
        raise _refuse(
            "The SAML assertion is not valid: its AudienceRestriction must name urn:amazon:webservices, AWS's sign-in, "
            "or this server"
        )
    if not _is_ours(token.recipient, base_url) or token.recipient.startswith("urn:"):
        raise _refuse(
            "The SAML assertion is not valid: its Recipient must be https://signin.aws.amazon.com/saml, another of "
            "AWS's sign-ins, or this server"
        )


def _is_ours(text: str, base_url: str) -> bool:
    return AUDIENCE.fullmatch(text) is not None or text.rstrip("/") == base_url or text.startswith(f"{base_url}/")


def session_name(attributes: Mapping[str, tuple[str, ...]]) -> str:
    """RoleSessionName. Raises AwsError."""
    name = (attributes.get("RoleSessionName") or ("",))[0]
    if not _NAME.fullmatch(name):
        raise _refuse("RoleSessionName is required in the assertion: 2 to 64 letters, digits or _+=,.@-")
    return name


def source_identity(text: Any) -> str:
    """SourceIdentity; '' where there is none. Raises AwsError."""
    if text and not (isinstance(text, str) and _NAME.fullmatch(text)):
        raise _refuse("SourceIdentity must have 2 to 64 letters, digits or _+=,.@-")
    return str(text)


def subject(text: str) -> str:
    """The token's subject. Raises AwsError."""
    if not 1 <= len(text) <= MAX_SUBJECT or not text.isprintable():
        raise _refuse(f"The token's subject must have 1 to {MAX_SUBJECT} characters that can be printed")
    return text


def tags(tags_given: Mapping[str, str]) -> dict[str, str]:
    """Session tags. Raises AwsError."""
    if len(tags_given) > MAX_TAGS or len({key.lower() for key in tags_given}) < len(tags_given):
        raise _refuse(f"The token may have {MAX_TAGS} session tags at most, no key of them twice")
    for key, value in tags_given.items():
        if not 1 <= len(key) <= 128 or len(value) > 256 or not (_TAG.fullmatch(key) and _TAG.fullmatch(value)):
            raise _refuse(
                "Session tags have keys of 1 to 128 and values of up to 256 letters, digits, spaces or _.:/=+-@"
            )
        if key.lower().startswith("aws:"):
            raise _refuse("Keys of session tags must not begin with aws:")
    return dict(tags_given)


def tags_of_claims(claims: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """(session tags, keys of the transitive ones) in a web identity token. Raises AwsError."""
    held = claims.get(_TAGS, {})
    given = held.get("principal_tags", {}) if isinstance(held, dict) else None
    going_on = held.get("transitive_tag_keys", []) if isinstance(held, dict) else None
    if not isinstance(given, dict) or not isinstance(going_on, list):
        raise _refuse(f"{_TAGS} must be an object with principal_tags and transitive_tag_keys")
    found: dict[str, str] = {}
    for key, values in given.items():
        if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
            raise _refuse(f"{_TAGS}: each of principal_tags must be a list of texts")
        if values:
            found[key] = values[0]
    return tags(found), tuple(key for key in going_on if key in found)


def lasts(token: Assertion, by_role: int, call: Call) -> int:
    """Duration of a SAML session in seconds: the least of the call's, the assertion's and the role's durations.
    Without DurationSeconds the assertion's SessionDuration may ask for up to the role's maximum. Raises AwsError."""
    found = by_role
    text = (token.attributes.get("SessionDuration") or ("",))[0]
    if text:
        asked = parse_number(text, _LEAST, 43_200)
        if asked is None:
            raise _refuse(f"SessionDuration must be {_LEAST} to 43200 seconds")
        role = call.directory.at_arn(call.given["RoleArn"])
        most = role.max_session_duration
        if asked > most:
            raise AwsError(
                "ValidationError", "The requested SessionDuration exceeds the MaxSessionDuration set for this role."
            )
        found = min(by_role, asked) if "DurationSeconds" in call.given else asked
    if token.session_ends is not None:
        left = int((token.session_ends - call.now).total_seconds())
        if left <= 0:
            raise AwsError("ExpiredTokenException", "The SAML assertion's SessionNotOnOrAfter is over.")
        found = min(found, left)
    return found
