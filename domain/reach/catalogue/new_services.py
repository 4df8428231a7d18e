"""A service that is started with a role, and does what one tells it. The source passes the role (`iam:PassRole`, with
the service in `iam:PassedToService`), the role's trust names the service, and the service's own actions are allowed.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from erstwhile.domain.reach.catalogue.family import NO_RESOURCE, PROFILE, TARGET, Family, Need


def _started(
    id: str, trusted: str, *needs: tuple[str, str], where: str = "", action: str = "", terms: tuple[str, ...] = ()
) -> Family:
    """`needs`: the service's actions, each with a pattern of the resource that it is about."""
    passed = Need("iam:PassRole", TARGET, (("iam:passedtoservice", trusted),))
    asked = tuple(Need(name, on or NO_RESOURCE) for name, on in needs)
    return Family(
        id, "new-service", asked[0].action.partition(":")[0], (passed, *asked), "what runs as the role",
        trusted=trusted, trusted_action=action or "sts:AssumeRole", where=where, terms=terms,
    )  # fmt: skip


_EC2, _LAMBDA, _ECS = "ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"
_CLOUDFORMATION, _CODEBUILD, _GLUE = "cloudformation.amazonaws.com", "codebuild.amazonaws.com", "glue.amazonaws.com"
_SAGEMAKER, _AGENTCORE = "sagemaker.amazonaws.com", "bedrock-agentcore.amazonaws.com"
IN_PROFILE, _IN_NO_PROFILE = "is in an instance profile", "is in no instance profile on record"
_OVERRIDDEN = ("there is a task definition, whose role and command are overridden",)
_NEW_PROFILE = (("iam:CreateInstanceProfile", PROFILE), ("iam:AddRoleToInstanceProfile", PROFILE))

_IN_ANOTHER = ("there is an instance profile of that name",)


def _of_profiles(families: tuple[Family, ...]) -> tuple[Family, ...]:
    """The same for roles that are in no instance profile: a new one is made for the role."""
    new = tuple(Need(action, on) for action, on in _NEW_PROFILE)
    return tuple(
        each._replace(id=f"{each.id}-new-profile", needs=(*each.needs, *new), where=_IN_NO_PROFILE)
        for each in families
        if each.where == IN_PROFILE and each.needs[0].action == "iam:PassRole"
    )


_STARTED = (
    _started("ec2-run-instances", _EC2, ("ec2:RunInstances", "instance/*"), where=IN_PROFILE),
    _started("ec2-run-instances-empty-profile", _EC2, ("ec2:RunInstances", "instance/*"),
             ("iam:AddRoleToInstanceProfile", PROFILE), where=_IN_NO_PROFILE, terms=(*_IN_ANOTHER, "it has no role")),
    _started("ec2-run-instances-swapped-profile", _EC2, ("ec2:RunInstances", "instance/*"),
             ("iam:RemoveRoleFromInstanceProfile", PROFILE), ("iam:AddRoleToInstanceProfile", PROFILE),
             where=_IN_NO_PROFILE, terms=_IN_ANOTHER),
    _started("ec2-request-spot-instances", _EC2, ("ec2:RequestSpotInstances", "spot-instances-request/*"),
             where=IN_PROFILE),
    _started("ec2-associate-instance-profile", _EC2, ("ec2:AssociateIamInstanceProfile", "instance/*"),
             where=IN_PROFILE),
    _started("autoscaling-launch-configuration", _EC2,
             ("autoscaling:CreateLaunchConfiguration", "launchConfiguration:*:launchConfigurationName/*"),
             ("autoscaling:CreateAutoScalingGroup", "autoScalingGroup:*:autoScalingGroupName/*"), where=IN_PROFILE),
    _started("autoscaling-update-group", _EC2,
             ("autoscaling:CreateLaunchConfiguration", "launchConfiguration:*:launchConfigurationName/*"),
             ("autoscaling:UpdateAutoScalingGroup", "autoScalingGroup:*:autoScalingGroupName/*"), where=IN_PROFILE),
    Family(
        "ec2-launch-template-version", "new-service", "ec2",
        (Need("ec2:CreateLaunchTemplateVersion", "launch-template/*"),
         Need("ec2:ModifyLaunchTemplate", "launch-template/*")),
        "what runs as the role", trusted=_EC2, where=IN_PROFILE,
        terms=("an Auto Scaling group starts instances by the template's default version",),
    ),
    _started("lambda-create-function-invoke", _LAMBDA, ("lambda:CreateFunction", "function:*"),
             ("lambda:InvokeFunction", "function:*")),
    _started("lambda-create-function-event-source", _LAMBDA, ("lambda:CreateFunction", "function:*"),
             ("lambda:CreateEventSourceMapping", "")),
    _started("lambda-create-function-add-permission", _LAMBDA, ("lambda:CreateFunction", "function:*"),
             ("lambda:AddPermission", "function:*")),
    _started("cloudformation-create-stack", _CLOUDFORMATION, ("cloudformation:CreateStack", "stack/*/*")),
    _started("cloudformation-update-stack-role", _CLOUDFORMATION, ("cloudformation:UpdateStack", "stack/*/*")),
    _started("cloudformation-create-change-set", _CLOUDFORMATION, ("cloudformation:CreateChangeSet", "stack/*/*"),
             ("cloudformation:ExecuteChangeSet", "stack/*/*")),
    _started("cloudformation-create-stack-set", _CLOUDFORMATION, ("cloudformation:CreateStackSet", ""),
             ("cloudformation:CreateStackInstances", "stackset/*:*")),
    _started("cloudformation-update-stack-set", _CLOUDFORMATION, ("cloudformation:UpdateStackSet", "stackset/*:*")),
    _started("codebuild-create-project", _CODEBUILD, ("codebuild:CreateProject", "project/*"),
             ("codebuild:StartBuild", "project/*")),
    _started("codebuild-create-project-batch", _CODEBUILD, ("codebuild:CreateProject", "project/*"),
             ("codebuild:StartBuildBatch", "project/*")),
    _started("codebuild-update-project", _CODEBUILD, ("codebuild:UpdateProject", "project/*"),
             ("codebuild:StartBuild", "project/*")),
    _started("glue-create-dev-endpoint", _GLUE, ("glue:CreateDevEndpoint", "")),
    _started("glue-create-job", _GLUE, ("glue:CreateJob", "job/*"), ("glue:StartJobRun", "job/*")),
    _started("glue-create-job-trigger", _GLUE, ("glue:CreateJob", "job/*"), ("glue:CreateTrigger", "trigger/*")),
    _started("glue-update-job", _GLUE, ("glue:UpdateJob", "job/*"), ("glue:StartJobRun", "job/*")),
    _started("glue-update-job-trigger", _GLUE, ("glue:UpdateJob", "job/*"), ("glue:CreateTrigger", "trigger/*")),
    _started("glue-create-session", _GLUE, ("glue:CreateSession", "session/*"), ("glue:RunStatement", "session/*")),
    _started("ecs-run-task", _ECS, ("ecs:RegisterTaskDefinition", "task-definition/*:*"),
             ("ecs:RunTask", "task-definition/*:*")),
    _started("ecs-start-task", _ECS, ("ecs:RegisterTaskDefinition", "task-definition/*:*"),
             ("ecs:StartTask", "task-definition/*:*")),
    _started("ecs-create-service", _ECS, ("ecs:RegisterTaskDefinition", "task-definition/*:*"),
             ("ecs:CreateService", "service/*/*")),
    _started("ecs-run-task-override", _ECS, ("ecs:RunTask", "task-definition/*:*"), terms=_OVERRIDDEN),
    _started("ecs-start-task-override", _ECS, ("ecs:StartTask", "task-definition/*:*"),
             terms=(*_OVERRIDDEN, "an instance is registered with the cluster")),
    _started("sagemaker-create-notebook-instance", _SAGEMAKER,
             ("sagemaker:CreateNotebookInstance", "notebook-instance/*"),
             ("sagemaker:CreatePresignedNotebookInstanceUrl", "notebook-instance/*")),
    _started("sagemaker-create-training-job", _SAGEMAKER, ("sagemaker:CreateTrainingJob", "training-job/*")),
    _started("sagemaker-create-processing-job", _SAGEMAKER, ("sagemaker:CreateProcessingJob", "processing-job/*")),
    _started("datapipeline-create-pipeline", "datapipeline.amazonaws.com", ("datapipeline:CreatePipeline", ""),
             ("datapipeline:PutPipelineDefinition", "pipeline/*"), ("datapipeline:ActivatePipeline", "pipeline/*")),
    _started("apprunner-create-service", "tasks.apprunner.amazonaws.com", ("apprunner:CreateService", "service/*/*")),
    _started("apprunner-update-service", "tasks.apprunner.amazonaws.com", ("apprunner:UpdateService", "service/*/*")),
    _started("bedrock-code-interpreter", _AGENTCORE,
             ("bedrock-agentcore:CreateCodeInterpreter", ""),
             ("bedrock-agentcore:StartCodeInterpreterSession", "code-interpreter-custom/*"),
             ("bedrock-agentcore:InvokeCodeInterpreter", "code-interpreter-custom/*")),
    _started("bedrock-agent-runtime", _AGENTCORE, ("bedrock-agentcore:CreateAgentRuntime", ""),
             ("bedrock-agentcore:CreateAgentRuntimeEndpoint", "runtime/*"),
             ("bedrock-agentcore:CreateWorkloadIdentity", "workload-identity-directory/*/workload-identity/*"),
             ("bedrock-agentcore:InvokeAgentRuntimeCommand", "runtime/*")),
    _started("bedrock-harness", _AGENTCORE, ("bedrock-agentcore:CreateHarness", ""),
             ("bedrock-agentcore:CreateAgentRuntime", ""),
             ("bedrock-agentcore:CreateAgentRuntimeEndpoint", "runtime/*"),
             ("bedrock-agentcore:CreateWorkloadIdentity", "workload-identity-directory/*/workload-identity/*"),
             ("bedrock-agentcore:InvokeAgentRuntimeCommand", "runtime/*")),
    _started("bedrock-browser", _AGENTCORE, ("bedrock-agentcore:CreateBrowser", ""),
             ("bedrock-agentcore:StartBrowserSession", "browser-custom/*"),
             ("bedrock-agentcore:ConnectBrowserAutomationStream", "")),
    _started("amplify-start-job", "amplify.amazonaws.com", ("amplify:CreateApp", ""),
             ("amplify:CreateBranch", "apps/*/branches/*"), ("amplify:StartJob", "apps/*/branches/*/jobs/*")),
    _started("batch-submit-job", _ECS, ("batch:RegisterJobDefinition", "job-definition/*"),
             ("batch:SubmitJob", "job-definition/*")),
    _started("braket-create-job", "braket.amazonaws.com", ("braket:CreateJob", "job/*")),
    _started("codedeploy-create-deployment", "codedeploy.amazonaws.com",
             ("codedeploy:CreateDeploymentGroup", "deploymentgroup:*/*"),
             ("codedeploy:CreateDeployment", "deploymentgroup:*/*")),
    _started("cognito-set-identity-pool-roles", "cognito-identity.amazonaws.com",
             ("cognito-identity:SetIdentityPoolRoles", ""), action="sts:AssumeRoleWithWebIdentity"),
    _started("emr-run-job-flow", _EC2, ("elasticmapreduce:RunJobFlow", ""), where=IN_PROFILE),
    _started("emr-serverless-start-job-run", "emr-serverless.amazonaws.com", ("emr-serverless:CreateApplication", ""),
             ("emr-serverless:StartJobRun", "/applications/*")),
    _started("flink-start-application", "kinesisanalytics.amazonaws.com", ("kinesisanalytics:CreateApplication", ""),
             ("kinesisanalytics:StartApplication", "application/*")),
    _started("imagebuilder-create-image", _EC2, ("imagebuilder:CreateComponent", "component/*/*/*"),
             ("imagebuilder:CreateImageRecipe", "image-recipe/*/*"),
             ("imagebuilder:CreateInfrastructureConfiguration", "infrastructure-configuration/*"),
             ("imagebuilder:CreateImage", "image/*/*/*"), where=IN_PROFILE),
    _started("omics-start-run", "omics.amazonaws.com", ("omics:CreateWorkflow", ""), ("omics:StartRun", "run/*")),
    _started("gamelift-create-fleet", "gamelift.amazonaws.com", ("gamelift:CreateBuild", ""),
             ("gamelift:CreateFleet", "")),
    _started("scheduler-create-schedule", "scheduler.amazonaws.com", ("scheduler:CreateSchedule", "schedule/*/*")),
    _started("ssm-start-automation", "ssm.amazonaws.com", ("ssm:CreateDocument", "document/*"),
             ("ssm:StartAutomationExecution", "document/*")),
    _started("states-create-state-machine", "states.amazonaws.com", ("states:CreateStateMachine", "stateMachine:*"),
             ("states:StartExecution", "stateMachine:*")),
)  # fmt: skip

NEW_SERVICES = (*_STARTED, *_of_profiles(_STARTED))
