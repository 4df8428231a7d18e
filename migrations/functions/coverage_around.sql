-- What every answer about an instant says of what is not known: when access last changed around it, by records of the
-- accounts; the principals there whose policies no source has shown; and whether any events are set apart.
-- Asked with each answer: planned once for all instants, it takes a quarter of the time.
CREATE OR REPLACE FUNCTION coverage_around(
    wanted text[], instant timestamptz, known bigint, since timestamptz, until timestamptz,
    OUT changed timestamptz, OUT uncovered text[], OUT are_apart boolean
) LANGUAGE plpgsql STABLE SET plan_cache_mode = 'force_generic_plan' AS $function$
BEGIN
    -- What the view `audit` calls a success.
    changed := (
        SELECT max(e.occurred_at) FROM event e
        WHERE e.account = ANY (wanted) AND e.occurred_at > since AND e.occurred_at < until AND e.position <= known
          AND e.data->>'source' = 'cloudtrail' AND NOT e.data ? 'between'
          AND e.type NOT IN ('iam.ChangeFailed', 'iam.CommandRefused', 'iam.PrincipalSeen', 'iam.ClaimSetAside',
                             'iam.SignedIn')
    );
    uncovered := ARRAY(
        SELECT c.account || ':' || c.kind || '/' || coalesce((
            SELECT d.value->>'name' FROM fact d
            WHERE d.account = c.account AND d.kind = c.kind AND d.entity = c.entity AND d.attribute = 'entity'
              AND d.valid_from <= instant AND d.valid_to > instant
              AND d.recorded_from <= known AND d.recorded_to > known), '')
        FROM fact c
        WHERE c.account = ANY (wanted) AND c.attribute = 'coverage' AND c.kind IN ('user', 'role')
          AND c.valid_from <= instant AND c.valid_to > instant AND c.recorded_from <= known AND c.recorded_to > known
    );
    are_apart := EXISTS (SELECT FROM set_apart s WHERE s.position <= known);
END $function$;
