"""The audit trail as files of other tools.

- `digest_key`: the key that signs digests.
- `cloudtrail_folder`: a folder as CloudTrail delivers it.
- `forms`: one file: NDJSON, CSV, OCSF, CloudEvents, Parquet.
- `parquet`: the last of these, which needs `pyarrow`.
"""
