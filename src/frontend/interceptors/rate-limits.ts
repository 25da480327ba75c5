// Requests per second, per namespace and for the whole host (namespace_rate_limit.go, rate_limit.go, v1.31). Main loop.

import { ResourceExhaustedCause, ResourceExhaustedScope } from '#proto/temporal/api/enums/v1';
import type { Setting } from '../../config/dynamic-config.ts';
import { resourceExhausted } from '../../proto/service-errors.ts';
import { type FrontendServices, settingOf } from '../frontend-services.ts';
import { GROUP_PRIORITIES, type MethodQuota, type QuotaGroup, quotaOf } from '../quotas/method-quotas.ts';
import { PriorityLimiter, type PriorityRate, priorityRate } from '../quotas/priority-limiter.ts';
import type { RpcCall } from '../rpc-call.ts';
import * as settings from '../settings.ts';
import type { Interceptor } from './interceptor.ts';

/** Burst of the host's limits, in seconds of its rate (common/quotas/dynamic_rate_limiter_impl.go). */
const HOST_BURST_RATIO = 2;
/** How long looked-up rates are used: a change of settings need not act faster, and the hot path does no look-ups. */
const RATES_VALID_MS = 1000;
/** Namespaces whose buckets are kept; beyond this the oldest starts afresh. */
const MAX_NAMESPACES = 10_000;

interface NamespaceSettings {
  readonly perHost: Setting<number>;
  readonly global: Setting<number>;
  readonly burstRatio: Setting<number>;
}

const NAMESPACE_SETTINGS: Readonly<Record<QuotaGroup, NamespaceSettings>> = {
  execution: {
    perHost: settings.NAMESPACE_RPS,
    global: settings.GLOBAL_NAMESPACE_RPS,
    burstRatio: settings.NAMESPACE_BURST_RATIO,
  },
  visibility: {
    perHost: settings.NAMESPACE_VISIBILITY_RPS,
    global: settings.GLOBAL_NAMESPACE_VISIBILITY_RPS,
    burstRatio: settings.NAMESPACE_VISIBILITY_BURST_RATIO,
  },
  namespaceReplication: {
    perHost: settings.NAMESPACE_REPLICATION_RPS,
    global: settings.GLOBAL_NAMESPACE_REPLICATION_RPS,
    burstRatio: settings.NAMESPACE_REPLICATION_BURST_RATIO,
  },
};

type Rates = Readonly<Record<QuotaGroup, PriorityRate>>;

/** The three groups' limiters over one set of rates. */
class Limits {
  private readonly readRates: () => Rates;
  private readonly limiters = new Map<QuotaGroup, PriorityLimiter>();
  private rates: Rates | undefined;
  private readAtMs = 0;

  constructor(readRates: () => Rates) {
    this.readRates = readRates;
  }

  allow(quota: MethodQuota, operator: boolean, nowMs: number): boolean {
    let rates = this.rates;
    if (rates === undefined || nowMs - this.readAtMs >= RATES_VALID_MS || nowMs < this.readAtMs) {
      rates = this.readRates();
      this.rates = rates;
      this.readAtMs = nowMs;
    }
    const rate = rates[quota.group];
    let limiter = this.limiters.get(quota.group);
    if (limiter === undefined) {
      limiter = new PriorityLimiter(GROUP_PRIORITIES[quota.group], rate, nowMs);
      this.limiters.set(quota.group, limiter);
    }
    return limiter.allow(operator ? 0 : quota.priority, rate, nowMs);
  }
}

export function namespaceRateLimit(services: FrontendServices): Interceptor {
  const byNamespace = new Map<string, Limits>();
  return (call) => {
    // As in Temporal a namespace that is about to be registered counts too; one that does not exist does not.
    if (call.namespaceName === '' || (call.namespace === undefined && call.rpc.namespaceRule !== 'named')) return;
    const quota = methodQuota(call);
    if (quota === undefined) return;
    const nowMs = services.clock.nowMs();
    let limits = byNamespace.get(call.namespaceName);
    if (limits === undefined) {
      const name = call.namespaceName;
      if (byNamespace.size >= MAX_NAMESPACES) byNamespace.delete(byNamespace.keys().next().value as string);
      limits = new Limits(() => namespaceRates(services, name));
      byNamespace.set(name, limits);
    }
    if (limits.allow(quota, isOperator(call), nowMs)) return;
    throw resourceExhausted(
      'namespace rate limit exceeded',
      ResourceExhaustedCause.RPS_LIMIT,
      ResourceExhaustedScope.NAMESPACE,
    );
  };
}

export function hostRateLimit(services: FrontendServices): Interceptor {
  const limits = new Limits(() => hostRates(services));
  return (call) => {
    const quota = methodQuota(call);
    if (quota === undefined || limits.allow(quota, isOperator(call), services.clock.nowMs())) return;
    throw resourceExhausted(
      'service rate limit exceeded',
      ResourceExhaustedCause.RPS_LIMIT,
      ResourceExhaustedScope.SYSTEM,
    );
  };
}

function methodQuota(call: RpcCall): MethodQuota | undefined {
  const { service, method, quotaMethod } = call.rpc;
  if (service === 'AdminService') return undefined; // shares method names with the others
  return quotaOf(quotaMethod === undefined ? method : quotaMethod(call.request));
}

function isOperator(call: RpcCall): boolean {
  return call.server.metadata.get('caller-type') === 'operator';
}

function namespaceRates(services: FrontendServices, namespace: string): Rates {
  const operatorRatio = settingOf(services, settings.OPERATOR_RPS_RATIO);
  const rateOf = ({ perHost, global, burstRatio }: NamespaceSettings): PriorityRate => {
    const globalRate = settingOf(services, global, namespace);
    const perSecond = globalRate > 0 ? globalRate / services.hostCount() : settingOf(services, perHost, namespace);
    const burst = Math.max(1, Math.ceil(perSecond * settingOf(services, burstRatio, namespace)));
    return priorityRate({ perSecond, burst }, operatorRatio);
  };
  return {
    execution: rateOf(NAMESPACE_SETTINGS.execution),
    visibility: rateOf(NAMESPACE_SETTINGS.visibility),
    namespaceReplication: rateOf(NAMESPACE_SETTINGS.namespaceReplication),
  };
}

function hostRates(services: FrontendServices): Rates {
  const globalRate = settingOf(services, settings.GLOBAL_RPS);
  const perSecond = globalRate > 0 ? globalRate / services.hostCount() : settingOf(services, settings.HOST_RPS);
  const replicationPerSecond = settingOf(services, settings.HOST_NAMESPACE_REPLICATION_RPS);
  const operatorRatio = settingOf(services, settings.OPERATOR_RPS_RATIO);
  const rateOf = (value: number): PriorityRate =>
    priorityRate({ perSecond: value, burst: value * HOST_BURST_RATIO }, operatorRatio);
  const rate = rateOf(perSecond);
  return { execution: rate, visibility: rate, namespaceReplication: rateOf(replicationPerSecond) };
}
