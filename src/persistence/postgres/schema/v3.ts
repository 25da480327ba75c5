// Version 3 of the PostgreSQL schema: the commit of one change of one run again, for rows that are new. A plain INSERT looks into its index once
// and writes one record of the log; one with ON CONFLICT looks twice and writes two. A row that is there already is the caller's to
// deal with: it gets SQLSTATE 23505, nothing is written, and version 1's function decides. Row by row: lists have one element, seldom
// more, and a scan over unnest() costs more than the row. Tables are those of version 1.

import type { SchemaStep } from '../../schema-version.ts';

export const version3: SchemaStep = {
  version: 3,
  minCompatibleVersion: 1,
  summary: 'commits of a single change write new rows without asking whether they are there',
  statements: [
    `CREATE FUNCTION ostinato_commit_run_v3(
      in_shard integer, in_range bigint,
      in_namespace text, in_workflow text, in_run text, is_new boolean, new_state bytea,
      part_kinds smallint[], part_keys text[], part_data bytea[],
      expected_run text, current_run text, current_data bytea,
      in_tree text, in_branch text, branch_data bytea, node_ids bigint[], node_data bytea[],
      task_categories smallint[], task_times bigint[], task_ids bigint[], task_data bytea[]
    ) RETURNS void LANGUAGE plpgsql AS $function$
    BEGIN
      -- A concurrent acquire makes this wait and then not match.
      PERFORM 1 FROM shards s WHERE s.shard_id = in_shard AND s.range_id = in_range FOR NO KEY UPDATE;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'shard is fenced' USING ERRCODE = 'OS001', DETAIL = in_shard::text;
      END IF;

      IF is_new THEN
        INSERT INTO executions (shard_id, run_id, namespace_id, workflow_id, state)
          VALUES (in_shard, in_run, in_namespace, in_workflow, new_state);
      ELSE
        UPDATE executions e SET state = new_state
          WHERE e.shard_id = in_shard AND e.run_id = in_run
            AND e.namespace_id = in_namespace AND e.workflow_id = in_workflow;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'a run to update does not exist' USING ERRCODE = 'OS002';
        END IF;
      END IF;

      -- Data of NULL removes the part. Parts are what changes again and again: one that is there is no exception.
      FOR i IN 1 .. coalesce(cardinality(part_kinds), 0) LOOP
        IF part_data[i] IS NULL THEN
          DELETE FROM execution_parts p
            WHERE p.shard_id = in_shard AND p.run_id = in_run AND p.namespace_id = in_namespace
              AND p.workflow_id = in_workflow AND p.kind = part_kinds[i] AND p.part_key = part_keys[i];
        ELSE
          UPDATE execution_parts p SET data = part_data[i]
            WHERE p.shard_id = in_shard AND p.run_id = in_run AND p.namespace_id = in_namespace
              AND p.workflow_id = in_workflow AND p.kind = part_kinds[i] AND p.part_key = part_keys[i];
          IF NOT FOUND THEN
            INSERT INTO execution_parts (shard_id, run_id, namespace_id, workflow_id, kind, part_key, data)
              VALUES (in_shard, in_run, in_namespace, in_workflow, part_kinds[i], part_keys[i], part_data[i]);
          END IF;
        END IF;
      END LOOP;

      -- NULL: the row stays as it is. '': there must be none.
      IF expected_run = '' THEN
        INSERT INTO current_executions (shard_id, namespace_id, workflow_id, run_id, data)
          VALUES (in_shard, in_namespace, in_workflow, current_run, current_data);
      ELSIF expected_run IS NOT NULL THEN
        UPDATE current_executions e SET run_id = current_run, data = current_data
          WHERE e.shard_id = in_shard AND e.namespace_id = in_namespace AND e.workflow_id = in_workflow
            AND e.run_id = expected_run;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'the current run of a workflow is not the expected one' USING ERRCODE = 'OS002';
        END IF;
      END IF;

      IF branch_data IS NOT NULL THEN
        INSERT INTO history_branches (shard_id, tree_id, branch_id, data)
          VALUES (in_shard, in_tree, in_branch, branch_data);
      END IF;
      FOR i IN 1 .. coalesce(cardinality(node_ids), 0) LOOP
        INSERT INTO history_nodes (shard_id, tree_id, branch_id, node_id, data)
          VALUES (in_shard, in_tree, in_branch, node_ids[i], node_data[i]);
      END LOOP;
      FOR i IN 1 .. coalesce(cardinality(task_ids), 0) LOOP
        INSERT INTO tasks (shard_id, category, fire_time_ms, task_id, data)
          VALUES (in_shard, task_categories[i], task_times[i], task_ids[i], task_data[i]);
      END LOOP;
    END
    $function$`,
  ],
};
