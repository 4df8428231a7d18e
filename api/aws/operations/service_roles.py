"""Service-linked roles: made for a service, with a name and path of its own, and changed by that service alone.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

from __future__ import annotations

import base64
import binascii

import orjson

from erstwhile.api.aws.call import Call, Operation, Plan, Result
from erstwhile.api.aws.errors import AwsError, invalid
from erstwhile.api.aws.operations import shapes
from erstwhile.api.aws.session import new_id
from erstwhile.api.aws.vault import MasterKeyMissing, SealBroken
from erstwhile.domain.commands import principals as c
from erstwhile.domain.directory import Directory
from erstwhile.domain.identifiers import AWS_MANAGED
from erstwhile.domain.refusals import NoSuchEntity

_ROLES: dict[str, tuple[str, str]] = {
    "access-analyzer.amazonaws.com": ("AccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
    "autoscaling.amazonaws.com": ("AutoScaling", "AutoScalingServiceRolePolicy"),
    "backup.amazonaws.com": ("Backup", "AWSBackupServiceLinkedRolePolicyForBackup"),
    "cloudtrail.amazonaws.com": ("CloudTrail", "CloudTrailServiceRolePolicy"),
    "config.amazonaws.com": ("Config", "AWSConfigServiceRolePolicy"),
    "dynamodb.application-autoscaling.amazonaws.com": (
        "ApplicationAutoScaling_DynamoDBTable", "AWSApplicationAutoscalingDynamoDBTablePolicy"),
    "ecs.amazonaws.com": ("ECS", "AmazonECSServiceRolePolicy"),
    "ecs.application-autoscaling.amazonaws.com": (
        "ApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy"),
    "eks.amazonaws.com": ("AmazonEKS", "AmazonEKSServiceRolePolicy"),
    "eks-nodegroup.amazonaws.com": ("AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"),
    "elasticache.amazonaws.com": ("ElastiCache", "ElastiCacheServiceRolePolicy"),
    "elasticbeanstalk.amazonaws.com": ("ElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy"),
    "elasticfilesystem.amazonaws.com": ("AmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy"),
    "elasticloadbalancing.amazonaws.com": ("ElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"),
    "es.amazonaws.com": ("AmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy"),
    "guardduty.amazonaws.com": ("AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
    "inspector2.amazonaws.com": ("AmazonInspector2", "AmazonInspector2ServiceRolePolicy"),
    "kafka.amazonaws.com": ("Kafka", "KafkaServiceRolePolicy"),
    "lex.amazonaws.com": ("LexBots", "AmazonLexBotPolicy"),
    "macie.amazonaws.com": ("AmazonMacie", "AmazonMacieServiceRolePolicy"),
    "ops.apigateway.amazonaws.com": ("APIGateway", "APIGatewayServiceRolePolicy"),
    "opensearchservice.amazonaws.com": ("AmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy"),
    "organizations.amazonaws.com": ("Organizations", "AWSOrganizationsServiceTrustPolicy"),
    "rds.amazonaws.com": ("RDS", "AmazonRDSServiceRolePolicy"),
    "redshift.amazonaws.com": ("Redshift", "AmazonRedshiftServiceLinkedRolePolicy"),
    "replication.dynamodb.amazonaws.com": ("DynamoDBReplication", "DynamoDBReplicationServiceRolePolicy"),
    "securityhub.amazonaws.com": ("SecurityHub", "AWSSecurityHubServiceRolePolicy"),
    "spot.amazonaws.com": ("EC2Spot", "AWSEC2SpotServiceRolePolicy"),
    "spotfleet.amazonaws.com": ("EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
    "ssm.amazonaws.com": ("AmazonSSM", "AmazonSSMServiceRolePolicy"),
    "sso.amazonaws.com": ("SSO", "AWSSSOServiceRolePolicy"),
    "support.amazonaws.com": ("Support", "AWSSupportServiceRolePolicy"),
    "trustedadvisor.amazonaws.com": ("TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"),
}  # fmt: skip
"""Service → how its role's name ends, and the managed policy that AWS gives it. Others are named after themselves.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""
_WITH_SUFFIX = frozenset(("autoscaling.amazonaws.com", "lex.amazonaws.com"))
"""Services that may have several roles in an account, told apart by a suffix."""
_PURPOSE = "deletion task"


def _ending(service: str) -> str:
    known = _ROLES.get(service)
    if known is not None:
        return known[0]
    words = service.removesuffix(".cn").removesuffix(".amazonaws.com").replace("-", ".").split(".")
    return "".join(word[:1].upper() + word[1:] for word in words)


def create(call: Call) -> Plan:
    service, suffix = call.given["AWSServiceName"], call.get("CustomSuffix", "")
    if not service.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        raise invalid(f"{service} is not a service: expected a name such as autoscaling.amazonaws.com")
    if suffix and service not in _WITH_SUFFIX:
        raise AwsError("InvalidInput", f"Custom suffix is not allowed for {service}")
    name = f"AWSServiceRoleFor{_ending(service)}{f'_{suffix}' if suffix else ''}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}],
    }
    command = c.CreateServiceLinkedRole(
        account=call.account, name=name, new_id=new_id("AROA", 17), service=service,
        trust_policy=orjson.dumps(trust).decode(), path=f"/aws-service-role/{service}/",
        description=call.get("Description", ""), policy_arn=_policy(call, service),
    )  # fmt: skip

    def answer(directory: Directory) -> Result:
        made = directory.named(call.account, "role", name)
        assert made is not None
        return {"Role": shapes.role(directory, made)}

    return Plan(commands=[command], answer=answer)


def _policy(call: Call, service: str) -> str:
    """The service's managed policy, where a catalogue tells it."""
    known = _ROLES.get(service)
    if known is None or call.directory.named(AWS_MANAGED, "policy", known[1]) is None:
        return ""
    return f"arn:{call.partition}:iam::aws:policy/aws-service-role/{known[1]}"


def delete(call: Call) -> Plan:
    """At once: no service here uses the role. The task's id says, sealed, which role it was."""
    role = call.need("role", call.given["RoleName"])
    service = (role.value("entity") or {}).get("service_linked", "")
    command = c.DeleteServiceLinkedRole(account=call.account, name=role.name)
    sealed = call.vault.seal(role.id.encode(), f"{_PURPOSE} {call.account}")
    proof = base64.urlsafe_b64encode(bytes.fromhex(call.vault.current) + sealed).decode()
    task = f"task/aws-service-role/{service}/{role.name}/{proof}"
    return Plan(commands=[command], answer=lambda _directory: {"DeletionTaskId": task})


def deletion_status(call: Call) -> Result:
    parts = call.given["DeletionTaskId"].split("/")
    if len(parts) != 5 or parts[:2] != ["task", "aws-service-role"]:
        raise AwsError("InvalidInput", "DeletionTaskId must be one that DeleteServiceLinkedRole gave")
    try:
        raw = base64.urlsafe_b64decode(parts[4])
        role_id = call.vault.open(raw[8:], f"{_PURPOSE} {call.account}", raw[:8].hex()).decode()
    except (binascii.Error, ValueError, MasterKeyMissing, SealBroken):
        raise NoSuchEntity("The deletion task cannot be found.") from None
    gone = call.directory.get(call.account, "role", role_id) is None
    return {"Status": "SUCCEEDED" if gone else "IN_PROGRESS"}


OPERATIONS: dict[str, Operation] = {
    "CreateServiceLinkedRole": create,
    "DeleteServiceLinkedRole": delete,
    "GetServiceLinkedRoleDeletionStatus": deletion_status,
}
