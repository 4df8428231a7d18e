-- When long-lived access keys were used first in each month, beside the last time: attestations of credentials that nobody
-- uses read both, and no activity. NULL where processes of the release before counted: the activity of these runs is read
-- when somebody asks.
ALTER TABLE key_last_use ADD COLUMN first_at timestamptz;

UPDATE key_last_use k SET first_at = a.first_at
FROM (SELECT u.run, extract(year FROM a.occurred_at AT TIME ZONE 'UTC')::integer * 12
                    + extract(month FROM a.occurred_at AT TIME ZONE 'UTC')::integer - 1 AS month,
             a.access_key, a.principal, min(a.occurred_at) AS first_at
      FROM activity a JOIN evidence_block b USING (block_id) JOIN call_use_import u USING (position)
      WHERE a.access_key LIKE 'AKIA%' GROUP BY 1, 2, 3, 4) AS a
WHERE (a.run, a.month, a.access_key, a.principal) = (k.run, k.month, k.access_key, k.principal);
-- Where the activity is kept no longer, the last use of the month is all that is known.
UPDATE key_last_use SET first_at = last_at WHERE first_at IS NULL;

CREATE INDEX key_last_use_without_first ON key_last_use (run) WHERE first_at IS NULL;
CREATE INDEX call_use_sign_in ON call_use (principal) WHERE call = 'signin:ConsoleLogin';
