-- True when an event in (after, upto] matches one of the query items {"types": […], "tags": […]}.
-- An item matches an event of one of its types (any, if none are given) that carries all its tags.
-- No items at all match every event.
-- Replaces 0002: an item of one tag, which most are, asks one question of one index.
CREATE OR REPLACE FUNCTION event_matches(items jsonb, after bigint, upto bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
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
END $$;
