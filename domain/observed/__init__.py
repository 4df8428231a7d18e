"""Turns what AWS writes (trails, snapshots, reports) into domain events. Pure: bytes and instants in, events out.

- `text`: decodes text files in the encodings that programs write.
- `documents`: policy documents in the forms that CloudTrail and IAM write.
- `redaction`: removes secrets from records before they are stored.
- `cloudtrail`: CloudTrail's records of API calls.
- `snapshot`: an account's entities, as `get-account-authorization-details` lists them.
- `drift`: changes that a snapshot shows and that no record reports.
- `credential_report`: AWS's credential report.
- `organization`: an organisation's tree and policies, as the AWS CLI lists them.
- `iam_collect`: accounts, policies of resources and organisations, as iam-collect keeps them.
- `managed_policies`: catalogues of AWS-managed policies.
"""
