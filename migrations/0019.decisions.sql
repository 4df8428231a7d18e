-- The decision log: every decision that was served, by day. Old days are dropped whole (functions/drop_decisions.sql).
CREATE SEQUENCE decision_id;
CREATE TABLE decision (
    day        date        NOT NULL,
    id         bigint      NOT NULL DEFAULT nextval('decision_id'),
    decided_at timestamptz NOT NULL,
    asked_by   text        NOT NULL,   -- the name of the token
    subject    text        NOT NULL,
    action     text        NOT NULL,
    resource   text        NOT NULL,
    effect     text        NOT NULL,   -- allow, explicit_deny, implicit_deny, conditional; error: the item was malformed
    question   text        NOT NULL,   -- as it was asked, JSON; values that are masked are "***"
    answer     text        NOT NULL,   -- as it was given, JSON
    masked     boolean     NOT NULL,
    revision   bigint      NOT NULL,   -- the log position of the Directory that decided
    latency_us bigint      NOT NULL
) PARTITION BY RANGE (day);
CREATE UNIQUE INDEX decision_order ON decision (day, id);
CREATE INDEX decision_subject ON decision (subject, id);

GRANT SELECT, INSERT ON decision TO erstwhile_service;
GRANT USAGE ON SEQUENCE decision_id TO erstwhile_service;
