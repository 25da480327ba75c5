import { defineSetting } from '../../config/dynamic-config.ts';
import { UpdateRegistry } from './update/index.ts';
import type { Workflow } from './workflow.ts';

const MAX_IN_FLIGHT = defineSetting({
  key: 'history.maxInFlightUpdates',
  type: 'int',
  scope: 'namespace',
  defaultValue: 10,
});
const MAX_IN_FLIGHT_BYTES = defineSetting({
  key: 'history.maxInFlightUpdatePayloads',
  type: 'int',
  scope: 'namespace',
  defaultValue: 20 * 1024 * 1024,
});
const MAX_TOTAL = defineSetting({
  key: 'history.maxTotalUpdates',
  type: 'int',
  scope: 'namespace',
  defaultValue: 2000,
});
const SUGGEST_THRESHOLD = defineSetting({
  key: 'history.maxTotalUpdates.suggestContinueAsNewThreshold',
  type: 'float',
  scope: 'namespace',
  defaultValue: 0.9,
});

/** The run's updates under way; built from its state on first use. */
export function updateRegistryOf(workflow: Workflow): UpdateRegistry {
  workflow.updateRegistry ??= new UpdateRegistry({
    stored: workflow.updates.entriesOf(),
    isRunning: workflow.isRunning,
    limits: () => {
      const { config } = workflow.environment;
      const constraints = { namespace: workflow.namespace.name };
      return {
        maxInFlight: config.get(MAX_IN_FLIGHT, constraints),
        maxInFlightBytes: config.get(MAX_IN_FLIGHT_BYTES, constraints),
        maxTotal: config.get(MAX_TOTAL, constraints),
        suggestContinueAsNewThreshold: config.get(SUGGEST_THRESHOLD, constraints),
      };
    },
  });
  return workflow.updateRegistry;
}
