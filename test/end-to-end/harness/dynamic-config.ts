// The dynamic configuration that the suite needs of its target: limits low enough to be reached in a short test. Ostinato is
// started with it; another server (OSTINATO_E2E_TARGET) must have been. `node dynamic-config.ts` prints Temporal's file format.

export const DYNAMIC_CONFIG: Readonly<Record<string, unknown>> = {
  'limit.numPendingActivities.error': 20,
  'limit.numPendingChildExecutions.error': 20,
  'limit.numPendingSignals.error': 20,
  'limit.numPendingCancelRequests.error': 20,
  'limit.historyCount.error': 400,
  'limit.historyCount.warn': 350,
  'limit.historyCount.suggestContinueAsNew': 100,
  'history.maxTotalUpdates': 50,
  'history.maxTotalUpdates.suggestContinueAsNewThreshold': 0.5,
  'history.workflowTaskHeartbeatTimeout': '5s',
  'history.maxInFlightUpdates': 10,
  'history.maximumBufferedEventsBatch': 30,
  'frontend.namespaceRPS': 20000,
  'frontend.namespaceRPS.visibility': 1000,
  'frontend.rps': 20000,
  'frontend.namespaceBurstRatio.visibility': 1,
  'system.forceSearchAttributesCacheRefreshOnRead': true,
  'system.namespaceCacheRefreshInterval': '1s',
  'system.enableEagerWorkflowStart': true,
  'activity.enableStandalone': true,
  'history.enableStandaloneActivityOperatorCommands': true,
};

/** Needed by Temporal 1.31 for what Ostinato has always on, or does at once. */
export const TEMPORAL_ONLY: Readonly<Record<string, unknown>> = {
  'system.enableCrossNamespaceCommands': true,
  'system.enableActivityEagerExecution': true,
  'frontend.enableExecuteMultiOperation': true,
  'frontend.enableCancelWorkerPollsOnShutdown': true,
  // A deletion waits until the queues' acknowledgements are written.
  'history.transferProcessorUpdateAckInterval': '1s',
  'history.visibilityProcessorUpdateAckInterval': '1s',
};

if (import.meta.main) {
  for (const [key, value] of Object.entries({ ...DYNAMIC_CONFIG, ...TEMPORAL_ONLY })) {
    process.stdout.write(`${key}: [{value: ${JSON.stringify(value)}}]\n`);
  }
}
