// Version 4 of the PostgreSQL schema: a journal beside the tables. A commit of one small change is one row of it until the tables get it,
// together with others (docs/decisions/0015-journal.md). Tables of version 1 stay as they are.

import type { SchemaStep } from '../../schema-version.ts';

export const version4: SchemaStep = {
  version: 4,
  minCompatibleVersion: 4, // an older server would take a shard over without what is in its journal
  summary: 'a journal of small commits',
  statements: [
    // Entries are at most 6 KiB and stay on the page. They live for seconds: vacuum early, and without the lock that cutting the file takes.
    `CREATE TABLE journal (
      shard_id integer NOT NULL,
      range_id bigint NOT NULL,
      sequence bigint NOT NULL,
      data bytea NOT NULL,
      PRIMARY KEY (shard_id, range_id, sequence)
    ) WITH (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05, vacuum_truncate = false)`,
    'ALTER TABLE journal ALTER COLUMN data SET STORAGE EXTERNAL',
    // NULL for what needs no check: entries before this one have decided it.
    `CREATE FUNCTION ostinato_append_entry_v1(
      in_shard integer, in_range bigint, in_sequence bigint, entry bytea,
      in_namespace text, in_workflow text, in_run text, run_exists boolean, expected_run text
    ) RETURNS void LANGUAGE plpgsql AS $function$
    BEGIN
      -- A concurrent acquire makes this wait and then not match.
      PERFORM 1 FROM shards s WHERE s.shard_id = in_shard AND s.range_id = in_range FOR NO KEY UPDATE;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'shard is fenced' USING ERRCODE = 'OS001', DETAIL = in_shard::text;
      END IF;
      IF run_exists IS NOT NULL THEN
        PERFORM 1 FROM executions e WHERE e.shard_id = in_shard AND e.run_id = in_run
          AND e.namespace_id = in_namespace AND e.workflow_id = in_workflow;
        IF FOUND <> run_exists THEN
          RAISE EXCEPTION 'a run is there that is to be created, or is not there that is to be updated'
            USING ERRCODE = 'OS002';
        END IF;
      END IF;
      IF expected_run IS NOT NULL THEN
        PERFORM 1 FROM current_executions e WHERE e.shard_id = in_shard
          AND e.namespace_id = in_namespace AND e.workflow_id = in_workflow
          AND (expected_run = '' OR e.run_id = expected_run);
        IF FOUND = (expected_run = '') THEN
          RAISE EXCEPTION 'the current run of a workflow is not the expected one' USING ERRCODE = 'OS002';
        END IF;
      END IF;
      INSERT INTO journal (shard_id, range_id, sequence, data) VALUES (in_shard, in_range, in_sequence, entry);
    END
    $function$`,
    // Whoever finds all of these entries brings them to the tables in the same transaction. SQLSTATE OS004: somebody else has taken some. Of
    // two, one waits for the other's rows and then does not find them.
    `CREATE FUNCTION ostinato_take_entries_v1(shard_ids integer[], shard_ranges bigint[], sequences bigint[])
    RETURNS void LANGUAGE plpgsql AS $function$
    DECLARE
      taken integer;
    BEGIN
      DELETE FROM journal j USING unnest(shard_ids, shard_ranges, sequences) AS d (shard_id, range_id, sequence)
        WHERE j.shard_id = d.shard_id AND j.range_id = d.range_id AND j.sequence = d.sequence;
      GET DIAGNOSTICS taken = ROW_COUNT;
      IF taken <> coalesce(cardinality(shard_ids), 0) THEN
        RAISE EXCEPTION 'entries of a journal are gone' USING ERRCODE = 'OS004';
      END IF;
    END
    $function$`,
    `CREATE FUNCTION ostinato_put_shard_infos_v1(shard_ids integer[], infos bytea[]) RETURNS void LANGUAGE plpgsql AS $function$
    BEGIN
      FOR i IN 1 .. coalesce(cardinality(shard_ids), 0) LOOP
        UPDATE shards s SET info = infos[i] WHERE s.shard_id = shard_ids[i];
      END LOOP;
    END
    $function$`,
  ],
};
