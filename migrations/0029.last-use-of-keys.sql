-- When long-lived access keys were used last, kept with use: one row for each key, principal and month of a run. What was
-- counted before is taken over from the activity. `has_keys` is false of runs that processes of the release before
-- write meanwhile: the activity of these is read when somebody asks.
ALTER TABLE call_use_run ADD COLUMN has_keys boolean NOT NULL DEFAULT false;
CREATE TABLE key_last_use (
    run        bigint      NOT NULL,
    month      integer     NOT NULL,               -- year × 12 + month − 1, in UTC
    access_key text        COLLATE "C" NOT NULL,
    principal  text        COLLATE "C" NOT NULL,   -- whose records say so
    last_at    timestamptz NOT NULL                -- whatever came of the call
);
CREATE INDEX key_last_use_by_run ON key_last_use (run);

INSERT INTO key_last_use (run, month, access_key, principal, last_at)
SELECT u.run, extract(year FROM a.occurred_at AT TIME ZONE 'UTC')::integer * 12
              + extract(month FROM a.occurred_at AT TIME ZONE 'UTC')::integer - 1,
       a.access_key, a.principal, max(a.occurred_at)
FROM activity a JOIN evidence_block b USING (block_id) JOIN call_use_import u USING (position)
WHERE a.access_key LIKE 'AKIA%' GROUP BY 1, 2, 3, 4;
UPDATE call_use_run SET has_keys = true;

GRANT SELECT, INSERT, DELETE ON key_last_use TO erstwhile_projector;
