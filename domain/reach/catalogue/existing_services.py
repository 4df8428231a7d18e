"""A resource that runs as a role already, and does what one tells it. Which resource runs as which role is known from
records alone (`running`): of one that no record shows, it is unknown.

The source of each family is the page of its last action.
"""

from __future__ import annotations

from erstwhile.domain.reach.catalogue.family import NO_RESOURCE, RUNNING, Family, Need


def _taken_over(id: str, runs: str, *needs: str | tuple[str, str], terms: tuple[str, ...] = ()) -> Family:
    """`runs`: the type of the resource, as `running` names it. `needs`: actions on that resource, or on another, with a
    pattern of it."""
    asked = tuple(Need(each, RUNNING) if isinstance(each, str) else Need(*each) for each in needs)
    service = asked[0].action.partition(":")[0]
    return Family(id, "existing-service", service, asked, "what runs as the role", where=runs, terms=terms)


_ONLINE = ("the instance is one that Systems Manager manages",)
_NETWORK = ("the instance can be reached over the network",)

EXISTING_SERVICES = (
    _taken_over("lambda-update-function-code", "lambda-function", "lambda:UpdateFunctionCode",
                terms=("something calls the function",)),
    _taken_over("lambda-update-function-code-invoke", "lambda-function", "lambda:UpdateFunctionCode",
                "lambda:InvokeFunction"),
    _taken_over("lambda-update-function-code-add-permission", "lambda-function", "lambda:UpdateFunctionCode",
                "lambda:AddPermission"),
    _taken_over("lambda-update-function-configuration", "lambda-function", "lambda:UpdateFunctionConfiguration",
                terms=("something calls the function",)),
    _taken_over("cloudformation-update-stack", "cloudformation-stack", "cloudformation:UpdateStack"),
    _taken_over("cloudformation-change-set", "cloudformation-stack", "cloudformation:CreateChangeSet",
                "cloudformation:ExecuteChangeSet"),
    _taken_over("codebuild-start-build", "codebuild-project", "codebuild:StartBuild"),
    _taken_over("codebuild-start-build-batch", "codebuild-project", "codebuild:StartBuildBatch"),
    _taken_over("ec2-modify-instance-attribute", "ec2-instance", "ec2:ModifyInstanceAttribute", "ec2:StopInstances",
                "ec2:StartInstances"),
    _taken_over("ssm-start-session", "ec2-instance", "ssm:StartSession", terms=_ONLINE),
    _taken_over("ssm-send-command", "ec2-instance", "ssm:SendCommand", terms=(*_ONLINE, "a document may be sent")),
    _taken_over("ssm-create-association", "ec2-instance", "ssm:CreateAssociation",
                terms=(*_ONLINE, "a document may be associated")),
    _taken_over("ec2-instance-connect", "ec2-instance", "ec2-instance-connect:SendSSHPublicKey", terms=_NETWORK),
    _taken_over("ec2-serial-console", "ec2-instance", "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
                terms=("serial consoles are enabled in the account",)),
    _taken_over("codedeploy-create-deployment-instance", "ec2-instance",
                ("codedeploy:RegisterApplicationRevision", "application:*"),
                ("codedeploy:GetDeploymentConfig", "deploymentconfig:*"),
                ("codedeploy:CreateDeployment", "deploymentgroup:*/*"),
                terms=("a deployment group of CodeDeploy has the instance",)),
    _taken_over("ecs-execute-command", "ecs-task", "ecs:ExecuteCommand", terms=("the task runs still",)),
    _taken_over("ecs-run-task-definition", "ecs-task-definition", "ecs:RunTask",
                terms=("the command of a container is overridden",)),
    _taken_over("glue-update-dev-endpoint", "glue-dev-endpoint", "glue:UpdateDevEndpoint"),
    _taken_over("glue-start-job-run", "glue-job", "glue:UpdateJob", "glue:StartJobRun"),
    _taken_over("sagemaker-presigned-notebook", "sagemaker-notebook", "sagemaker:CreatePresignedNotebookInstanceUrl"),
    _taken_over("sagemaker-notebook-lifecycle", "sagemaker-notebook",
                ("sagemaker:CreateNotebookInstanceLifecycleConfig", "notebook-instance-lifecycle-config/*"),
                "sagemaker:StopNotebookInstance", "sagemaker:UpdateNotebookInstance",
                "sagemaker:StartNotebookInstance"),
    _taken_over("apprunner-update-service-code", "apprunner-service", "apprunner:UpdateService"),
    _taken_over("batch-submit-job-definition", "batch-job-definition", "batch:SubmitJob",
                terms=("the command of the container is overridden", "a job queue takes the job")),
    _taken_over("states-update-state-machine", "state-machine", "states:UpdateStateMachine", "states:StartExecution"),
    _taken_over("bedrock-code-interpreter-session", "bedrock-code-interpreter",
                "bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"),
    _taken_over("bedrock-agent-runtime-command", "bedrock-agent-runtime",
                "bedrock-agentcore:InvokeAgentRuntimeCommand",
                terms=("callers of the runtime are authorized by IAM",)),
    _taken_over("bedrock-browser-session", "bedrock-browser", "bedrock-agentcore:StartBrowserSession",
                ("bedrock-agentcore:ConnectBrowserAutomationStream", NO_RESOURCE)),
)  # fmt: skip
