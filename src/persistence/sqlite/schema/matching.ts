// Schema of the matching file: leases and backlogs of task-queue partitions.

import type { SchemaStep } from '../../schema-version.ts';

export const matchingSchema: readonly SchemaStep[] = [
  {
    version: 1,
    minCompatibleVersion: 1,
    summary: 'task queues and their backlogs',
    statements: [
      `CREATE TABLE task_queues (
        queue_key TEXT PRIMARY KEY,
        namespace_id TEXT NOT NULL,
        range_id INTEGER NOT NULL,
        info BLOB
      ) WITHOUT ROWID`,
      'CREATE INDEX task_queues_by_namespace ON task_queues (namespace_id, queue_key)',
      `CREATE TABLE backlog_tasks (
        queue_key TEXT NOT NULL,
        task_id INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (queue_key, task_id)
      ) WITHOUT ROWID`,
    ],
  },
];
