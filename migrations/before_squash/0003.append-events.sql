-- Appends a batch of commands' events in one transaction; the caller commits.
--
-- batch: [{"after": P, "unless": ITEMS | null,
--          "events": [{"id", "type", "account", "occurred_at" | null, "tags", "data",
--                      "salt" | null, "details" | null}, …]}, …]
-- Returns, for each command, the position of its last event, or null where an event that it
-- depends on came after P. Conditions do not see events of the same batch: the writer has
-- decided those in sequence already. Needs READ COMMITTED: the lock must come before the snapshot.
CREATE FUNCTION append_events(batch jsonb) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    head bigint;
    next_position bigint;
    last_recorded timestamptz;
    stamp timestamptz;
    command jsonb;
    bases bigint[] := '{}';
    result bigint[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('erstwhile.event'));
    SELECT e.position, e.recorded_at INTO head, last_recorded FROM event e ORDER BY e.position DESC LIMIT 1;
    head := coalesce(head, 0);
    next_position := head;
    -- An instant means one position, whatever the hosts' clocks say.
    stamp := greatest(clock_timestamp(), last_recorded + interval '1 microsecond');

    FOR command IN SELECT value FROM jsonb_array_elements(batch) LOOP
        IF command->'unless' <> 'null'::jsonb
           AND event_matches(command->'unless', (command->>'after')::bigint, head) THEN
            bases := bases || NULL::bigint;
            result := result || NULL::bigint;
        ELSE
            bases := bases || next_position;
            next_position := next_position + jsonb_array_length(command->'events');
            result := result || next_position;
        END IF;
    END LOOP;

    IF next_position > head THEN
        INSERT INTO event (position, event_id, recorded_at, occurred_at, type, account, tags, data)
        SELECT p.position, (ev->>'id')::uuid, p.at, coalesce((ev->>'occurred_at')::timestamptz, p.at),
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
    RETURN result;
END $$;
