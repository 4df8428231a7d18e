-- Watches: who can do something on what matters most, kept up from event to event, and notices of what became different.
-- What is watched are facts of history (kind watch).

-- Who could, from when to when: one row a period. It rebuilds from history.
CREATE TABLE watch_period (
    watch       text COLLATE "C" NOT NULL,    -- the watch's name in lower case
    action      text COLLATE "C" NOT NULL,
    account     text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL,
    holder      text COLLATE "C" NOT NULL,    -- its unique id; the ARN or name of one that has none here
    unique_id   text        NOT NULL,
    principal   text        NOT NULL,         -- the last ARN by which it could
    is_outsider boolean     NOT NULL,
    how         text        NOT NULL,         -- allowed, conditional, unknown
    valid_from  timestamptz NOT NULL,
    valid_to    timestamptz NOT NULL
);
CREATE INDEX watch_period_holder ON watch_period (account, kind, holder);
CREATE INDEX watch_period_watch ON watch_period (watch, action);

-- What was told, once each: a rebuild leaves it as it is.
CREATE TABLE watch_notice (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    watch     text        COLLATE "C" NOT NULL,
    position  bigint      NOT NULL,           -- of the event that made it; 0: history was made anew
    known_at  bigint      NOT NULL,           -- the log position at which it was found
    gains     jsonb       NOT NULL,           -- [{"action", "principal", "change", "before", "after", "from", "to", …}, …]
    made_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    logged_at timestamptz                     -- when a server wrote its line
);
CREATE INDEX watch_notice_watch ON watch_notice (watch, id);
CREATE INDEX watch_notice_unlogged ON watch_notice (id) WHERE logged_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON watch_period TO erstwhile_service;
GRANT SELECT, INSERT, UPDATE ON watch_notice TO erstwhile_service;
