"""Read models, in SQL and in memory. Each rebuilds from the log.

- `sql`, `copy_writer`, `indexes`: help with SQL: instants, COPY, indexes of tables that are filled from nothing.
- `event_rows`: an event → rows for the writers of the read models.
- `history`: facts as interval rows.
- `audit`: what each event of the trail changed.
- `set_apart`: events that could not be applied.
- `projector`: feeds them all from the log.
- `rebuild`: fills them anew beside their users.
- `boot`: the current Directory from history rows; `current` follows the log from there.
- `past`: the Directory of any instant; `vanished`: which principals may have ended before it, unseen.
- `lifetimes`: when a principal existed.
- `keys`: whose an access key is.
- `trail`, `activity`: reading the audit trail and the calls on record; `filters` are what may be looked for.
- `coverage`, `cautions`, `clock`: what is not known, how old what is known may be, and what the machine's clock did.
"""
