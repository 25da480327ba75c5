// Version 2 of the PostgreSQL schema: a function for the commit that nearly all are at low load, one change of one run. Columns travel as
// single values: no lists to unpack and to join, a third less of the database's time (docs/performance.md). Tables are those of version 1, whose
// function stays, for everything else and for servers that know no other.

import type { SchemaStep } from '../../schema-version.ts';

export const version2: SchemaStep = {
  version: 2,
  minCompatibleVersion: 1,
  summary: 'commits of a single change have a function of their own',
  statements: [
    `CREATE FUNCTION ostinato_commit_run_v2(
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
          VALUES (in_shard, in_run, in_namespace, in_workflow, new_state)
          ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'a run to create exists already' USING ERRCODE = 'OS002';
        END IF;
      ELSE
        UPDATE executions e SET state = new_state
          WHERE e.shard_id = in_shard AND e.run_id = in_run
            AND e.namespace_id = in_namespace AND e.workflow_id = in_workflow;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'a run to update does not exist' USING ERRCODE = 'OS002';
        END IF;
      END IF;

      -- Data of NULL removes the part.
      IF part_kinds IS NOT NULL THEN
        IF array_position(part_data, NULL) IS NOT NULL THEN
          DELETE FROM execution_parts p
            USING unnest(part_kinds, part_keys, part_data) AS c (kind, part_key, data)
            WHERE p.shard_id = in_shard AND p.run_id = in_run
              AND p.namespace_id = in_namespace AND p.workflow_id = in_workflow
              AND p.kind = c.kind AND p.part_key = c.part_key AND c.data IS NULL;
        END IF;
        IF array_remove(part_data, NULL) <> '{}' THEN
          INSERT INTO execution_parts (shard_id, run_id, namespace_id, workflow_id, kind, part_key, data)
            SELECT in_shard, in_run, in_namespace, in_workflow, c.kind, c.part_key, c.data
            FROM unnest(part_kinds, part_keys, part_data) AS c (kind, part_key, data) WHERE c.data IS NOT NULL
            ON CONFLICT (shard_id, run_id, namespace_id, workflow_id, kind, part_key) DO UPDATE SET data = excluded.data;
        END IF;
      END IF;

      -- NULL: the row stays as it is. '': there must be none.
      IF expected_run IS NOT NULL THEN
        IF expected_run = '' THEN
          INSERT INTO current_executions (shard_id, namespace_id, workflow_id, run_id, data)
            VALUES (in_shard, in_namespace, in_workflow, current_run, current_data)
            ON CONFLICT DO NOTHING;
        ELSE
          UPDATE current_executions e SET run_id = current_run, data = current_data
            WHERE e.shard_id = in_shard AND e.namespace_id = in_namespace AND e.workflow_id = in_workflow
              AND e.run_id = expected_run;
        END IF;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'the current run of a workflow is not the expected one' USING ERRCODE = 'OS002';
        END IF;
      END IF;

      IF branch_data IS NOT NULL THEN
        INSERT INTO history_branches (shard_id, tree_id, branch_id, data)
          VALUES (in_shard, in_tree, in_branch, branch_data)
          ON CONFLICT (shard_id, tree_id, branch_id) DO UPDATE SET data = excluded.data;
      END IF;
      IF node_ids IS NOT NULL THEN
        INSERT INTO history_nodes (shard_id, tree_id, branch_id, node_id, data)
          SELECT in_shard, in_tree, in_branch, n.node_id, n.data FROM unnest(node_ids, node_data) AS n (node_id, data)
          ON CONFLICT (shard_id, tree_id, branch_id, node_id) DO UPDATE SET data = excluded.data;
      END IF;
      IF task_ids IS NOT NULL THEN
        INSERT INTO tasks (shard_id, category, fire_time_ms, task_id, data)
          SELECT in_shard, t.category, t.fire_time, t.task_id, t.data
          FROM unnest(task_categories, task_times, task_ids, task_data) AS t (category, fire_time, task_id, data)
          ON CONFLICT (shard_id, category, fire_time_ms, task_id) DO UPDATE SET data = excluded.data;
      END IF;
    END
    $function$`,
  ],
};
