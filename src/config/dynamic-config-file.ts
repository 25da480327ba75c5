// A dynamic configuration file, read again when it changes. Main loop; what it reads is told to all threads by its owner.

import { readFileSync, statSync } from 'node:fs';
import type { Logger } from '../metrics/logger.ts';
import { type ParsedValues, parseConfiguredValues } from './configured-values.ts';

/** Temporal's usual `dynamicConfigClient.pollInterval`; its minimum is 5 s. */
export const DEFAULT_POLL_INTERVAL_MS = 10_000;

/** The part of runtime's Clock that is needed: this folder lies below it. */
interface PollClock {
  after(delayMs: number, callback: () => void): { cancel(): void };
}

export interface DynamicConfigFileOptions {
  readonly path: string;
  readonly pollIntervalMs?: number | undefined;
  readonly clock: PollClock;
  readonly logger: Logger;
  /** New content; not called for the first load. */
  readonly changed: (loaded: ParsedValues) => void;
}

export class DynamicConfigFile {
  readonly #options: DynamicConfigFileOptions;
  #mtimeMs = 0;
  #timer: { cancel(): void } | undefined;

  constructor(options: DynamicConfigFileOptions) {
    this.#options = options;
  }

  /** Reads the file and begins to watch it. Throws when it cannot be read or is no valid YAML. */
  start(): ParsedValues {
    const loaded = this.#load();
    this.#watch();
    return loaded;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #load(): ParsedValues {
    const { path, logger } = this.#options;
    this.#mtimeMs = statSync(path).mtimeMs;
    const loaded = parseConfiguredValues(readFileSync(path, 'utf8'));
    for (const problem of loaded.problems) logger.warn({ path, problem }, 'dynamic configuration: entry ignored');
    return loaded;
  }

  #watch(): void {
    const { path, logger, clock, changed, pollIntervalMs = DEFAULT_POLL_INTERVAL_MS } = this.#options;
    this.#timer = clock.after(pollIntervalMs, () => {
      try {
        if (statSync(path).mtimeMs !== this.#mtimeMs) {
          changed(this.#load());
          logger.info({ path }, 'dynamic configuration loaded');
        }
      } catch (error) {
        logger.error({ err: error, path }, 'dynamic configuration cannot be loaded, the last one stays');
      }
      this.#watch();
    });
  }
}
