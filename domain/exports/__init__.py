"""The access state of an instant in the forms that AWS prints, and that imports read; the trail in other tools' forms.

- `account_details`: an account as `aws iam get-account-authorization-details` prints it.
- `organization`: an organisation as one file of what the AWS CLI lists.
- `iam_collect`: both, and the policies of resources, as iam-collect keeps them.
- `trail`: the audit trail as CloudTrail's records and files, CloudEvents, OCSF, and lines of tables.
"""
