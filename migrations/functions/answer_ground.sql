-- What an answer about an instant needs of the log and of what was set apart, in one look: how far the log is; when
-- access last changed around the instant, by records of the accounts; whether any events are set apart; and the events
-- at some positions, each as (position, type, microseconds since 1970, action, actor, source, evidence).
-- Asked with each answer: planned once for all instants, it takes a quarter of the time.
CREATE OR REPLACE FUNCTION answer_ground(
    wanted text[], known bigint, since timestamptz, until timestamptz, positions bigint[],
    OUT head bigint, OUT changed timestamptz, OUT are_apart boolean, OUT events json
) LANGUAGE plpgsql STABLE SET plan_cache_mode = 'force_generic_plan' AS $function$
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
