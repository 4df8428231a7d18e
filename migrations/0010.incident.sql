-- The report of an incident follows sessions from the call that gave them out, and looks for what took back what was
-- shared: both by index.
CREATE INDEX issued_key_record ON issued_key (record_id);
CREATE INDEX activity_not_translated ON activity (occurred_at) WHERE class = 'n';
