-- Webhooks: where events and notices are sent to, how far each is, and what could not be delivered.
CREATE TABLE webhook (
    name       text        COLLATE "C" PRIMARY KEY,
    url        text        NOT NULL,
    types      text[]      NOT NULL,           -- types of events, `notice` for notices of watches; empty: all
    account    text        NOT NULL,           -- of this account alone; '' for all
    master_key text        NOT NULL,           -- which master key sealed the secret that signs
    sealed     bytea       NOT NULL,
    position   bigint      NOT NULL,           -- the log was sent up to here
    notice     bigint      NOT NULL,           -- the last notice that was sent
    attempts   integer     NOT NULL DEFAULT 0, -- to send the next message
    next_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_error text        NOT NULL DEFAULT '',
    sent       bigint      NOT NULL DEFAULT 0, -- messages, in all
    holder     text        NOT NULL DEFAULT '', -- which process sends, and until when no other does
    held_until timestamptz NOT NULL DEFAULT clock_timestamp(),
    added_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Messages that were given up: which, not what, so that what has to be forgotten is in one place.
CREATE TABLE webhook_dead_letter (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook     text        COLLATE "C" NOT NULL REFERENCES webhook ON DELETE CASCADE,
    position    bigint      NOT NULL,          -- of the event; 0: it is a notice
    notice      bigint      NOT NULL,          -- 0: it is an event
    attempts    integer     NOT NULL,
    last_error  text        NOT NULL,
    died_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_again boolean     NOT NULL DEFAULT false
);
CREATE INDEX webhook_dead_letter_webhook ON webhook_dead_letter (webhook, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON webhook, webhook_dead_letter TO erstwhile_service;
