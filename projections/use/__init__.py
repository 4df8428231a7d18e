"""Who used what, counted from the records that imports brought.

- `rows`: counts as lines of COPY.
- `runs`: writes the counts, some imports together, and counts from the evidence what an import could not write.
- `key_calls`: when long-lived access keys were used last, of imports that were counted without them.
- `credential_months`: the first and the last use of users' credentials in each month.
- `kept`: reads them, as known at a log position: the `UseRecords` of `domain/use`.
"""

USE = "use"
"""The name of this read model."""
