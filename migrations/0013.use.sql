-- Use: who called what on what, counted from the records that imports brought. It rebuilds from the evidence.

-- Imports are counted together, as runs: a run's rows are of all its imports.
CREATE TABLE use_run (
    run     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    records bigint NOT NULL                   -- of its imports
);
CREATE TABLE use_of_import (
    position bigint PRIMARY KEY,              -- of the import, as its evidence has it
    run      bigint NOT NULL
);
CREATE INDEX use_of_import_run ON use_of_import (run);
CREATE TABLE used (
    run       bigint      NOT NULL,
    month     integer     NOT NULL,           -- year × 12 + month − 1, in UTC
    account   text        COLLATE "C" NOT NULL,    -- in whose trail the calls stand
    principal text        COLLATE "C" NOT NULL,    -- ARN of the user or role
    call      text        COLLATE "C" NOT NULL,    -- as CloudTrail names it; iam:PassRole where one follows from a call
    resource  text        COLLATE "C" NOT NULL,    -- ARN; * for an action that is about none; '' where the record does not say
    service   text        COLLATE "C" NOT NULL,    -- that called for the principal, or that a role was passed to; or ''
    on_behalf boolean     NOT NULL,           -- a service made the calls for the principal
    failed    boolean     NOT NULL,
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    calls     bigint      NOT NULL
);
CREATE INDEX used_principal ON used (principal);
CREATE INDEX used_run ON used (run);

GRANT SELECT, INSERT, DELETE ON use_run, used TO erstwhile_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON use_of_import TO erstwhile_service;
