"""Calls by which records, alarms and detectors are turned off, or deliver less.

Sources: https://attack.mitre.org/techniques/T1562/008/ (disable or modify cloud logs), T1562/001 (tools) and T1562/007;
https://stratus-red-team.cloud/attack-techniques/AWS/ (defense evasion); the API reference of each service says what a
call does: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/,
https://docs.aws.amazon.com/guardduty/latest/APIReference/, https://docs.aws.amazon.com/config/latest/APIReference/,
https://docs.aws.amazon.com/securityhub/1.0/APIReference/,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/,
https://docs.aws.amazon.com/eventbridge/latest/APIReference/
"""

from __future__ import annotations

from typing import Any

from erstwhile.domain.observed.cloudtrail.called_action import plain_action
from erstwhile.domain.observed.cloudtrail.shapes import as_object, as_text, objects_in

_TABLE = {
    "cloudtrail:StopLogging": "a trail records nothing any more",
    "cloudtrail:DeleteTrail": "a trail is gone",
    "cloudtrail:UpdateTrail": "a trail delivers elsewhere, or records less",
    "cloudtrail:PutEventSelectors": "a trail chooses which events it records",
    "cloudtrail:PutInsightSelectors": "a trail chooses which insights it records",
    "cloudtrail:DeleteEventDataStore": "a store of events is gone",
    "cloudtrail:UpdateEventDataStore": "a store of events keeps less",
    "cloudtrail:StopEventDataStoreIngestion": "a store of events takes none any more",
    "cloudtrail:DeregisterOrganizationDelegatedAdmin": "the trail's administrator is another",
    "ec2:DeleteFlowLogs": "the traffic of a network is not recorded any more",
    "logs:DeleteLogGroup": "a group of logs is gone",
    "logs:DeleteLogStream": "a stream of logs is gone",
    "logs:PutRetentionPolicy": "logs are kept for another time",
    "logs:DeleteSubscriptionFilter": "logs are not sent on any more",
    "logs:DeleteMetricFilter": "an alarm's filter of logs is gone",
    "logs:DeleteDestination": "a place to which logs are sent is gone",
    "s3:PutBucketLifecycle": "objects of a bucket expire: of a trail's bucket, its records",
    "s3:PutBucketLifecycleConfiguration": "objects of a bucket expire: of a trail's bucket, its records",
    "s3:PutBucketLogging": "accesses to a bucket are recorded elsewhere, or not",
    "s3:PutBucketNotification": "a bucket sends other notifications, or none",
    "route53resolver:DeleteResolverQueryLogConfig": "queries of names are not recorded any more",
    "route53resolver:DisassociateResolverQueryLogConfig": "queries of names are not recorded any more",
    "elasticloadbalancing:ModifyLoadBalancerAttributes": "a load balancer may record no accesses",
    "wafv2:DeleteLoggingConfiguration": "a firewall records nothing any more",
    "guardduty:DeleteDetector": "GuardDuty is off",
    "guardduty:UpdateDetector": "GuardDuty is off, or looks at less",
    "guardduty:StopMonitoringMembers": "GuardDuty does not look at accounts any more",
    "guardduty:DeleteMembers": "GuardDuty does not look at accounts any more",
    "guardduty:DisassociateMembers": "GuardDuty does not look at accounts any more",
    "guardduty:DisassociateFromAdministratorAccount": "GuardDuty's findings go to no administrator",
    "guardduty:DisassociateFromMasterAccount": "GuardDuty's findings go to no administrator",
    "guardduty:DeletePublishingDestination": "GuardDuty's findings are not sent on",
    "guardduty:CreateIPSet": "GuardDuty trusts addresses",
    "guardduty:UpdateIPSet": "GuardDuty trusts addresses",
    "guardduty:CreateFilter": "GuardDuty hides findings",
    "guardduty:UpdateFilter": "GuardDuty hides findings",
    "guardduty:ArchiveFindings": "findings are put out of sight",
    "config:StopConfigurationRecorder": "AWS Config records nothing any more",
    "config:DeleteConfigurationRecorder": "AWS Config records nothing any more",
    "config:PutConfigurationRecorder": "AWS Config may record less",
    "config:DeleteDeliveryChannel": "AWS Config delivers nowhere",
    "config:DeleteConfigRule": "a rule of AWS Config is gone",
    "config:DeleteConfigurationAggregator": "AWS Config gathers accounts no more",
    "securityhub:DisableSecurityHub": "Security Hub is off",
    "securityhub:DeleteMembers": "Security Hub does not look at accounts any more",
    "securityhub:DisassociateMembers": "Security Hub does not look at accounts any more",
    "securityhub:DisassociateFromAdministratorAccount": "Security Hub's findings go to no administrator",
    "securityhub:BatchDisableStandards": "Security Hub checks less",
    "securityhub:DisableImportFindingsForProduct": "Security Hub takes no findings of a product",
    "securityhub:UpdateStandardsControl": "Security Hub checks less",
    "securityhub:CreateAutomationRule": "Security Hub may hide findings",
    "macie2:DisableMacie": "Macie is off",
    "macie2:DeleteFindingsFilter": "Macie shows other findings",
    "inspector2:Disable": "Inspector is off",
    "detective:DeleteGraph": "Detective's data are gone",
    "access-analyzer:DeleteAnalyzer": "Access Analyzer is off",
    "access-analyzer:CreateArchiveRule": "Access Analyzer hides findings",
    "monitoring:DeleteAlarms": "alarms are gone",
    "monitoring:DisableAlarmActions": "alarms do nothing when they go off",
    "monitoring:PutMetricAlarm": "an alarm is another",
    "monitoring:SetAlarmState": "an alarm's state was set by hand",
    "monitoring:DeleteAnomalyDetector": "a detector of what is unusual is gone",
    "events:DeleteRule": "a rule that acts on events is gone",
    "events:DisableRule": "a rule that acts on events is off",
    "events:RemoveTargets": "a rule has fewer targets",
    "events:DeleteEventBus": "a bus of events is gone",
    "sns:Unsubscribe": "a subscriber gets no messages any more",
    "sns:DeleteTopic": "a topic is gone, and its subscribers get no messages",
    "organizations:LeaveOrganization": "the account leaves its organisation, and the guardrails and trails of it",
    "organizations:DisableAWSServiceAccess": "a service watches the organisation no more",
    "iam:DeleteAccountPasswordPolicy": "passwords may be weak",
    "ses:UpdateAccountSendingEnabled": "sending of mail was switched",
}
"""Call → what it does. The names are those of CloudTrail's records, without the version of the API."""
TAMPERING_CALLS = frozenset(_TABLE)


def tampering_words(call: str) -> str:
    """What a recorded call does to the watch; '' for one that does nothing to it."""
    return _TABLE.get(plain_action(call), "")


_NAMED = (
    "trailName", "name", "trailARN", "detectorId", "logGroupName", "alarmName", "alarmNames", "rule", "bucketName",
    "configurationRecorderName", "deliveryChannelName", "configRuleName", "topicArn", "subscriptionArn", "analyzerName",
    "eventDataStore", "graphArn", "ruleName", "resolverQueryLogConfigId", "FlowLogId",
)  # fmt: skip


def target_of(record: dict[str, Any] | None) -> str:
    """What a record of such a call was about; '' where it does not say."""
    return "" if record is None else _found(as_object(record.get("requestParameters")), 3)


def _found(parameters: dict[str, Any], depth: int) -> str:
    for name in _NAMED:
        value = parameters.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, list) and value:
            return ", ".join(as_text(each) for each in value[:5])
        for each in (value,) if isinstance(value, dict) else objects_in(value):
            # EC2's records write a parameter as {"tag": 1, "content": "fl-…"}.
            if as_text(each.get("content")):
                return as_text(each.get("content"))
    if depth:
        for value in parameters.values():
            if isinstance(value, dict) and (found := _found(value, depth - 1)):
                return found
    return ""


def made_name(record: dict[str, Any] | None) -> set[str]:
    """The names of trails, flow logs and detectors that a call made, by its record."""
    if record is None:
        return set()
    return {text for part in ("requestParameters", "responseElements") for text in _texts(record.get(part), 5)}


def _texts(value: Any, depth: int) -> set[str]:
    if isinstance(value, str):
        return {value} if value else set()
    if not depth:
        return set()
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for each in inner for text in _texts(each, depth - 1)}


MAKING = frozenset((
    "cloudtrail:CreateTrail", "cloudtrail:CreateEventDataStore", "ec2:CreateFlowLogs", "guardduty:CreateDetector",
    "logs:CreateLogGroup", "monitoring:PutMetricAlarm", "events:PutRule", "sns:CreateTopic", "s3:CreateBucket",
    "access-analyzer:CreateAnalyzer", "config:PutConfigRule",
))  # fmt: skip
"""Calls that make what the others turn off."""
