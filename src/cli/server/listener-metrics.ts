// Lets the gRPC listener count in this server's metrics: its interface knows names and deltas only.

import type { Metrics } from '../../metrics/metrics.ts';
import type { RpcMetrics } from '../../rpc/index.ts';

const NAME_PREFIX = 'ostinato_';

export function listenerMetrics(metrics: Metrics): RpcMetrics {
  return {
    counter: (name, help) => metrics.counter({ name: NAME_PREFIX + name, help, kind: 'counter' }),
    gauge: (name, help) => {
      const gauge = metrics.gauge({ name: NAME_PREFIX + name, help, kind: 'gauge' });
      let value = 0;
      return {
        add: (delta) => {
          value += delta;
          gauge.set(value);
        },
      };
    },
  };
}
