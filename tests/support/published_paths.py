"""The published paths of escalation: pathfinding.cloud's list of AWS (https://pathfinding.cloud), each as the actions
that it names as required; and those that another open scanner has besides (Prowler's privilege_escalation.py).
"""

from __future__ import annotations

_PASSED = """
amplify:CreateApp amplify:CreateBranch amplify:StartJob
apprunner:CreateService
batch:RegisterJobDefinition batch:SubmitJob
batch:CreateComputeEnvironment batch:CreateJobQueue batch:RegisterJobDefinition batch:SubmitJob
bedrock-agentcore:CreateCodeInterpreter bedrock-agentcore:StartCodeInterpreterSession \
bedrock-agentcore:InvokeCodeInterpreter
bedrock-agentcore:CreateAgentRuntime bedrock-agentcore:CreateAgentRuntimeEndpoint \
bedrock-agentcore:CreateWorkloadIdentity bedrock-agentcore:InvokeAgentRuntimeCommand
bedrock-agentcore:CreateHarness bedrock-agentcore:CreateAgentRuntime bedrock-agentcore:CreateAgentRuntimeEndpoint \
bedrock-agentcore:CreateWorkloadIdentity bedrock-agentcore:GetAgentRuntime \
bedrock-agentcore:InvokeAgentRuntimeCommand
bedrock-agentcore:CreateBrowser bedrock-agentcore:StartBrowserSession bedrock-agentcore:ConnectBrowserAutomationStream
braket:CreateJob
cloudformation:CreateStack
cloudformation:CreateStackSet cloudformation:CreateStackInstances
cloudformation:UpdateStackSet
codebuild:CreateProject codebuild:StartBuild
codebuild:CreateProject codebuild:StartBuildBatch
cognito-identity:SetIdentityPoolRoles
datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline
ec2:RunInstances
ec2:RequestSpotInstances
ecs:CreateCluster ecs:RegisterTaskDefinition ecs:CreateService
ecs:CreateCluster ecs:RegisterTaskDefinition ecs:RunTask
ecs:RegisterTaskDefinition ecs:CreateService
ecs:RegisterTaskDefinition ecs:RunTask
ecs:RegisterTaskDefinition ecs:StartTask
ecs:StartTask ecs:RegisterContainerInstance
ecs:RunTask
ecs:StartTask
elasticmapreduce:RunJobFlow
emr-serverless:CreateApplication emr-serverless:StartJobRun
gamelift:CreateBuild gamelift:CreateFleet gamelift:RequestUploadCredentials
glue:CreateDevEndpoint
glue:CreateJob glue:StartJobRun
glue:CreateJob glue:CreateTrigger
glue:UpdateJob glue:StartJobRun
glue:UpdateJob glue:CreateTrigger
glue:CreateSession glue:RunStatement
imagebuilder:CreateComponent imagebuilder:CreateImageRecipe imagebuilder:CreateInfrastructureConfiguration \
imagebuilder:CreateImage
kinesisanalytics:CreateApplication kinesisanalytics:StartApplication
lambda:CreateFunction lambda:InvokeFunction
lambda:CreateFunction lambda:CreateEventSourceMapping
lambda:CreateFunction lambda:AddPermission
omics:CreateWorkflow omics:StartRun s3:GetObject
sagemaker:CreateTrainingJob
sagemaker:CreateProcessingJob
scheduler:CreateSchedule
ssm:CreateDocument ssm:StartAutomationExecution
states:CreateStateMachine states:StartExecution
autoscaling:CreateLaunchConfiguration autoscaling:CreateAutoScalingGroup
autoscaling:CreateLaunchConfiguration autoscaling:UpdateAutoScalingGroup
"""
"""A role is passed to a service that is started: each needs iam:PassRole besides."""

_OTHERS = """
apprunner:UpdateService
batch:SubmitJob
bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter
bedrock-agentcore:InvokeAgentRuntimeCommand
bedrock-agentcore:StartBrowserSession bedrock-agentcore:ConnectBrowserAutomationStream
cloudformation:UpdateStack
cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet
codebuild:StartBuild
codebuild:StartBuildBatch
codedeploy:CreateDeployment codedeploy:RegisterApplicationRevision codedeploy:GetDeploymentConfig
ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances
ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate autoscaling:SetDesiredCapacity
ec2-instance-connect:SendSSHPublicKey
ecs:ExecuteCommand ecs:DescribeTasks
glue:UpdateDevEndpoint
iam:AddUserToGroup
iam:AttachGroupPolicy
iam:AttachRolePolicy
iam:AttachRolePolicy iam:UpdateAssumeRolePolicy
iam:AttachRolePolicy sts:AssumeRole
iam:AttachUserPolicy
iam:AttachUserPolicy iam:CreateAccessKey
iam:CreateAccessKey
iam:CreateAccessKey iam:DeleteAccessKey
iam:CreateLoginProfile
iam:CreatePolicyVersion
iam:CreatePolicyVersion iam:UpdateAssumeRolePolicy
iam:CreatePolicyVersion sts:AssumeRole
iam:PutGroupPolicy
iam:PutRolePolicy
iam:PutRolePolicy iam:UpdateAssumeRolePolicy
iam:PutRolePolicy sts:AssumeRole
iam:PutUserPolicy
iam:PutUserPolicy iam:CreateAccessKey
iam:SetDefaultPolicyVersion
iam:UpdateAssumeRolePolicy
iam:UpdateLoginProfile
lambda:UpdateFunctionCode
lambda:UpdateFunctionCode lambda:AddPermission
lambda:UpdateFunctionCode lambda:InvokeFunction
lambda:UpdateFunctionConfiguration
sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:StopNotebookInstance sagemaker:UpdateNotebookInstance \
sagemaker:StartNotebookInstance
sagemaker:CreatePresignedNotebookInstanceUrl
ssm:SendCommand
ssm:StartSession
states:UpdateStateMachine states:StartExecution
sts:AssumeRole
"""

OPEN_TO_MORE = frozenset({"iam:PassRole", "sagemaker:CreateNotebookInstance"})
"""A published path that says too little: the notebook is of use to somebody who may open it."""
OBSOLETE = frozenset({"iam:PassRole", "codestar:CreateProject"})
"""AWS ended CodeStar on 31 July 2024: https://docs.aws.amazon.com/codestar/latest/userguide/welcome.html"""


def _read(text: str, *more: str) -> list[frozenset[str]]:
    return [frozenset(line.split()).union(more) for line in text.strip().splitlines()]


PUBLISHED: list[frozenset[str]] = [*_read(_PASSED, "iam:PassRole"), *_read(_OTHERS)]
