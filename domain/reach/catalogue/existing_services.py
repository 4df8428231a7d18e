"""A resource that runs as a role already, and does what one tells it. Which resource runs as which role is known from
records alone (`running`): of one that no record shows, it is unknown.

The source of each family is the page of its last action.
"""

from __future__ import annotations

from erstwhile.domain.reach.catalogue.family import RUNNING, Family, Need


def _taken_over(id: str, runs: str, *actions: str, terms: tuple[str, ...] = ()) -> Family:
    """`runs`: the type of the resource, as `running` names it."""
    needs = tuple(Need(action, RUNNING) for action in actions)
    return Family(
        id, "existing-service", actions[0].partition(":")[0], needs, "what runs as the role", where=runs, terms=terms
    )


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
    _taken_over("ec2-instance-connect", "ec2-instance", "ec2-instance-connect:SendSSHPublicKey", terms=_NETWORK),
    _taken_over("ec2-serial-console", "ec2-instance", "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
                terms=("serial consoles are enabled in the account",)),
    _taken_over("ecs-run-task-definition", "ecs-task-definition", "ecs:RunTask",
                terms=("the command of a container is overridden",)),
    _taken_over("glue-update-dev-endpoint", "glue-dev-endpoint", "glue:UpdateDevEndpoint"),
    _taken_over("glue-start-job-run", "glue-job", "glue:UpdateJob", "glue:StartJobRun"),
    _taken_over("sagemaker-presigned-notebook", "sagemaker-notebook", "sagemaker:CreatePresignedNotebookInstanceUrl"),
)  # fmt: skip
