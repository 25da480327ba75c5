// Version 1 of the PostgreSQL schema. Keys compare bytewise (COLLATE "C"): ids have no language, and every store then has the
// same order. bytea columns that every change rewrites are not compressed: it costs CPU on each commit and saves little.

import type { SchemaStep } from '../../schema-version.ts';

export const version1: SchemaStep = {
  version: 1,
  minCompatibleVersion: 1,
  summary: 'shards, executions, history, tasks, task queues, namespaces, documents, members',
  statements: [
    `CREATE TABLE shards (
      shard_id integer PRIMARY KEY,
      range_id bigint NOT NULL,
      owner text NOT NULL,
      info bytea
    ) WITH (fillfactor = 10)`, // rewritten in place for as long as the server runs: leave room on the page
    `CREATE TABLE executions (
      shard_id integer NOT NULL,
      run_id text COLLATE "C" NOT NULL,
      namespace_id text COLLATE "C" NOT NULL,
      workflow_id text COLLATE "C" NOT NULL,
      state bytea NOT NULL,
      PRIMARY KEY (shard_id, run_id, namespace_id, workflow_id)
    ) WITH (fillfactor = 70)`,
    'ALTER TABLE executions ALTER COLUMN state SET STORAGE EXTERNAL',
    `CREATE TABLE execution_parts (
      shard_id integer NOT NULL,
      run_id text COLLATE "C" NOT NULL,
      namespace_id text COLLATE "C" NOT NULL,
      workflow_id text COLLATE "C" NOT NULL,
      kind smallint NOT NULL,
      part_key text COLLATE "C" NOT NULL,
      data bytea NOT NULL,
      PRIMARY KEY (shard_id, run_id, namespace_id, workflow_id, kind, part_key)
    ) WITH (fillfactor = 80)`,
    'ALTER TABLE execution_parts ALTER COLUMN data SET STORAGE EXTERNAL',
    `CREATE TABLE current_executions (
      shard_id integer NOT NULL,
      namespace_id text COLLATE "C" NOT NULL,
      workflow_id text COLLATE "C" NOT NULL,
      run_id text COLLATE "C" NOT NULL,
      data bytea NOT NULL,
      PRIMARY KEY (shard_id, namespace_id, workflow_id)
    ) WITH (fillfactor = 80)`,
    `CREATE TABLE history_branches (
      shard_id integer NOT NULL,
      tree_id text COLLATE "C" NOT NULL,
      branch_id text COLLATE "C" NOT NULL,
      data bytea NOT NULL,
      PRIMARY KEY (shard_id, tree_id, branch_id)
    )`,
    `CREATE TABLE history_nodes (
      shard_id integer NOT NULL,
      tree_id text COLLATE "C" NOT NULL,
      branch_id text COLLATE "C" NOT NULL,
      node_id bigint NOT NULL,
      data bytea NOT NULL,
      PRIMARY KEY (shard_id, tree_id, branch_id, node_id)
    )`,
    // Rows live for seconds. Vacuum early, or scans from the acknowledged level walk over dead rows.
    `CREATE TABLE tasks (
      shard_id integer NOT NULL,
      category smallint NOT NULL,
      fire_time_ms bigint NOT NULL,
      task_id bigint NOT NULL,
      data bytea NOT NULL,
      PRIMARY KEY (shard_id, category, fire_time_ms, task_id)
    ) WITH (autovacuum_vacuum_scale_factor = 0.05)`,
    `CREATE TABLE task_queues (
      queue_key text COLLATE "C" PRIMARY KEY,
      namespace_id text COLLATE "C" NOT NULL,
      range_id bigint NOT NULL,
      info bytea
    ) WITH (fillfactor = 50)`,
    'CREATE INDEX task_queues_by_namespace ON task_queues (namespace_id, queue_key)',
    `CREATE TABLE backlog_tasks (
      queue_key text COLLATE "C" NOT NULL,
      task_id bigint NOT NULL,
      data bytea NOT NULL,
      PRIMARY KEY (queue_key, task_id)
    ) WITH (autovacuum_vacuum_scale_factor = 0.05)`,
    `CREATE TABLE namespaces (
      id text COLLATE "C" PRIMARY KEY,
      name text COLLATE "C" NOT NULL UNIQUE,
      data bytea NOT NULL,
      notification_version bigint NOT NULL UNIQUE
    )`,
    // One row: the last notification version given out. It must not fall when the newest namespace is deleted.
    'CREATE TABLE notification_version (only_row boolean PRIMARY KEY CHECK (only_row), version bigint NOT NULL)',
    'INSERT INTO notification_version (only_row, version) VALUES (true, 0)',
    `CREATE TABLE documents (
      name text COLLATE "C" PRIMARY KEY,
      data bytea NOT NULL,
      version bigint NOT NULL
    )`,
    `CREATE TABLE members (
      host_id text COLLATE "C" PRIMARY KEY,
      data bytea NOT NULL,
      expires_at_ms bigint NOT NULL
    ) WITH (fillfactor = 50)`,
    commitFunction(),
    taskQueueCommitFunction(),
  ],
};

/**
 * The whole commit as one call, so that a batch is one round trip and one implicit transaction. Arrays of one prefix have one
 * element per row. Everything is in order of arrival at a row: deletes before writes, so that what this batch writes stays.
 * SQLSTATE OS001: a shard has another range id (DETAIL: the shard id); OS002: a row was not as expected.
 * A later schema version brings ostinato_commit_v2 beside it: servers of both versions run during a rolling upgrade.
 */
function commitFunction(): string {
  return `CREATE FUNCTION ostinato_commit_v1(
    shard_ids integer[], shard_ranges bigint[], shard_infos bytea[],
    deleted_shards integer[], deleted_runs text[], deleted_namespaces text[], deleted_workflows text[],
    created_shards integer[], created_runs text[], created_namespaces text[], created_workflows text[],
    created_states bytea[],
    updated_shards integer[], updated_runs text[], updated_namespaces text[], updated_workflows text[],
    updated_states bytea[],
    part_shards integer[], part_runs text[], part_namespaces text[], part_workflows text[],
    part_kinds smallint[], part_keys text[], part_data bytea[],
    gone_part_shards integer[], gone_part_runs text[], gone_part_namespaces text[], gone_part_workflows text[],
    gone_part_kinds smallint[], gone_part_keys text[],
    current_shards integer[], current_namespaces text[], current_workflows text[],
    current_expected text[], current_runs text[], current_data bytea[],
    branch_shards integer[], branch_trees text[], branch_ids text[], branch_data bytea[],
    node_shards integer[], node_trees text[], node_branches text[], node_ids bigint[], node_data bytea[],
    task_shards integer[], task_categories smallint[], task_times bigint[], task_ids bigint[], task_data bytea[],
    done_shards integer[], done_categories smallint[],
    done_from_times bigint[], done_from_ids bigint[], done_to_times bigint[], done_to_ids bigint[]
  ) RETURNS void LANGUAGE plpgsql AS $function$
  DECLARE
    touched integer;
    step integer;
    lost_shard integer;
  BEGIN
    -- In shard order, so that two batches never wait for each other. A concurrent acquire makes this wait and then not match.
    PERFORM 1 FROM shards s JOIN unnest(shard_ids, shard_ranges) AS c (shard_id, range_id)
      ON s.shard_id = c.shard_id AND s.range_id = c.range_id
      ORDER BY s.shard_id FOR NO KEY UPDATE OF s;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> cardinality(shard_ids) THEN
      SELECT c.shard_id INTO lost_shard FROM unnest(shard_ids, shard_ranges) AS c (shard_id, range_id)
        WHERE NOT EXISTS (SELECT 1 FROM shards s WHERE s.shard_id = c.shard_id AND s.range_id = c.range_id)
        ORDER BY c.shard_id LIMIT 1;
      RAISE EXCEPTION 'shard is fenced' USING ERRCODE = 'OS001', DETAIL = coalesce(lost_shard, shard_ids[1])::text;
    END IF;
    IF array_remove(shard_infos, NULL) <> '{}' THEN
      UPDATE shards s SET info = c.info FROM unnest(shard_ids, shard_infos) AS c (shard_id, info)
        WHERE s.shard_id = c.shard_id AND c.info IS NOT NULL;
    END IF;

    IF cardinality(done_shards) > 0 THEN
      DELETE FROM tasks t
        USING unnest(done_shards, done_categories, done_from_times, done_from_ids, done_to_times, done_to_ids)
          AS d (shard_id, category, from_time, from_id, to_time, to_id)
        WHERE t.shard_id = d.shard_id AND t.category = d.category
          AND (t.fire_time_ms, t.task_id) >= (d.from_time, d.from_id)
          AND (t.fire_time_ms, t.task_id) < (d.to_time, d.to_id);
    END IF;

    IF cardinality(deleted_shards) > 0 THEN
      DELETE FROM executions e
        USING unnest(deleted_shards, deleted_runs, deleted_namespaces, deleted_workflows)
          AS d (shard_id, run_id, namespace_id, workflow_id)
        WHERE e.shard_id = d.shard_id AND e.run_id = d.run_id
          AND e.namespace_id = d.namespace_id AND e.workflow_id = d.workflow_id;
      DELETE FROM execution_parts p
        USING unnest(deleted_shards, deleted_runs, deleted_namespaces, deleted_workflows)
          AS d (shard_id, run_id, namespace_id, workflow_id)
        WHERE p.shard_id = d.shard_id AND p.run_id = d.run_id
          AND p.namespace_id = d.namespace_id AND p.workflow_id = d.workflow_id;
    END IF;
    IF cardinality(created_shards) > 0 THEN
      INSERT INTO executions (shard_id, run_id, namespace_id, workflow_id, state)
        SELECT * FROM unnest(created_shards, created_runs, created_namespaces, created_workflows, created_states)
        ON CONFLICT DO NOTHING;
      GET DIAGNOSTICS touched = ROW_COUNT;
      IF touched <> cardinality(created_shards) THEN
        RAISE EXCEPTION 'a run to create exists already' USING ERRCODE = 'OS002';
      END IF;
    END IF;
    IF cardinality(updated_shards) > 0 THEN
      UPDATE executions e SET state = u.state
        FROM unnest(updated_shards, updated_runs, updated_namespaces, updated_workflows, updated_states)
          AS u (shard_id, run_id, namespace_id, workflow_id, state)
        WHERE e.shard_id = u.shard_id AND e.run_id = u.run_id
          AND e.namespace_id = u.namespace_id AND e.workflow_id = u.workflow_id;
      GET DIAGNOSTICS touched = ROW_COUNT;
      IF touched <> cardinality(updated_shards) THEN
        RAISE EXCEPTION 'a run to update does not exist' USING ERRCODE = 'OS002';
      END IF;
    END IF;

    IF cardinality(gone_part_shards) > 0 THEN
      DELETE FROM execution_parts p
        USING unnest(gone_part_shards, gone_part_runs, gone_part_namespaces, gone_part_workflows,
          gone_part_kinds, gone_part_keys) AS d (shard_id, run_id, namespace_id, workflow_id, kind, part_key)
        WHERE p.shard_id = d.shard_id AND p.run_id = d.run_id AND p.namespace_id = d.namespace_id
          AND p.workflow_id = d.workflow_id AND p.kind = d.kind AND p.part_key = d.part_key;
    END IF;
    IF cardinality(part_shards) > 0 THEN
      INSERT INTO execution_parts (shard_id, run_id, namespace_id, workflow_id, kind, part_key, data)
        SELECT * FROM unnest(part_shards, part_runs, part_namespaces, part_workflows, part_kinds, part_keys, part_data)
        ON CONFLICT (shard_id, run_id, namespace_id, workflow_id, kind, part_key) DO UPDATE SET data = excluded.data;
    END IF;

    -- An expected run of '' means no row, a new run of NULL removes it.
    IF cardinality(current_shards) > 0 THEN
      touched := 0;
      IF '' = ANY (current_expected) THEN
        INSERT INTO current_executions (shard_id, namespace_id, workflow_id, run_id, data)
          SELECT shard_id, namespace_id, workflow_id, run_id, data
          FROM unnest(current_shards, current_namespaces, current_workflows, current_expected, current_runs, current_data)
            AS c (shard_id, namespace_id, workflow_id, expected, run_id, data)
          WHERE expected = '' AND run_id IS NOT NULL
          ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS step = ROW_COUNT;
        touched := touched + step;
        SELECT count(*) INTO step
          FROM unnest(current_shards, current_namespaces, current_workflows, current_expected, current_runs)
            AS c (shard_id, namespace_id, workflow_id, expected, run_id)
          WHERE expected = '' AND run_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM current_executions e WHERE e.shard_id = c.shard_id
              AND e.namespace_id = c.namespace_id AND e.workflow_id = c.workflow_id);
        touched := touched + step;
      END IF;
      IF array_remove(current_expected, '') <> '{}' THEN
        UPDATE current_executions e SET run_id = c.run_id, data = c.data
          FROM unnest(current_shards, current_namespaces, current_workflows, current_expected, current_runs, current_data)
            AS c (shard_id, namespace_id, workflow_id, expected, run_id, data)
          WHERE e.shard_id = c.shard_id AND e.namespace_id = c.namespace_id AND e.workflow_id = c.workflow_id
            AND e.run_id = c.expected AND c.expected <> '' AND c.run_id IS NOT NULL;
        GET DIAGNOSTICS step = ROW_COUNT;
        touched := touched + step;
        IF array_position(current_runs, NULL) IS NOT NULL THEN
          DELETE FROM current_executions e
            USING unnest(current_shards, current_namespaces, current_workflows, current_expected, current_runs)
              AS c (shard_id, namespace_id, workflow_id, expected, run_id)
            WHERE e.shard_id = c.shard_id AND e.namespace_id = c.namespace_id AND e.workflow_id = c.workflow_id
              AND e.run_id = c.expected AND c.expected <> '' AND c.run_id IS NULL;
          GET DIAGNOSTICS step = ROW_COUNT;
          touched := touched + step;
        END IF;
      END IF;
      IF touched <> cardinality(current_shards) THEN
        RAISE EXCEPTION 'the current run of a workflow is not the expected one' USING ERRCODE = 'OS002';
      END IF;
    END IF;

    IF cardinality(branch_shards) > 0 THEN
      INSERT INTO history_branches (shard_id, tree_id, branch_id, data)
        SELECT * FROM unnest(branch_shards, branch_trees, branch_ids, branch_data)
        ON CONFLICT (shard_id, tree_id, branch_id) DO UPDATE SET data = excluded.data;
    END IF;
    IF cardinality(node_shards) > 0 THEN
      INSERT INTO history_nodes (shard_id, tree_id, branch_id, node_id, data)
        SELECT * FROM unnest(node_shards, node_trees, node_branches, node_ids, node_data)
        ON CONFLICT (shard_id, tree_id, branch_id, node_id) DO UPDATE SET data = excluded.data;
    END IF;
    IF cardinality(task_shards) > 0 THEN
      INSERT INTO tasks (shard_id, category, fire_time_ms, task_id, data)
        SELECT * FROM unnest(task_shards, task_categories, task_times, task_ids, task_data)
        ON CONFLICT (shard_id, category, fire_time_ms, task_id) DO UPDATE SET data = excluded.data;
    END IF;
  END
  $function$`;
}

/** SQLSTATE OS003: a task queue has another range id (DETAIL: its key). NULL in delete levels and infos: leave as it is. */
function taskQueueCommitFunction(): string {
  return `CREATE FUNCTION ostinato_commit_task_queues_v1(
    queue_keys text[], queue_ranges bigint[], queue_delete_levels bigint[], queue_infos bytea[],
    task_queue_keys text[], new_task_ids bigint[], new_task_data bytea[]
  ) RETURNS void LANGUAGE plpgsql AS $function$
  DECLARE
    touched integer;
    lost_queue text;
  BEGIN
    PERFORM 1 FROM task_queues q JOIN unnest(queue_keys, queue_ranges) AS c (queue_key, range_id)
      ON q.queue_key = c.queue_key AND q.range_id = c.range_id
      ORDER BY q.queue_key FOR NO KEY UPDATE OF q;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> cardinality(queue_keys) THEN
      SELECT c.queue_key INTO lost_queue FROM unnest(queue_keys, queue_ranges) AS c (queue_key, range_id)
        WHERE NOT EXISTS (SELECT 1 FROM task_queues q WHERE q.queue_key = c.queue_key AND q.range_id = c.range_id)
        ORDER BY c.queue_key LIMIT 1;
      RAISE EXCEPTION 'task queue is fenced' USING ERRCODE = 'OS003', DETAIL = coalesce(lost_queue, queue_keys[1]);
    END IF;
    IF array_remove(queue_delete_levels, NULL) <> '{}' THEN
      DELETE FROM backlog_tasks t USING unnest(queue_keys, queue_delete_levels) AS d (queue_key, up_to)
        WHERE t.queue_key = d.queue_key AND t.task_id <= d.up_to;
    END IF;
    IF cardinality(task_queue_keys) > 0 THEN
      INSERT INTO backlog_tasks (queue_key, task_id, data)
        SELECT * FROM unnest(task_queue_keys, new_task_ids, new_task_data)
        ON CONFLICT (queue_key, task_id) DO UPDATE SET data = excluded.data;
    END IF;
    IF array_remove(queue_infos, NULL) <> '{}' THEN
      UPDATE task_queues q SET info = c.info FROM unnest(queue_keys, queue_infos) AS c (queue_key, info)
        WHERE q.queue_key = c.queue_key AND c.info IS NOT NULL;
    END IF;
  END
  $function$`;
}
