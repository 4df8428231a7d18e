-- The event log: one global sequence of immutable events.
-- Positions are gapless and in commit order: append_events() assigns them under a lock.
-- Append-only: see functions/refuse_change.sql.
CREATE TABLE event (
    position    bigint      PRIMARY KEY,
    event_id    uuid        NOT NULL UNIQUE,
    recorded_at timestamptz NOT NULL,           -- when we learned it; strictly increasing
    occurred_at timestamptz NOT NULL,           -- when it was true in the world
    type        text        NOT NULL,           -- a stable name such as iam.UserCreated
    account     text        NOT NULL,           -- the AWS account it belongs to
    tags        text[]      NOT NULL,           -- what it touches: name:…, key:…, account:…
    data        jsonb       NOT NULL            -- the rest of the envelope, and the body
);
CREATE INDEX event_type ON event (type, position);
CREATE INDEX event_recorded_at ON event (recorded_at);
CREATE INDEX event_occurred_at ON event (occurred_at, position);
-- Sessions by the access key that this service gave out.
CREATE INDEX event_session_key ON event ((data->'body'->>'access_key_id')) WHERE type = 'iam.SessionIssued';

-- The tags of each event again, led by the tag: conditions and reads of one entity go through here.
CREATE TABLE event_tag (
    tag      text   COLLATE "C" NOT NULL,  -- tags are bytes, whatever the locale
    type     text   COLLATE "C" NOT NULL,
    position bigint NOT NULL REFERENCES event,
    PRIMARY KEY (tag, type, position)
);

-- What may have to be forgotten (source IP, user agent, session name). The event holds only
-- SHA-256 over salt and details: deleting the row here forgets them and leaves the log whole.
CREATE TABLE event_details (
    position bigint PRIMARY KEY REFERENCES event,
    salt     bytea  NOT NULL,
    details  text   NOT NULL
);
