// Visibility's schemas by backend, for `ostinato schema`.

import type { NeighbourSchemas } from '../persistence/index.ts';
import { postgresVisibilitySchema, VISIBILITY_SCHEMA_NAME } from './postgres/schema.ts';
import { sqliteVisibilitySchema } from './sqlite/schema.ts';
import { FILE_SUFFIX } from './sqlite/sqlite-visibility-store.ts';

export const visibilitySchemas: NeighbourSchemas = {
  sqlite: [{ suffix: FILE_SUFFIX, steps: sqliteVisibilitySchema }],
  postgres: [{ name: VISIBILITY_SCHEMA_NAME, steps: postgresVisibilitySchema }],
};
