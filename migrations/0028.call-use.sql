-- Use: a row is of one kind of call in a month and a run, with its resources as arrays. Who works on many objects had a
-- row of `used` for each of them, with all that they have in common. `used`, `use_run` and `use_of_import` remain for
-- processes of the release before, and are dropped one release later.
CREATE TABLE call_use_run (
    run     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    records bigint NOT NULL                   -- of its imports
);
CREATE TABLE call_use_import (
    position bigint PRIMARY KEY,              -- of the import, as its evidence has it
    run      bigint NOT NULL
);
CREATE INDEX call_use_import_run ON call_use_import (run);
CREATE TABLE call_use (
    run       bigint      NOT NULL,
    month     integer     NOT NULL,           -- year × 12 + month − 1, in UTC
    account   text        COLLATE "C" NOT NULL,    -- in whose trail the calls stand
    principal text        COLLATE "C" NOT NULL,    -- ARN of the user or role
    call      text        COLLATE "C" NOT NULL,    -- as CloudTrail names it; iam:PassRole where one follows from a call
    service   text        COLLATE "C" NOT NULL,    -- that called for the principal, or that a role was passed to; or ''
    on_behalf boolean     NOT NULL,           -- a service made the calls for the principal
    failed    boolean     NOT NULL,
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    calls     bigint      NOT NULL,
    -- By resource: ARN; * for an action that is about none; '' where the record does not say.
    resources text[]      COLLATE "C" NOT NULL,
    firsts    timestamptz[] NOT NULL,
    lasts     timestamptz[] NOT NULL,
    numbers   bigint[]    NOT NULL            -- of calls
);
CREATE INDEX call_use_principal ON call_use (principal);
CREATE INDEX call_use_by_run ON call_use (run);

INSERT INTO call_use_run (run, records) OVERRIDING SYSTEM VALUE SELECT run, records FROM use_run;
DO $$ BEGIN
    PERFORM setval(pg_get_serial_sequence('call_use_run', 'run'), coalesce(max(run), 0) + 1, false) FROM call_use_run;
END $$;
INSERT INTO call_use_import (position, run) SELECT position, run FROM use_of_import;
INSERT INTO call_use (run, month, account, principal, call, service, on_behalf, failed, first_at, last_at, calls,
                      resources, firsts, lasts, numbers)
SELECT run, month, account, principal, call, service, on_behalf, failed, min(first_at), max(last_at), sum(calls),
       array_agg(resource), array_agg(first_at), array_agg(last_at), array_agg(calls)
FROM used GROUP BY run, month, account, principal, call, service, on_behalf, failed;

GRANT SELECT, INSERT, DELETE ON call_use, call_use_run TO erstwhile_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON call_use_import TO erstwhile_projector;
