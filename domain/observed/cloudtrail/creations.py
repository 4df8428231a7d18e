"""Translates operations that create a resource together with its policy, and operations that delete a resource with all
its policies."""

from __future__ import annotations

from collections.abc import Callable

from erstwhile.domain.events import Body
from erstwhile.domain.events import resources as r
from erstwhile.domain.observed.cloudtrail.generic import found
from erstwhile.domain.observed.cloudtrail.record import Record, Translator, Untranslatable
from erstwhile.domain.observed.documents import document_text

ResourceOf = Callable[[Record], str]


def answered(*names: str) -> ResourceOf:
    """Returns a function that finds the resource's ARN in the response, under one of these names (lower case).

    The function raises Untranslatable where the response has no ARN.
    """

    def arn(record: Record) -> str:
        value = found(record.raw.get("responseElements"), *names, depth=4)
        if not isinstance(value, str) or not value.startswith("arn:"):
            raise Untranslatable(f"{record.service}:{record.name} whose answer has no {names[0]}")
        return value

    return arn


def named(service: str, *names: str, prefix: str = "") -> ResourceOf:
    """Returns a function that builds the resource's ARN from a name in the request or in the response.

    The function raises Untranslatable where both lack the name.
    """

    def arn(record: Record) -> str:
        name = found(record.parameters, *names) or found(record.raw.get("responseElements"), *names, depth=4)
        if not name:
            raise Untranslatable(f"{record.service}:{record.name} without {names[0]}")
        if str(name).startswith("arn:"):
            return str(name)
        if service == "s3":
            return f"arn:{record.partition}:s3:::{name}"
        return record.arn(service, f"{prefix}{name}")

    return arn


def queue(record: Record) -> str:
    """The ARN of an SQS queue, from its URL: https://sqs.eu-west-1.amazonaws.com/111122223333/orders."""
    url = found(record.raw.get("responseElements"), "queueurl") or found(record.parameters, "queueurl")
    if not url or str(url).count("/") < 4:
        raise Untranslatable(f"{record.service}:{record.name} without queueUrl")
    *_, account, name = str(url).split("/")
    return f"arn:{record.partition}:sqs:{record.region}:{account}:{name}"


def created(resource: ResourceOf, *fields: str) -> Translator:
    """Translates the creation or change of a resource that may include its policy; without a policy, access does not
    change and there is no event."""

    def translate(record: Record) -> list[Body]:
        document = found(record.parameters, *fields)
        if document is None:
            return []
        return [r.ResourcePolicyPut(resource=resource(record), document=document_text(document))]

    return translate


def registered(resource: ResourceOf, resource_type: str) -> Translator:
    """Translates the creation of a resource whose ARN does not name its account: records that this account owns it."""
    return lambda record: [r.ResourceRegistered(resource=resource(record), resource_type=resource_type)]


def gone(resource: ResourceOf) -> Translator:
    return lambda record: [r.ResourceDeregistered(resource=resource(record))]


def endpoints_gone(record: Record) -> list[Body]:
    """Translates DeleteVpcEndpoints, which names several endpoints."""
    value = found(record.parameters, "vpcendpointid", "vpcendpointids")
    ids = value if isinstance(value, list) else [value]
    endpoints = [each.get("content") if isinstance(each, dict) else each for each in ids]
    if not endpoints or not all(isinstance(each, str) and each for each in endpoints):
        raise Untranslatable(f"{record.name} without its endpoints")
    return [r.ResourceDeregistered(resource=record.arn("ec2", f"vpc-endpoint/{each}")) for each in endpoints]
