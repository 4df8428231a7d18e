-- The recorded calls of a window of time, of everybody: imports store them nearly in the order of time, so that blocks of
-- pages have an interval each. It takes a few kilobytes for a million calls.
CREATE INDEX activity_time ON activity USING brin (occurred_at) WITH (pages_per_range = 32);
