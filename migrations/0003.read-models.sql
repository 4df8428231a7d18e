-- Read models: each rebuilds from the log.

-- How far each read model has come.
CREATE TABLE checkpoint (
    projection text   PRIMARY KEY,
    position   bigint NOT NULL
);

-- History: one row is one fact about one entity, true in [valid_from, valid_to) and believed
-- in [recorded_from, recorded_to). Recorded time is counted in log positions; event.recorded_at
-- gives the instant. A late event closes the recorded interval of the rows that it corrects and
-- inserts the corrected ones; nothing is overwritten.
-- Identifiers compare as bytes, whatever the database's locale: a third faster to sort and to seek.
CREATE TABLE fact (
    account       text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL,  -- user, group, role, policy, resource, …
    entity        text COLLATE "C" NOT NULL,  -- the entity's unique id (AIDA…)
    attribute     text COLLATE "C" NOT NULL,  -- entity, attached, inline, member_of, tag, …
    item          text COLLATE "C" NOT NULL,  -- which one of several, else ''
    value         jsonb       NOT NULL,
    valid_from    timestamptz NOT NULL,         -- -infinity: since before anything we know
    valid_to      timestamptz NOT NULL,
    opened_by     bigint      NOT NULL,         -- position of the event that made it so
    closed_by     bigint,                       -- position of the event that ended it
    recorded_from bigint      NOT NULL,
    recorded_to   bigint      NOT NULL DEFAULT 9223372036854775807
);
CREATE INDEX fact_entity ON fact (account, kind, entity, valid_from);

-- The instant of the last event that each entity name of an observed account has seen:
-- an event that is not later than this re-folds the entity.
CREATE TABLE fold_clock (
    slot        text        PRIMARY KEY,
    occurred_at timestamptz NOT NULL
);

-- What an event changed, before and after, in its place in valid order. A late event can
-- change what a later one changed, so these rows follow the re-fold of their entity.
CREATE TABLE audit_change (
    position bigint NOT NULL,
    account  text COLLATE "C" NOT NULL,
    kind     text COLLATE "C" NOT NULL,
    entity   text COLLATE "C" NOT NULL,
    changes  jsonb  NOT NULL                    -- [{"attribute", "item", "before", "after"}, …]
);
CREATE INDEX audit_change_position ON audit_change (position);
CREATE INDEX audit_change_entity ON audit_change (account, kind, entity);

-- Events that the read models could not apply: they stay in the log, and the others are folded as if those had never
-- come. A rebuild tries them again.
CREATE TABLE set_apart (
    position bigint      PRIMARY KEY REFERENCES event,
    reason   text        NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
