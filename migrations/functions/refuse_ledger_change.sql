-- The ledger grows and does not change: a tile gets hashes behind those it has, a checkpoint gets signatures, and nothing
-- is taken out. This trigger stops everyone, the owner included.
CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger
LANGUAGE plpgsql AS $$
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
END $$;

CREATE OR REPLACE TRIGGER ledger_tile_grows BEFORE UPDATE OR DELETE ON ledger_tile
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE OR REPLACE TRIGGER ledger_tile_stays BEFORE TRUNCATE ON ledger_tile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE OR REPLACE TRIGGER ledger_checkpoint_grows BEFORE UPDATE OR DELETE ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE OR REPLACE TRIGGER ledger_checkpoint_stays BEFORE TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE OR REPLACE TRIGGER ledger_key_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

-- The tree over the decision log.
CREATE OR REPLACE TRIGGER decision_tile_grows BEFORE UPDATE OR DELETE ON decision_tile
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE OR REPLACE TRIGGER decision_tile_stays BEFORE TRUNCATE ON decision_tile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE OR REPLACE TRIGGER decision_checkpoint_grows BEFORE UPDATE OR DELETE ON decision_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE OR REPLACE TRIGGER decision_checkpoint_stays BEFORE TRUNCATE ON decision_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE OR REPLACE TRIGGER decision_leaf_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
