"""Calls of AWS's other services, by the clients that make them: each is told what this endpoint is."""

from __future__ import annotations

from typing import Any

import boto3
import botocore
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.aws.server import ROOT, AwsServer

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "list_buckets", {}),
    ("s3", "get_object", {"Bucket": "payroll", "Key": "march.csv"}),
    ("s3", "put_object", {"Bucket": "v1", "Key": "audit", "Body": b"x" * 70_000}),
    ("ec2", "describe_instances", {}),
    ("sqs", "list_queues", {}),
    ("sns", "list_topics", {}),
    ("dynamodb", "list_tables", {}),
    ("lambda", "list_functions", {}),
    ("kms", "list_keys", {}),
    ("cloudwatch", "list_metrics", {}),
    ("route53", "list_hosted_zones", {}),
    ("cloudfront", "list_distributions", {}),
    ("apigateway", "get_rest_apis", {}),
    ("organizations", "list_accounts", {}),
    ("secretsmanager", "get_secret_value", {"SecretId": "db"}),
    ("cloudformation", "list_stacks", {}),
    ("eks", "list_clusters", {}),
]


@pytest.mark.parametrize("signed", [True, False])
def test_each_client_is_told_what_this_endpoint_is(aws: AwsServer, signed: bool) -> None:
    for service, operation, given in CALLS:
        version = None if signed else botocore.UNSIGNED
        config = Config(retries={"max_attempts": 0}, signature_version=version, s3={"addressing_style": "path"})
        client = boto3.client(
            service, endpoint_url=aws.url, region_name="us-east-1", aws_access_key_id=ROOT[0],
            aws_secret_access_key=ROOT[1], config=config,
        )  # fmt: skip
        with pytest.raises(ClientError) as caught:
            getattr(client, operation)(**given)
        error = caught.value.response["Error"]
        status = caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
        if not signed and status == 400 and error["Code"] in ("MissingAction", "NoSuchVersion", "MalformedInput"):
            continue  # an unsigned POST / is anybody's
        assert "Erstwhile, an IAM and STS of your own" in error["Message"], (service, error)
        assert status in (400, 501), (service, status)
        if signed:
            assert client.meta.service_model.signing_name in error["Message"] or "calls of IAM" in error["Message"]


def test_what_has_no_body_has_the_status(aws: AwsServer) -> None:
    config = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})
    s3 = boto3.client(
        "s3", endpoint_url=aws.url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b",
        config=config,
    )  # fmt: skip
    with pytest.raises(ClientError) as caught:
        s3.head_object(Bucket="payroll", Key="march.csv")
    assert caught.value.response["Error"]["Code"] == "501"


def test_our_own_callers_are_told_as_before(aws: AwsServer) -> None:
    import urllib.error
    import urllib.request

    for path, status, kind in (("/nowhere", 401, "application/problem+json"), ("/?Action=GetUser", 403, "text/xml")):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(aws.url + path)
        assert (caught.value.code, caught.value.headers["Content-Type"]) == (status, kind)
        caught.value.close()
