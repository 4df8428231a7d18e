-- Events that the read models could not apply: they stay in the log, and the others are folded as if those had never
-- come. A rebuild tries them again.
CREATE TABLE set_apart (
    position bigint      PRIMARY KEY REFERENCES event,
    reason   text        NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, DELETE ON set_apart TO erstwhile_service;
