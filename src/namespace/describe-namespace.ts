// A namespace record as the public API describes it. Temporal 1.31 namespace_handler.go (createResponse). Worker thread.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { ReplicationState } from '#proto/temporal/api/enums/v1';
import type { NamespaceConfigInit, NamespaceInfoInit } from '#proto/temporal/api/namespace/v1';
import type { NamespaceReplicationConfigInit } from '#proto/temporal/api/replication/v1';
import type { DescribeNamespaceResponseInit } from '#proto/temporal/api/workflowservice/v1';
import type { DynamicConfig } from '../config/dynamic-config.ts';
import * as settings from './settings.ts';
import { SYSTEM_NAMESPACE_ID } from './system-namespace.ts';

export function describeNamespace(record: NamespaceRecord, config: DynamicConfig): DescribeNamespaceResponseInit {
  return {
    namespaceInfo: namespaceInfo(record, config),
    config: namespaceConfig(record),
    replicationConfig: replicationConfig(record),
    failoverVersion: record.failoverVersion,
    isGlobalNamespace: record.isGlobal,
  };
}

function namespaceInfo(record: NamespaceRecord, config: DynamicConfig): NamespaceInfoInit {
  const namespace = { namespace: record.name };
  const standaloneActivities = config.get(settings.ENABLE_STANDALONE_ACTIVITIES, namespace);
  return {
    name: record.name,
    state: record.state,
    description: record.description,
    ownerEmail: record.ownerEmail,
    data: record.data,
    id: record.id,
    capabilities: {
      eagerWorkflowStart: config.get(settings.ENABLE_EAGER_WORKFLOW_START, namespace),
      syncUpdate: config.get(settings.ENABLE_UPDATE, namespace),
      asyncUpdate: config.get(settings.ENABLE_UPDATE_ASYNC, namespace),
      reportedProblemsSearchAttribute: config.get(settings.REPORTED_PROBLEMS_THRESHOLD, namespace) > 0,
      // Differs: what workers report is not kept yet; a worker that is told so sends nothing.
      workerHeartbeats: false,
      workflowPause: config.get(settings.ENABLE_WORKFLOW_PAUSE, namespace),
      standaloneActivities,
      standaloneActivityStartDelay: standaloneActivities && config.get(settings.ENABLE_ACTIVITY_START_DELAY, namespace),
      standaloneActivityOperatorCommands:
        standaloneActivities && config.get(settings.ENABLE_ACTIVITY_OPERATOR_COMMANDS, namespace),
      workerPollCompleteOnShutdown: config.get(settings.CANCEL_WORKER_POLLS_ON_SHUTDOWN, namespace),
      pollerAutoscaling: true,
    },
    limits: {
      blobSizeLimitError: config.get(settings.BLOB_SIZE_LIMIT_ERROR, namespace),
      memoSizeLimitError: config.get(settings.MEMO_SIZE_LIMIT_ERROR, namespace),
    },
    // Differs: there are none yet.
    supportsSchedules: false,
  };
}

function namespaceConfig(record: NamespaceRecord): NamespaceConfigInit {
  return {
    workflowExecutionRetentionTtl: record.retention,
    historyArchivalState: record.historyArchivalState,
    historyArchivalUri: record.historyArchivalUri,
    visibilityArchivalState: record.visibilityArchivalState,
    visibilityArchivalUri: record.visibilityArchivalUri,
    badBinaries: record.badBinaries,
    customSearchAttributeAliases: record.customSearchAttributeAliases,
  };
}

function replicationConfig(record: NamespaceRecord): NamespaceReplicationConfigInit {
  return {
    activeClusterName: record.activeCluster,
    clusters: record.clusters.map((clusterName) => ({ clusterName })),
    state: record.id === SYSTEM_NAMESPACE_ID ? ReplicationState.UNSPECIFIED : ReplicationState.NORMAL,
  };
}
