"""Access reviews: who has which access, frozen; who decides about it; what was decided, and whether that was done.

The population is kept in the log, as events that follow `ReviewOpened` in the same transaction, a bounded number of
lines each; `ReviewOpened` has the SHA-256 over the query and all lines. A table beside the log would be smaller, but it
could be changed: the log refuses UPDATE and DELETE for everyone. So what was put before a reviewer stays what it was,
an auditor reads it by SQL, and a database that was rebuilt from the log has it. The hash makes it certain that a list
which was handed out, or lies in another archive, is this one. No table repeats the lines: a review is the fold of its
events, at any log position, and its lines, which never change, are kept in memory once they were read.

- `rights`: who may decide about a line.
- `asked`: what a review asks about; `grants_held`: every grant of accounts; `access_held`: everybody who can do an
  action; `reviewers`: who reviews which line; `population`: the lines of these in order, and the hash over them.
- `review`: a review as its events tell it.
- `execution`: whether a revoke was executed, and whether the principal can still; `narrowed`: by a narrower policy.
"""
