"""The access state of an instant in the forms that AWS prints, and that imports read.

- `account_details`: an account as `aws iam get-account-authorization-details` prints it.
- `organization`: an organisation as one file of what the AWS CLI lists.
- `iam_collect`: both, and the policies of resources, as iam-collect keeps them.
"""
