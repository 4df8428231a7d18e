"""AWS's page about an action, in the API reference of its service."""

from __future__ import annotations

_DOCS = "https://docs.aws.amazon.com/"
_REFERENCES = {
    "amplify": "amplify/latest/APIReference",
    "apprunner": "apprunner/latest/api",
    "autoscaling": "autoscaling/ec2/APIReference",
    "batch": "batch/latest/APIReference",
    "bedrock-agentcore": "bedrock-agentcore-control/latest/APIReference",
    "braket": "braket/latest/APIReference",
    "cloudformation": "AWSCloudFormation/latest/APIReference",
    "codebuild": "codebuild/latest/APIReference",
    "codedeploy": "codedeploy/latest/APIReference",
    "cognito-identity": "cognitoidentity/latest/APIReference",
    "datapipeline": "datapipeline/latest/APIReference",
    "ec2": "AWSEC2/latest/APIReference",
    "ec2-instance-connect": "ec2-instance-connect/latest/APIReference",
    "ecs": "AmazonECS/latest/APIReference",
    "elasticmapreduce": "emr/latest/APIReference",
    "emr-serverless": "emr-serverless/latest/APIReference",
    "gamelift": "gamelift/latest/apireference",
    "glue": "glue/latest/webapi",
    "iam": "IAM/latest/APIReference",
    "imagebuilder": "imagebuilder/latest/APIReference",
    "kinesisanalytics": "managed-flink/latest/apiv2",
    "lambda": "lambda/latest/api",
    "omics": "omics/latest/api",
    "sagemaker": "sagemaker/latest/APIReference",
    "scheduler": "scheduler/latest/APIReference",
    "secretsmanager": "secretsmanager/latest/apireference",
    "ssm": "systems-manager/latest/APIReference",
    "states": "step-functions/latest/apireference",
    "sts": "STS/latest/APIReference",
}
_OPERATIONS = {"lambda:InvokeFunction": "Invoke"}
"""Actions that are not called like the operation."""


def page_of(action: str) -> str:
    """The page of an action's operation. Raises KeyError for a service that no family needs."""
    service, _, name = action.partition(":")
    return f"{_DOCS}{_REFERENCES[service]}/API_{_OPERATIONS.get(action, name)}.html"
