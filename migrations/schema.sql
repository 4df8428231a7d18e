-- What the migrations make of an empty database. Written by `make schema`; do not edit.

CREATE SEQUENCE decision_id;
GRANT USAGE ON SEQUENCE decision_id TO erstwhile_service;
GRANT USAGE ON SEQUENCE decision_id TO erstwhile_writer;

CREATE SEQUENCE evidence_block_id;
GRANT USAGE ON SEQUENCE evidence_block_id TO erstwhile_service;
GRANT USAGE ON SEQUENCE evidence_block_id TO erstwhile_writer;

CREATE OR REPLACE FUNCTION add_activity_partition(name text, since date, until date)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO '$user', 'public'
AS $function$
BEGIN
    IF to_regclass(quote_ident(name)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE activity INCLUDING ALL)', name);
        EXECUTE format('ALTER TABLE activity ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, since, until);
    END IF;
END $function$;
REVOKE ALL ON FUNCTION add_activity_partition(text,date,date) FROM PUBLIC;

CREATE OR REPLACE FUNCTION answer_ground(wanted text[], known bigint, since timestamp with time zone, until timestamp with time zone, positions bigint[], OUT head bigint, OUT changed timestamp with time zone, OUT are_apart boolean, OUT events json)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
BEGIN
    head := (SELECT coalesce(max(e.position), 0) FROM event e);
    -- What the view `audit` calls a success.
    changed := (
        SELECT max(e.occurred_at) FROM event e
        WHERE e.account = ANY (wanted) AND e.occurred_at > since AND e.occurred_at < until AND e.position <= known
          AND e.data->>'source' = 'cloudtrail' AND NOT e.data ? 'between'
          AND e.type NOT IN ('iam.ChangeFailed', 'iam.CommandRefused', 'iam.PrincipalSeen', 'iam.ClaimSetAside',
                             'iam.SignedIn')
    );
    are_apart := EXISTS (SELECT FROM set_apart s WHERE s.position <= known);
    IF cardinality(positions) > 0 THEN
        events := (
            SELECT json_agg(json_build_array(
                e.position, e.type, (extract(epoch FROM e.occurred_at) * 1000000)::bigint,
                coalesce(e.data->>'action', ''), coalesce(e.data->'actor'->>'arn', ''),
                coalesce(e.data->>'source', 'api'), coalesce(e.data->>'evidence', '')))
            FROM event e WHERE e.position = ANY (positions)
        );
    END IF;
END $function$;

CREATE OR REPLACE FUNCTION append_events(batch jsonb, whole boolean DEFAULT false, OUT positions bigint[], OUT head bigint, OUT stamp timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
DECLARE
    next_position bigint;
    last_recorded timestamptz;
    command jsonb;
    bases bigint[] := '{}';
BEGIN
    positions := '{}';
    PERFORM pg_advisory_xact_lock(hashtext('erstwhile.event'));
    SELECT e.position, e.recorded_at INTO head, last_recorded FROM event e ORDER BY e.position DESC LIMIT 1;
    head := coalesce(head, 0);
    next_position := head;
    -- An instant means one position, whatever the hosts' clocks say.
    stamp := greatest(clock_timestamp(), last_recorded + interval '1 microsecond');

    FOR command IN SELECT value FROM jsonb_array_elements(batch) LOOP
        IF command->'unless' <> 'null'::jsonb
           AND (command->>'after')::bigint < head
           AND event_matches(command->'unless', (command->>'after')::bigint, head) THEN
            bases := bases || NULL::bigint;
            positions := positions || NULL::bigint;
        ELSE
            bases := bases || next_position;
            next_position := next_position + jsonb_array_length(command->'events');
            positions := positions || next_position;
        END IF;
    END LOOP;

    IF whole AND array_position(positions, NULL) IS NOT NULL THEN
        RETURN;
    END IF;
    IF next_position > head THEN
        INSERT INTO event (position, event_id, recorded_at, occurred_at, type, account, tags, data)
        SELECT p.position, coalesce((ev->>'id')::uuid, gen_random_uuid()), p.at, coalesce((ev->>'occurred_at')::timestamptz, p.at),
               ev->>'type', ev->>'account', ARRAY(SELECT jsonb_array_elements_text(ev->'tags')), ev->'data'
        FROM jsonb_array_elements(batch) WITH ORDINALITY AS c (command, n)
        CROSS JOIN LATERAL jsonb_array_elements(c.command->'events') WITH ORDINALITY AS e (ev, o)
        CROSS JOIN LATERAL (SELECT bases[c.n] + e.o AS position,
            stamp + (bases[c.n] + e.o - head - 1) * interval '1 microsecond' AS at) AS p
        WHERE bases[c.n] IS NOT NULL;

        INSERT INTO event_tag (tag, type, position)
        SELECT DISTINCT t.tag, ev->>'type', bases[c.n] + e.o
        FROM jsonb_array_elements(batch) WITH ORDINALITY AS c (command, n)
        CROSS JOIN LATERAL jsonb_array_elements(c.command->'events') WITH ORDINALITY AS e (ev, o)
        CROSS JOIN LATERAL jsonb_array_elements_text(ev->'tags') AS t (tag)
        WHERE bases[c.n] IS NOT NULL;

        INSERT INTO event_details (position, salt, details)
        SELECT bases[c.n] + e.o, decode(ev->>'salt', 'hex'), ev->>'details'
        FROM jsonb_array_elements(batch) WITH ORDINALITY AS c (command, n)
        CROSS JOIN LATERAL jsonb_array_elements(c.command->'events') WITH ORDINALITY AS e (ev, o)
        WHERE bases[c.n] IS NOT NULL AND ev->>'details' IS NOT NULL;

        PERFORM pg_notify('erstwhile_event', next_position::text);
    END IF;
END $function$;

CREATE OR REPLACE FUNCTION apply_retention(kind text, default_days integer, OUT before timestamp with time zone, OUT deleted bigint)
 RETURNS record
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO '$user', 'public'
AS $function$
DECLARE
    days integer;
    blocks bigint[];
BEGIN
    deleted := 0;
    SELECT CASE WHEN e.type = 'iam.SettingPut' THEN (e.data->'body'->'attributes'->>'days')::integer END INTO days
    FROM event e
    WHERE e.type IN ('iam.SettingPut', 'iam.SettingRemoved') AND e.account = 'erstwhile'
      AND e.data->'body'->>'category' = 'retention' AND e.data->'body'->>'name' = kind
    ORDER BY e.position DESC LIMIT 1;
    IF NOT FOUND THEN
        -- Nobody has decided: decisions alone have a period by themselves, of no less than a year.
        days := CASE WHEN kind = 'decisions' THEN greatest(default_days, 365) END;
    END IF;
    IF days IS NULL OR days < 1 THEN
        RETURN;
    END IF;
    before := date_trunc('day', clock_timestamp(), 'UTC') - days * interval '1 day';
    IF kind = 'decisions' THEN
        WITH holds AS MATERIALIZED (SELECT * FROM legal_holds())
        DELETE FROM decision d
        WHERE d.day < (before AT TIME ZONE 'UTC')::date AND NOT EXISTS (
            SELECT FROM holds h
            WHERE (h.principal = '' OR h.principal IN (d.subject, d.asked_by)) AND h.account = ''
              AND d.decided_at >= h.since AND d.decided_at < h.until);
        GET DIAGNOSTICS deleted = ROW_COUNT;
    ELSIF kind = 'activity' THEN
        WITH holds AS MATERIALIZED (SELECT * FROM legal_holds()), gone AS (
            DELETE FROM activity r
            WHERE r.day <= (before AT TIME ZONE 'UTC')::date AND r.occurred_at < before AND NOT EXISTS (
                SELECT FROM holds h
                WHERE (h.principal = '' OR h.principal IN (r.principal, r.session, r.access_key))
                  AND h.account IN ('', r.account) AND r.occurred_at >= h.since AND r.occurred_at < h.until)
            RETURNING r.block_id)
        SELECT count(*), array_agg(DISTINCT g.block_id) INTO deleted, blocks FROM gone g;
        DELETE FROM evidence_block b
        WHERE b.block_id = ANY (blocks) AND NOT EXISTS (SELECT FROM activity r WHERE r.block_id = b.block_id);
    ELSIF kind = 'evidence' THEN
        WITH holds AS MATERIALIZED (SELECT * FROM legal_holds()), old AS (
            SELECT r.block_id FROM activity r GROUP BY r.block_id
            HAVING max(r.occurred_at) < before AND NOT bool_or(EXISTS (
                SELECT FROM holds h
                WHERE (h.principal = '' OR h.principal IN (r.principal, r.session, r.access_key))
                  AND h.account IN ('', r.account) AND r.occurred_at >= h.since AND r.occurred_at < h.until)))
        DELETE FROM evidence_block b USING old WHERE b.block_id = old.block_id;
        GET DIAGNOSTICS deleted = ROW_COUNT;
    END IF;
END $function$;
REVOKE ALL ON FUNCTION apply_retention(text,integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION client_address(source text)
 RETURNS inet
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
BEGIN
    IF source !~ '^[0-9a-fA-F.:]+$' THEN
        RETURN NULL;
    END IF;
    RETURN source::inet;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION decisions_are_written()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('erstwhile.decisions-written'));
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION drop_decisions(before date)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO '$user', 'public'
AS $function$
DECLARE
    name text;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('erstwhile.partition'));
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'decision'::regclass AND c.relname < 'decision_' || to_char(before, 'YYYYMMDD')
    LOOP
        EXECUTE format('DROP TABLE %I', name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $function$;
REVOKE ALL ON FUNCTION drop_decisions(date) FROM PUBLIC;

CREATE OR REPLACE FUNCTION ensure_activity_partition(wanted date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO '$user', 'public'
AS $function$
DECLARE
    first_day date := date_trunc('month', wanted)::date;
    after_last date := (date_trunc('month', wanted) + interval '1 month')::date;
    name text := 'activity_' || to_char(wanted, 'YYYYMM');
BEGIN
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('erstwhile.partition'));
    IF EXISTS (SELECT FROM generate_series(first_day, after_last - 1, interval '1 day') AS day
               WHERE to_regclass('activity_' || to_char(day, 'YYYYMMDD')) IS NOT NULL) THEN
        FOR first_day IN SELECT day::date FROM generate_series(first_day, after_last - 1, interval '1 day') AS day
        LOOP
            PERFORM add_activity_partition('activity_' || to_char(first_day, 'YYYYMMDD'), first_day, first_day + 1);
        END LOOP;
    ELSE
        PERFORM add_activity_partition(name, first_day, after_last);
    END IF;
END $function$;

CREATE OR REPLACE FUNCTION ensure_decision_partition(wanted date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO '$user', 'public'
AS $function$
DECLARE
    name text := 'decision_' || to_char(wanted, 'YYYYMMDD');
BEGIN
    IF to_regclass(quote_ident(name)) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('erstwhile.partition'));
    IF to_regclass(quote_ident(name)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE decision INCLUDING ALL)', name);
        EXECUTE format('ALTER TABLE decision ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, wanted, wanted + 1);
    END IF;
END $function$;

CREATE OR REPLACE FUNCTION event_matches(items jsonb, after bigint, upto bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
DECLARE
    item jsonb;
    item_types text[];
    item_tags text[];
    led_by text;
BEGIN
    IF jsonb_array_length(items) = 0 THEN
        RETURN upto > after;
    END IF;
    FOR item IN SELECT value FROM jsonb_array_elements(items) LOOP
        IF jsonb_array_length(item->'tags') = 1 AND item->'types' <> '[]'::jsonb THEN
            IF EXISTS (SELECT FROM event_tag a
                       WHERE a.tag = item->'tags'->>0 AND a.position > after AND a.position <= upto
                         AND a.type = ANY (ARRAY(SELECT jsonb_array_elements_text(item->'types')))) THEN
                RETURN true;
            END IF;
            CONTINUE;
        END IF;
        item_types := ARRAY(SELECT jsonb_array_elements_text(item->'types'));
        item_tags := ARRAY(SELECT jsonb_array_elements_text(item->'tags'));
        IF cardinality(item_tags) = 0 THEN
            IF EXISTS (SELECT FROM event e WHERE e.position > after AND e.position <= upto
                       AND (cardinality(item_types) = 0 OR e.type = ANY (item_types))) THEN
                RETURN true;
            END IF;
            CONTINUE;
        END IF;
        led_by := item_tags[1];
        IF cardinality(item_tags) > 1 THEN
            -- Lead with the rarest tag; counting stops at 100, which is rare enough.
            SELECT t.tag INTO led_by FROM unnest(item_tags) AS t (tag)
            ORDER BY (SELECT count(*) FROM (SELECT FROM event_tag c WHERE c.tag = t.tag LIMIT 100) AS counted)
            LIMIT 1;
        END IF;
        IF EXISTS (
            SELECT FROM event_tag a
            WHERE a.tag = led_by AND a.position > after AND a.position <= upto
              AND (cardinality(item_types) = 0 OR a.type = ANY (item_types))
              AND NOT EXISTS (
                  SELECT FROM unnest(item_tags) AS other (tag)
                  WHERE other.tag <> led_by AND NOT EXISTS (
                      SELECT FROM event_tag b
                      WHERE b.tag = other.tag AND b.type = a.type AND b.position = a.position))
        ) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $function$;

CREATE OR REPLACE FUNCTION event_targets(body jsonb)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
    SELECT array_remove(ARRAY[
        (body->'subject'->>'kind') || '/' || (body->'subject'->>'name'), body->'subject'->>'id',
        (body->'principal'->>'kind') || '/' || (body->'principal'->>'name'), body->'principal'->>'id',
        (body->'group'->>'kind') || '/' || (body->'group'->>'name'), body->'group'->>'id',
        (body->'role'->>'kind') || '/' || (body->'role'->>'name'), body->'role'->>'id',
        body->>'arn', body->>'policy_arn', body->>'policy_name', body->>'boundary', body->>'access_key_id',
        body->>'serial_number', body->>'resource', body->>'grantee', body->>'target', body->>'policy',
        body->>'node', body->>'target_account', body->>'permission_set', body->>'principal_id',
        body->>'category', body->>'name'
    ], NULL)
$function$;

CREATE OR REPLACE FUNCTION legal_holds()
 RETURNS TABLE(name text, principal text, account text, since timestamp with time zone, until timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO '$user', 'public'
AS $function$
    SELECT h.name, coalesce(h.about->>'principal', ''), coalesce(h.about->>'account', ''),
           coalesce((h.about->>'since')::timestamptz, '-infinity'), coalesce((h.about->>'until')::timestamptz, 'infinity')
    FROM (
        SELECT DISTINCT ON (e.data->'body'->>'name') e.data->'body'->>'name' AS name, e.type,
               e.data->'body'->'attributes' AS about
        FROM event e
        WHERE e.type IN ('iam.SettingPut', 'iam.SettingRemoved') AND e.account = 'erstwhile'
          AND e.data->'body'->>'category' = 'legal-hold'
        ORDER BY e.data->'body'->>'name', e.position DESC
    ) h
    WHERE h.type = 'iam.SettingPut'
$function$;

CREATE OR REPLACE FUNCTION refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'the event log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $function$;

CREATE OR REPLACE FUNCTION refuse_ledger_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF TG_TABLE_NAME IN ('ledger_tile', 'decision_tile') THEN
            IF NEW.level = OLD.level AND NEW.number = OLD.number
               AND substring(NEW.hashes FROM 1 FOR length(OLD.hashes)) = OLD.hashes THEN
                RETURN NEW;
            END IF;
        ELSIF TG_TABLE_NAME IN ('ledger_checkpoint', 'decision_checkpoint') THEN
            -- A note is the text that is signed, an empty line, and a line for each signature.
            IF NEW.size = OLD.size AND split_part(NEW.note, E'\n\n', 1) = split_part(OLD.note, E'\n\n', 1)
               AND string_to_array(NEW.note, E'\n') @> string_to_array(OLD.note, E'\n') THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'the ledger only grows: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $function$;

CREATE TABLE account_coverage (
    position bigint NOT NULL,
    account text NOT NULL,
    day_hour timestamp with time zone NOT NULL,
    records bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    late_records bigint NOT NULL,
    CONSTRAINT account_coverage_pkey PRIMARY KEY (account, day_hour, "position")
);
CREATE INDEX account_coverage_position ON account_coverage USING btree ("position");
GRANT SELECT ON account_coverage TO erstwhile_reader;
GRANT INSERT, SELECT ON account_coverage TO erstwhile_service;
GRANT INSERT, SELECT ON account_coverage TO erstwhile_writer;

CREATE TABLE activity (
    day date NOT NULL,
    account text NOT NULL,
    record_id text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    action text NOT NULL,
    principal text NOT NULL,
    session text NOT NULL,
    access_key text NOT NULL,
    source_ip text NOT NULL,
    user_agent text NOT NULL,
    error_code text NOT NULL,
    class character(1) NOT NULL,
    block_id bigint NOT NULL,
    line integer NOT NULL,
    sha256 bytea NOT NULL
) PARTITION BY RANGE (day);
CREATE INDEX activity_not_translated ON ONLY activity USING btree (occurred_at) WHERE class = 'n'::bpchar;
CREATE INDEX activity_occurred_at ON ONLY activity USING btree (occurred_at);
CREATE INDEX activity_principal ON ONLY activity USING btree (principal, occurred_at);
CREATE UNIQUE INDEX activity_record ON ONLY activity USING btree (account, record_id, day);
CREATE INDEX activity_time ON ONLY activity USING brin (occurred_at) WITH (pages_per_range='32');
CREATE INDEX activity_words ON ONLY activity USING brin (source_ip text_bloom_ops, session text_bloom_ops, access_key text_bloom_ops) WITH (pages_per_range='32');
GRANT SELECT ON activity TO erstwhile_reader;
GRANT INSERT, SELECT ON activity TO erstwhile_service;
GRANT INSERT, SELECT ON activity TO erstwhile_writer;

CREATE TABLE api_token (
    name text NOT NULL,
    sha256 bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamp with time zone,
    reads_from timestamp with time zone,
    reads_to timestamp with time zone,
    CONSTRAINT api_token_pkey PRIMARY KEY (name),
    CONSTRAINT api_token_sha256_key UNIQUE (sha256)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON api_token TO erstwhile_service;
GRANT DELETE, INSERT, SELECT, UPDATE ON api_token TO erstwhile_writer;

CREATE TABLE audit_change (
    position bigint NOT NULL,
    account text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    changes jsonb NOT NULL
);
CREATE INDEX audit_change_entity ON audit_change USING btree (account, kind, entity);
CREATE INDEX audit_change_position ON audit_change USING btree ("position");
GRANT DELETE, INSERT, SELECT, TRUNCATE, UPDATE ON audit_change TO erstwhile_projector;
GRANT SELECT ON audit_change TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT, TRUNCATE, UPDATE ON audit_change TO erstwhile_service;

CREATE TABLE call_use (
    run bigint NOT NULL,
    month integer NOT NULL,
    account text COLLATE "C" NOT NULL,
    principal text COLLATE "C" NOT NULL,
    call text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    on_behalf boolean NOT NULL,
    failed boolean NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    calls bigint NOT NULL,
    resources text[] COLLATE "C" NOT NULL,
    firsts timestamp with time zone[] NOT NULL,
    lasts timestamp with time zone[] NOT NULL,
    numbers bigint[] NOT NULL
);
CREATE INDEX call_use_by_run ON call_use USING btree (run);
CREATE INDEX call_use_principal ON call_use USING btree (principal);
CREATE INDEX call_use_sign_in ON call_use USING btree (principal) WHERE call = 'signin:ConsoleLogin'::text;
GRANT DELETE, INSERT, SELECT ON call_use TO erstwhile_projector;
GRANT SELECT ON call_use TO erstwhile_reader;

CREATE TABLE call_use_import (
    position bigint NOT NULL,
    run bigint NOT NULL,
    CONSTRAINT call_use_import_pkey PRIMARY KEY ("position")
);
CREATE INDEX call_use_import_run ON call_use_import USING btree (run);
GRANT DELETE, INSERT, SELECT, UPDATE ON call_use_import TO erstwhile_projector;
GRANT SELECT ON call_use_import TO erstwhile_reader;

CREATE TABLE call_use_run (
    run bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    records bigint NOT NULL,
    has_keys boolean NOT NULL DEFAULT false,
    CONSTRAINT call_use_run_pkey PRIMARY KEY (run)
);
GRANT DELETE, INSERT, SELECT ON call_use_run TO erstwhile_projector;
GRANT SELECT ON call_use_run TO erstwhile_reader;

CREATE TABLE checkpoint (
    projection text NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT checkpoint_pkey PRIMARY KEY (projection)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON checkpoint TO erstwhile_projector;
GRANT SELECT ON checkpoint TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT, UPDATE ON checkpoint TO erstwhile_service;

CREATE TABLE credential_secret (
    access_key_id text NOT NULL,
    account text NOT NULL,
    principal text NOT NULL,
    master_key text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT credential_secret_pkey PRIMARY KEY (access_key_id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON credential_secret TO erstwhile_service;
GRANT DELETE, INSERT, SELECT, UPDATE ON credential_secret TO erstwhile_writer;

CREATE TABLE decision (
    day date NOT NULL,
    id bigint NOT NULL DEFAULT nextval('decision_id'::regclass),
    decided_at timestamp with time zone NOT NULL,
    asked_by text NOT NULL,
    subject text NOT NULL,
    action text NOT NULL,
    resource text NOT NULL,
    effect text NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    masked boolean NOT NULL,
    revision bigint NOT NULL,
    latency_us bigint NOT NULL
) PARTITION BY RANGE (day);
CREATE UNIQUE INDEX decision_order ON ONLY decision USING btree (day, id);
CREATE INDEX decision_subject ON ONLY decision USING btree (subject, id);
CREATE TRIGGER decisions_are_written BEFORE INSERT ON decision FOR EACH STATEMENT EXECUTE FUNCTION decisions_are_written();
GRANT SELECT ON decision TO erstwhile_reader;
GRANT INSERT, SELECT ON decision TO erstwhile_service;
GRANT INSERT, SELECT ON decision TO erstwhile_writer;

CREATE TABLE decision_checkpoint (
    size bigint NOT NULL,
    note text NOT NULL,
    made_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT decision_checkpoint_pkey PRIMARY KEY (size)
);
CREATE TRIGGER decision_checkpoint_grows BEFORE DELETE OR UPDATE ON decision_checkpoint FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER decision_checkpoint_stays BEFORE TRUNCATE ON decision_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
GRANT SELECT ON decision_checkpoint TO erstwhile_reader;
GRANT INSERT, SELECT, UPDATE ON decision_checkpoint TO erstwhile_service;

CREATE TABLE decision_leaf (
    number bigint NOT NULL,
    day date NOT NULL,
    id bigint NOT NULL,
    entry bytea NOT NULL,
    CONSTRAINT decision_leaf_pkey PRIMARY KEY (number),
    CONSTRAINT decision_leaf_id_key UNIQUE (id)
);
CREATE TRIGGER decision_leaf_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON decision_leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
GRANT SELECT ON decision_leaf TO erstwhile_reader;
GRANT INSERT, SELECT ON decision_leaf TO erstwhile_service;

CREATE TABLE decision_tile (
    level smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT decision_tile_pkey PRIMARY KEY (level, number)
);
ALTER TABLE decision_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE TRIGGER decision_tile_grows BEFORE DELETE OR UPDATE ON decision_tile FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER decision_tile_stays BEFORE TRUNCATE ON decision_tile FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
GRANT SELECT ON decision_tile TO erstwhile_reader;
GRANT INSERT, SELECT, UPDATE ON decision_tile TO erstwhile_service;

CREATE TABLE digest_verdict (
    sha256 bytea NOT NULL,
    verdict text NOT NULL,
    digest text NOT NULL,
    checked_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT digest_verdict_pkey PRIMARY KEY (sha256)
);
GRANT SELECT ON digest_verdict TO erstwhile_reader;
GRANT INSERT, SELECT, UPDATE ON digest_verdict TO erstwhile_service;
GRANT INSERT, SELECT, UPDATE ON digest_verdict TO erstwhile_writer;

CREATE TABLE event (
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    type text NOT NULL,
    account text NOT NULL,
    tags text[] NOT NULL,
    data jsonb NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY ("position"),
    CONSTRAINT event_event_id_key UNIQUE (event_id)
);
CREATE INDEX event_catalogue ON event USING btree (occurred_at) WHERE account = 'aws'::text AND type = 'iam.PolicyVersionCreated'::text;
CREATE INDEX event_occurred_at ON event USING btree (occurred_at, "position");
CREATE INDEX event_recorded_at ON event USING btree (recorded_at);
CREATE INDEX event_request ON event USING brin ((data ->> 'request_id'::text) text_bloom_ops) WITH (pages_per_range='32');
CREATE INDEX event_session_key ON event USING btree (((data -> 'body'::text) ->> 'access_key_id'::text)) WHERE type = 'iam.SessionIssued'::text;
CREATE INDEX event_type ON event USING btree (type, "position");
CREATE TRIGGER event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT ON event TO erstwhile_reader;
GRANT INSERT, SELECT ON event TO erstwhile_service;
GRANT INSERT, SELECT ON event TO erstwhile_writer;

CREATE TABLE event_details (
    position bigint NOT NULL,
    salt bytea NOT NULL,
    details text NOT NULL,
    CONSTRAINT event_details_pkey PRIMARY KEY ("position"),
    CONSTRAINT event_details_position_fkey FOREIGN KEY ("position") REFERENCES event("position")
);
CREATE INDEX event_details_words ON event_details USING brin ((details::jsonb ->> 'source_ip'::text) text_bloom_ops, (details::jsonb ->> 'session'::text) text_bloom_ops) WITH (pages_per_range='32');
CREATE TRIGGER event_details_no_update BEFORE UPDATE OR TRUNCATE ON event_details FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT ON event_details TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT ON event_details TO erstwhile_service;
GRANT DELETE, INSERT, SELECT ON event_details TO erstwhile_writer;

CREATE TABLE event_tag (
    tag text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT event_tag_pkey PRIMARY KEY (tag, type, "position"),
    CONSTRAINT event_tag_position_fkey FOREIGN KEY ("position") REFERENCES event("position")
);
CREATE TRIGGER event_tag_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON event_tag FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT ON event_tag TO erstwhile_reader;
GRANT INSERT, SELECT ON event_tag TO erstwhile_service;
GRANT INSERT, SELECT ON event_tag TO erstwhile_writer;

CREATE TABLE evidence_block (
    block_id bigint NOT NULL,
    file_id bigint NOT NULL,
    position bigint NOT NULL,
    packed bytea NOT NULL,
    CONSTRAINT evidence_block_pkey PRIMARY KEY (block_id),
    CONSTRAINT evidence_block_file_id_fkey FOREIGN KEY (file_id) REFERENCES imported_file(file_id)
);
ALTER TABLE evidence_block ALTER COLUMN packed SET STORAGE EXTERNAL;
GRANT SELECT ON evidence_block TO erstwhile_reader;
GRANT INSERT, SELECT ON evidence_block TO erstwhile_service;
GRANT INSERT, SELECT ON evidence_block TO erstwhile_writer;

CREATE TABLE fact (
    account text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    entity text COLLATE "C" NOT NULL,
    attribute text COLLATE "C" NOT NULL,
    item text COLLATE "C" NOT NULL,
    value jsonb NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_to timestamp with time zone NOT NULL,
    opened_by bigint NOT NULL,
    closed_by bigint,
    recorded_from bigint NOT NULL,
    recorded_to bigint NOT NULL DEFAULT '9223372036854775807'::bigint
);
CREATE INDEX fact_access_key ON fact USING btree (item) WHERE attribute = 'access_key'::text;
CREATE INDEX fact_attached ON fact USING btree (account, item, valid_to) WHERE attribute = 'attached'::text;
CREATE INDEX fact_boundary ON fact USING btree (account, (value ->> 'policy'::text), valid_to) WHERE attribute = 'boundary'::text;
CREATE INDEX fact_corrected ON fact USING btree (recorded_to) WHERE recorded_to < '9223372036854775807'::bigint;
CREATE INDEX fact_entity ON fact USING btree (account, kind, entity, valid_from);
CREATE INDEX fact_inline_policy ON fact USING btree ("left"(lower(item), 200)) WHERE attribute = 'inline'::text;
CREATE INDEX fact_name ON fact USING btree (kind, "left"(lower(value ->> 'name'::text), 200), account, entity) WHERE attribute = 'entity'::text;
CREATE INDEX fact_policy ON fact USING btree (recorded_from) WHERE (kind = ANY (ARRAY['policy'::text, 'aws-policy'::text])) OR kind = 'account'::text AND attribute = 'mode'::text OR kind = 'resource'::text AND entity ~~ '%:policy/%'::text;
CREATE INDEX fact_recorded ON fact USING btree (recorded_from);
CREATE INDEX fact_uncovered ON fact USING btree (account, valid_to) WHERE attribute = 'coverage'::text;
CREATE INDEX fact_unique_id ON fact USING btree (entity) WHERE attribute = 'entity'::text;
GRANT DELETE, INSERT, SELECT, TRUNCATE, UPDATE ON fact TO erstwhile_projector;
GRANT SELECT ON fact TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT, TRUNCATE, UPDATE ON fact TO erstwhile_service;

CREATE TABLE fold_clock (
    slot text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    CONSTRAINT fold_clock_pkey PRIMARY KEY (slot)
);
GRANT DELETE, INSERT, SELECT, TRUNCATE, UPDATE ON fold_clock TO erstwhile_projector;
GRANT SELECT ON fold_clock TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT, TRUNCATE, UPDATE ON fold_clock TO erstwhile_service;

CREATE TABLE guess (
    account text NOT NULL,
    principal text NOT NULL,
    credential text NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    locked_until timestamp with time zone,
    last_at timestamp with time zone,
    CONSTRAINT guess_pkey PRIMARY KEY (account, principal, credential)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON guess TO erstwhile_service;
GRANT DELETE, INSERT, SELECT, UPDATE ON guess TO erstwhile_writer;

CREATE TABLE imported_file (
    file_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    sha256 bytea NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    records bigint NOT NULL,
    position bigint NOT NULL,
    imported_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT imported_file_pkey PRIMARY KEY (file_id),
    CONSTRAINT imported_file_sha256_key UNIQUE (sha256)
);
GRANT SELECT ON imported_file TO erstwhile_reader;
GRANT INSERT, SELECT ON imported_file TO erstwhile_service;
GRANT INSERT, SELECT ON imported_file TO erstwhile_writer;

CREATE TABLE issued_key (
    access_key text NOT NULL,
    account text NOT NULL,
    principal text NOT NULL,
    session text NOT NULL,
    issued_to text NOT NULL,
    record_id text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    block_id bigint NOT NULL
);
CREATE INDEX issued_key_key ON issued_key USING btree (access_key);
CREATE INDEX issued_key_principal ON issued_key USING btree (principal, occurred_at);
CREATE INDEX issued_key_record ON issued_key USING btree (record_id);
GRANT SELECT ON issued_key TO erstwhile_reader;
GRANT INSERT, SELECT ON issued_key TO erstwhile_service;
GRANT INSERT, SELECT ON issued_key TO erstwhile_writer;

CREATE TABLE key_last_use (
    run bigint NOT NULL,
    month integer NOT NULL,
    access_key text COLLATE "C" NOT NULL,
    principal text COLLATE "C" NOT NULL,
    last_at timestamp with time zone NOT NULL,
    first_at timestamp with time zone
);
CREATE INDEX key_last_use_by_run ON key_last_use USING btree (run);
CREATE INDEX key_last_use_without_first ON key_last_use USING btree (run) WHERE first_at IS NULL;
GRANT DELETE, INSERT, SELECT ON key_last_use TO erstwhile_projector;
GRANT SELECT ON key_last_use TO erstwhile_reader;

CREATE TABLE key_use (
    access_key text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    principal text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL
);
CREATE INDEX key_use_key ON key_use USING btree (access_key);
GRANT SELECT ON key_use TO erstwhile_reader;
GRANT INSERT, SELECT ON key_use TO erstwhile_service;
GRANT INSERT, SELECT ON key_use TO erstwhile_writer;

CREATE TABLE last_use (
    account text NOT NULL,
    principal text NOT NULL,
    access_key_id text NOT NULL,
    service text NOT NULL,
    action text NOT NULL,
    region text NOT NULL,
    used_at timestamp with time zone NOT NULL,
    CONSTRAINT last_use_pkey PRIMARY KEY (account, principal, access_key_id, service, action)
);
GRANT SELECT ON last_use TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT, UPDATE ON last_use TO erstwhile_service;
GRANT DELETE, INSERT, SELECT, UPDATE ON last_use TO erstwhile_writer;

CREATE TABLE ledger_checkpoint (
    size bigint NOT NULL,
    note text NOT NULL,
    made_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT ledger_checkpoint_pkey PRIMARY KEY (size)
);
CREATE TRIGGER ledger_checkpoint_grows BEFORE DELETE OR UPDATE ON ledger_checkpoint FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_checkpoint_stays BEFORE TRUNCATE ON ledger_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
GRANT INSERT, SELECT, UPDATE ON ledger_checkpoint TO erstwhile_projector;
GRANT SELECT ON ledger_checkpoint TO erstwhile_reader;
GRANT INSERT, SELECT, UPDATE ON ledger_checkpoint TO erstwhile_service;

CREATE TABLE ledger_key (
    verifier text NOT NULL,
    since_size bigint NOT NULL,
    added_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT ledger_key_pkey PRIMARY KEY (verifier)
);
CREATE TRIGGER ledger_key_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_key FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
GRANT INSERT, SELECT ON ledger_key TO erstwhile_projector;
GRANT SELECT ON ledger_key TO erstwhile_reader;
GRANT INSERT, SELECT ON ledger_key TO erstwhile_service;

CREATE TABLE ledger_tile (
    level smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT ledger_tile_pkey PRIMARY KEY (level, number)
);
ALTER TABLE ledger_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE TRIGGER ledger_tile_grows BEFORE DELETE OR UPDATE ON ledger_tile FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_tile_stays BEFORE TRUNCATE ON ledger_tile FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
GRANT INSERT, SELECT, UPDATE ON ledger_tile TO erstwhile_projector;
GRANT SELECT ON ledger_tile TO erstwhile_reader;
GRANT INSERT, SELECT, UPDATE ON ledger_tile TO erstwhile_service;

CREATE TABLE ledger_witness (
    url text NOT NULL,
    name text NOT NULL,
    cosigned bigint NOT NULL DEFAULT 0,
    failures bigint NOT NULL DEFAULT 0,
    failure text NOT NULL DEFAULT ''::text,
    seen_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT ledger_witness_pkey PRIMARY KEY (url)
);
GRANT SELECT ON ledger_witness TO erstwhile_reader;
GRANT INSERT, SELECT, UPDATE ON ledger_witness TO erstwhile_service;

CREATE TABLE login_password (
    account text NOT NULL,
    principal text NOT NULL,
    hash text NOT NULL,
    set_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT login_password_pkey PRIMARY KEY (account, principal, set_at)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON login_password TO erstwhile_service;
GRANT DELETE, INSERT, SELECT, UPDATE ON login_password TO erstwhile_writer;

CREATE TABLE mfa_seed (
    serial_number text NOT NULL,
    account text NOT NULL,
    master_key text NOT NULL,
    sealed bytea NOT NULL,
    drift integer NOT NULL DEFAULT 0,
    last_step bigint NOT NULL DEFAULT 0,
    CONSTRAINT mfa_seed_pkey PRIMARY KEY (serial_number)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON mfa_seed TO erstwhile_service;
GRANT DELETE, INSERT, SELECT, UPDATE ON mfa_seed TO erstwhile_writer;

CREATE TABLE report (
    report_id text NOT NULL,
    account text NOT NULL,
    kind text NOT NULL,
    content jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT report_pkey PRIMARY KEY (report_id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON report TO erstwhile_service;
GRANT DELETE, INSERT, SELECT, UPDATE ON report TO erstwhile_writer;

CREATE TABLE set_apart (
    position bigint NOT NULL,
    reason text NOT NULL,
    noted_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT set_apart_pkey PRIMARY KEY ("position"),
    CONSTRAINT set_apart_position_fkey FOREIGN KEY ("position") REFERENCES event("position")
);
GRANT DELETE, INSERT, SELECT ON set_apart TO erstwhile_projector;
GRANT SELECT ON set_apart TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT ON set_apart TO erstwhile_service;

CREATE TABLE use_of_import (
    position bigint NOT NULL,
    run bigint NOT NULL,
    CONSTRAINT use_of_import_pkey PRIMARY KEY ("position")
);
CREATE INDEX use_of_import_run ON use_of_import USING btree (run);
GRANT DELETE, INSERT, SELECT, UPDATE ON use_of_import TO erstwhile_projector;
GRANT SELECT ON use_of_import TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT, UPDATE ON use_of_import TO erstwhile_service;

CREATE TABLE use_run (
    run bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    records bigint NOT NULL,
    CONSTRAINT use_run_pkey PRIMARY KEY (run)
);
GRANT DELETE, INSERT, SELECT ON use_run TO erstwhile_projector;
GRANT SELECT ON use_run TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT ON use_run TO erstwhile_service;

CREATE TABLE used (
    run bigint NOT NULL,
    month integer NOT NULL,
    account text COLLATE "C" NOT NULL,
    principal text COLLATE "C" NOT NULL,
    call text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    on_behalf boolean NOT NULL,
    failed boolean NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    calls bigint NOT NULL
);
CREATE INDEX used_principal ON used USING btree (principal);
CREATE INDEX used_run ON used USING btree (run);
GRANT DELETE, INSERT, SELECT ON used TO erstwhile_projector;
GRANT SELECT ON used TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT ON used TO erstwhile_service;

CREATE TABLE watch_notice (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    watch text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    known_at bigint NOT NULL,
    gains jsonb NOT NULL,
    made_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    logged_at timestamp with time zone,
    CONSTRAINT watch_notice_pkey PRIMARY KEY (id)
);
CREATE INDEX watch_notice_unlogged ON watch_notice USING btree (id) WHERE logged_at IS NULL;
CREATE INDEX watch_notice_watch ON watch_notice USING btree (watch, id);
GRANT INSERT, SELECT, UPDATE ON watch_notice TO erstwhile_projector;
GRANT SELECT ON watch_notice TO erstwhile_reader;
GRANT INSERT, SELECT, UPDATE ON watch_notice TO erstwhile_service;

CREATE TABLE watch_period (
    watch text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    holder text COLLATE "C" NOT NULL,
    unique_id text NOT NULL,
    principal text NOT NULL,
    is_outsider boolean NOT NULL,
    how text NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_to timestamp with time zone NOT NULL
);
CREATE INDEX watch_period_holder ON watch_period USING btree (account, kind, holder);
CREATE INDEX watch_period_watch ON watch_period USING btree (watch, action);
GRANT DELETE, INSERT, SELECT, UPDATE ON watch_period TO erstwhile_projector;
GRANT SELECT ON watch_period TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT, UPDATE ON watch_period TO erstwhile_service;

CREATE TABLE webhook (
    name text COLLATE "C" NOT NULL,
    url text NOT NULL,
    types text[] NOT NULL,
    account text NOT NULL,
    master_key text NOT NULL,
    sealed bytea NOT NULL,
    position bigint NOT NULL,
    notice bigint NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    last_error text NOT NULL DEFAULT ''::text,
    sent bigint NOT NULL DEFAULT 0,
    holder text NOT NULL DEFAULT ''::text,
    held_until timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    added_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT webhook_pkey PRIMARY KEY (name)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook TO erstwhile_service;

CREATE TABLE webhook_dead_letter (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    webhook text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    notice bigint NOT NULL,
    attempts integer NOT NULL,
    last_error text NOT NULL,
    died_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    asked_again boolean NOT NULL DEFAULT false,
    CONSTRAINT webhook_dead_letter_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_dead_letter_webhook_fkey FOREIGN KEY (webhook) REFERENCES webhook(name) ON DELETE CASCADE
);
CREATE INDEX webhook_dead_letter_webhook ON webhook_dead_letter USING btree (webhook, id);
GRANT SELECT ON webhook_dead_letter TO erstwhile_reader;
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_dead_letter TO erstwhile_service;

CREATE VIEW audit AS
 SELECT e."position",
    e.event_id,
    e.occurred_at,
    e.recorded_at,
    e.account,
    COALESCE((e.data -> 'actor'::text) ->> 'arn'::text, ''::text) AS actor,
    COALESCE((e.data -> 'actor'::text) ->> 'id'::text, ''::text) AS actor_id,
    COALESCE((e.data -> 'actor'::text) ->> 'type'::text, ''::text) AS actor_type,
    COALESCE((e.data -> 'actor'::text) ->> 'access_key'::text, ''::text) AS access_key,
    ((e.data -> 'actor'::text) ->> 'mfa'::text)::boolean AS mfa,
        CASE
            WHEN e.type = 'iam.PrincipalSeen'::text THEN 'PrincipalSeen'::text
            ELSE COALESCE(e.data ->> 'action'::text, (e.data -> 'body'::text) ->> 'operation'::text, split_part(e.type, '.'::text, 2))
        END AS action,
    e.type AS event_type,
    event_targets(e.data -> 'body'::text) AS targets,
        CASE
            WHEN e.type = 'iam.ChangeFailed'::text THEN 'failed'::text
            WHEN e.type = 'iam.CommandRefused'::text THEN 'refused'::text
            WHEN e.type = 'iam.PrincipalSeen'::text THEN 'seen'::text
            WHEN e.type = 'iam.ClaimSetAside'::text THEN 'finding'::text
            WHEN e.type = 'iam.SignedIn'::text AND COALESCE((e.data -> 'body'::text) ->> 'result'::text, 'Success'::text) <> 'Success'::text THEN 'failed'::text
            WHEN e.data ? 'between'::text THEN 'drift'::text
            ELSE 'success'::text
        END AS outcome,
    COALESCE((e.data -> 'body'::text) ->> 'error_code'::text, ''::text) AS error_code,
    COALESCE(e.data ->> 'source'::text, 'api'::text) AS source,
    COALESCE(e.data ->> 'evidence'::text, ''::text) AS evidence,
    COALESCE(d.details::jsonb ->> 'source_ip'::text, ''::text) AS source_ip,
    COALESCE(d.details::jsonb ->> 'user_agent'::text, ''::text) AS user_agent,
    COALESCE(d.details::jsonb ->> 'session'::text, ''::text) AS session,
    e.data ? 'details_sha256'::text AND d."position" IS NULL AS details_forgotten,
    e.data
   FROM event e
     LEFT JOIN event_details d USING ("position");
GRANT SELECT ON audit TO erstwhile_reader;
GRANT SELECT ON audit TO erstwhile_service;
