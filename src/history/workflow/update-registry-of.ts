import { updateLimits } from '../limits.ts';
import { UpdateRegistry } from './update/index.ts';
import type { Workflow } from './workflow.ts';

/** The run's updates under way; built from its state on first use. */
export function updateRegistryOf(workflow: Workflow): UpdateRegistry {
  workflow.updateRegistry ??= new UpdateRegistry({
    stored: workflow.updates,
    isRunning: workflow.isRunning,
    limits: () => updateLimits(workflow.environment.config, workflow.namespace.name),
  });
  return workflow.updateRegistry;
}
