// Reads the listeners' certificates again at `global.tls.refreshInterval` and passes on those that changed. Contents are compared,
// not times: mounted secrets change by a symbolic link. Owned by the composition root; main loop.

import { isDeepStrictEqual } from 'node:util';
import type { StaticTls } from '../../config/static-tls.ts';
import type { Logger } from '../../metrics/logger.ts';
import type { TlsOptions } from '../../rpc/index.ts';
import type { Clock, TimerHandle } from '../../runtime/clock.ts';
import { readTlsOptions } from './tls-options.ts';

/** However short the configured interval is; reading and checking takes about 1 ms of the main loop. */
const MIN_INTERVAL_MS = 100;

export interface TlsReloaderOptions {
  readonly config: StaticTls;
  /** What the listeners were created with. */
  readonly inUse: TlsOptions;
  readonly clock: Pick<Clock, 'after'>;
  readonly logger: Logger;
  readonly update: (options: TlsOptions) => void;
}

export class TlsReloader {
  readonly #options: TlsReloaderOptions;
  #inUse: TlsOptions;
  /** Message of the last failure: one that stays is told once. */
  #failure: string | undefined;
  #timer: TimerHandle | undefined;
  #stopped = false;

  constructor(options: TlsReloaderOptions) {
    this.#options = options;
    this.#inUse = options.inUse;
  }

  /** Does nothing with an interval of 0, as Temporal. */
  start(): void {
    const { config, clock } = this.#options;
    if (config.refreshIntervalMs === 0 || this.#stopped) return;
    const intervalMs = Math.max(MIN_INTERVAL_MS, config.refreshIntervalMs);
    this.#timer = clock.after(intervalMs, () => void this.#reload().then(() => this.start()));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #reload(): Promise<void> {
    const { config, logger, update } = this.#options;
    try {
      const options = await readTlsOptions(config);
      this.#failure = undefined;
      if (this.#stopped || isDeepStrictEqual(options, this.#inUse)) return;
      update(options);
      this.#inUse = options;
      logger.info({}, 'TLS certificates loaded');
    } catch (error) {
      const { message } = error as Error;
      if (message === this.#failure) return;
      this.#failure = message;
      logger.error({ err: error }, 'TLS certificates cannot be loaded, the last ones stay');
    }
  }
}
