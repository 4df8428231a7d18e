"""What may help to get on, and is no edge: what it yields is a part of a principal's access, or a hurdle less, or
something that may hold a credential."""

from __future__ import annotations

from erstwhile.domain.reach.catalogue.family import TARGET, Family, Need


def _lead(id: str, yields: str, *needs: tuple[str, str], of: tuple[str, ...] = ("user",), where: str = "") -> Family:
    asked = tuple(Need(action, on) for action, on in needs)
    return Family(id, "lead", asked[0].action.partition(":")[0], asked, yields, of=of, where=where)


LEADS = (
    _lead("get-secret-value", "secrets, which may hold credentials", ("secretsmanager:GetSecretValue", "secret:*"),
          of=()),
    _lead("get-parameter", "parameters, which may hold credentials", ("ssm:GetParameter", "parameter/*"), of=()),
    _lead("upload-ssh-public-key", "CodeCommit as the user", ("iam:UploadSSHPublicKey", TARGET)),
    _lead("create-service-specific-credential", "CodeCommit, Keyspaces or Bedrock as the user",
          ("iam:CreateServiceSpecificCredential", TARGET)),
    _lead("deactivate-mfa-device", "the user's password is enough to sign in", ("iam:DeactivateMFADevice", TARGET),
          where="has an MFA device"),
    _lead("resync-mfa-device", "the user's MFA device may be made useless", ("iam:ResyncMFADevice", TARGET),
          where="has an MFA device"),
    _lead("enable-mfa-device", "the user has an MFA device of the source", ("iam:CreateVirtualMFADevice", "mfa/*"),
          ("iam:EnableMFADevice", TARGET)),
)  # fmt: skip
