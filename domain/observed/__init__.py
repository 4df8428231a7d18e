"""Records of the world → domain events. Pure: bytes and instants in, events out.

- `text`: text files in the encodings that programs leave.
- `documents`: policy documents as records write them.
- `redaction`: drops secrets on the way in.
- `cloudtrail`: API calls.
- `snapshot`: what `get-account-authorization-details` lists.
- `drift`: what a later snapshot shows and no record said.
- `credential_report`: AWS's credential report.
- `organization`: an organisation as the AWS CLI lists it.
- `managed_policies`: catalogues of AWS-managed policies.
"""
