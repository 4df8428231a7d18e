"""Read models, in SQL and in memory. Each can be rebuilt from the event log.

- `sql`, `copy_text`, `copy_writer`, `indexes`: help with SQL: fields of COPY, COPY, and indexes of new tables.
- `event_rows`: replays events and passes their changes to the writers of the read models.
- `history`: writes facts as interval rows.
- `audit`: writes what each event of the audit trail changed.
- `set_apart`: events that could not be applied.
- `projector`: updates the read models from the log.
- `rebuild`: rebuilds a read model while others use it.
- `boot`: the current Directory, going on from history; `current` then follows the log.
- `columns`: history in memory; `past`: the Directory of any instant from it; `vanished`: the principals that may have
  been deleted before it without a record.
- `entities`: entities by what people call them, and their lives; `lifetimes`: when a principal existed.
- `similar_names`: whom a mistyped name may mean.
- `listing`: what existed at an instant, in pages.
- `finding`: what a pasted word is; `incident`: what the report of an incident reads; `reports`: what other reports read
  beside history.
- `keys`: which principal an access key belongs to; `session_calls`: which call gave a session out.
- `reviews`: access reviews and their populations.
- `watches`: answers that are kept up, and notices of what became different in them.
- `happenings`: the events behind facts, for questions over time; `approvals`: by whom these were approved.
- `use`: who used what, counted from the evidence; `credential_uses`: when the credentials of a user were used;
  `sessions_given`: the sessions that somebody was given.
- `trail`, `activity`: read the audit trail and the recorded calls; `filters`: their filters; `trail_index`: which
  events of the trail may pass them; `evidence_blocks`: the records of calls, packed; `evidence_rows`: rows with their
  records; `activity_months`: the time of each partition; `recorded_calls`: calls that can be decided about again
  (`ahead`: while earlier ones are looked at); `window_calls`: those that detections look at.
- `account_records`, `listings`, `unseen_documents`: what a process keeps of what is not known: hours without records,
  snapshots, policies whose documents nobody has seen.
- `answer_ground`: what an answer about an instant needs of the log, in one look; `followed_ground`: the same in a
  process that follows the log.
- `asked_ahead`: what is asked of the database before its answer is needed.
- `log_reader`: the log's events in their order, for streams, webhooks and exports; `trail_export`: the trail of a
  window, and its records; `looked_up_calls`: its calls, newest first;
  `webhook_rows`: webhooks, and how far each is.
- `ledger`: the Merkle tree over the log; `decision_rows`: decisions that were served.
- `coverage`, `cautions`, `beginning`, `clock`: what is unknown, how old the known state may be, since when anything is
  known, and whether the machine's clock is wrong.
"""
