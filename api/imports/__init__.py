"""Imports: files in, events, evidence and activity out; each file in one transaction, each record once.

- `summary`: what an import did.
- `files`: files found, read, inflated and hashed; `request_bodies` come over HTTP.
- `file_records`: a file's content → its records; `read_ahead` does it in processes of its own,
  `parts_read` for one part after the other; `counted_apart`: their use is counted there, too.
- `accounts`: which accounts an import may write to.
- `imported_rows`: rows and events of records.
- `ownership_claims`: claims on what another account has.
- `store`: files, evidence and activity in SQL.
- `digest_check`: whether files are what CloudTrail delivered.
- `cloudtrail`: CloudTrail files.
- `resources`: resources with tags and policies.
- `unseen_ends`: the ends of those that a listing lacks.
- `appending`: what importing any document needs; `snapshots`: an account's snapshots; `documents`: reports, catalogues,
  organisations, resource policies; `collected_folders`: all of these, as iam-collect keeps them.
- `installed_catalogue`, `shipped`: the AWS-managed policies that come with the program or another package.
"""
