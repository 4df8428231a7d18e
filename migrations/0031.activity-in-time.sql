-- The recorded calls of everybody in the order of time: a page of the activity is the end of this index. Instants are
-- whole seconds, so that many calls have the same: it takes some eight megabytes for a million calls.
CREATE INDEX activity_occurred_at ON activity (occurred_at);
