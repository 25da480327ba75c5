// What every call of the frontend shares: the way to the other services, the clock, settings and facts about this server.
// Built once by createFrontend. Main loop.

import type { Authorization } from '../auth/index.ts';
import type { Bag } from '../base/bag.ts';
import type { DynamicConfig, Setting, SettingValue } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { NamespaceRegistry } from '../namespace/namespace-registry.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ReadPartitionPicker } from '../runtime/partition-choice.ts';
import type { Router } from '../runtime/router.ts';
import type { SearchAttributesCheck } from './checks/search-attributes.ts';
import type { RpcInstruments } from './metrics.ts';
import type { Rpc } from './rpc.ts';
import type { RpcCall } from './rpc-call.ts';

export interface FrontendDependencies {
  readonly router: Router;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly dynamicConfig: DynamicConfig;
  readonly namespaces: NamespaceRegistry;
  readonly shardCount: number;
  readonly hostName: string;
  /** The Temporal version whose behaviour is served, `1.31.2`. */
  readonly serverVersion: string;
  /** Checks the search attributes of starts; without it they pass to history as they are. */
  readonly searchAttributes?: SearchAttributesCheck | undefined;
  /** Without it everything is allowed. */
  readonly authorization?: Authorization | undefined;
  /** Frontend hosts alive, over which global rates are divided. */
  readonly hostCount?: (() => number) | undefined;
  /** New request ids, update ids and poller ids. */
  readonly newUuid?: (() => string) | undefined;
  /** The clock of ServerCall.deadlineMs; a simulation brings its own. */
  readonly monotonicNowMs?: (() => number) | undefined;
}

/** The dependencies with their defaults filled. */
export interface FrontendServices extends FrontendDependencies {
  readonly hostCount: () => number;
  readonly newUuid: () => string;
  readonly monotonicNowMs: () => number;
  /** Instruments per method and namespace; see interceptors/telemetry.ts. */
  readonly instruments: WeakMap<Rpc, Map<string, RpcInstruments>>;
  /** Calls that wait for something to happen, so that stopping can end them. */
  readonly waitingCalls: Bag<RpcCall>;
  /** Spreads this host's polls over the partitions of a queue. */
  readonly readPartitions: ReadPartitionPicker;
  /** Verdicts on clients' versions; see api/eager-activities.ts. */
  readonly clientVersions: Map<string, boolean>;
}

/** A setting's value in a namespace, by name. */
export function settingOf<T extends SettingValue>(
  services: FrontendServices,
  setting: Setting<T>,
  namespace?: string,
): T {
  return services.dynamicConfig.get(setting, namespace === undefined ? undefined : { namespace });
}
