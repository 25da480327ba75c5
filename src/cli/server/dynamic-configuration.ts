// The dynamic configuration of the whole server: the file's values under those of the command line. Tells an operator what nobody
// can use, and every thread what has changed. Main loop.

import { DynamicConfigChanged } from '#proto/ostinato/runtime/v1';
import { checkValues } from '../../config/check-values.ts';
import { type ConfiguredValues, mergeValues, type ParsedValues } from '../../config/configured-values.ts';
import { declaredSettings, type SettingDeclaration } from '../../config/dynamic-config.ts';
import { DynamicConfigFile } from '../../config/dynamic-config-file.ts';
import { withLastGood } from '../../config/last-good.ts';
import type { ThreadContext } from '../../runtime/thread-context.ts';
import type { ServerOptions } from './server-options.ts';

/** Settings that only other threads' code declares; known when those threads are ready. */
type DeclaredElsewhere = () => readonly SettingDeclaration[];

/** What the configuration needs of the main loop. */
export type ConfigurationContext = Pick<ThreadContext, 'facts' | 'logger' | 'clock'>;

export class DynamicConfiguration {
  readonly #overrides: ConfiguredValues;
  readonly #context: ConfigurationContext;
  readonly #file: DynamicConfigFile | undefined;
  #inForce: ConfiguredValues;
  #elsewhere: DeclaredElsewhere | undefined;

  constructor({ file, pollIntervalMs, overrides }: ServerOptions['dynamicConfig'], context: ConfigurationContext) {
    this.#overrides = overrides;
    this.#inForce = overrides;
    this.#context = context;
    const { clock, logger } = context;
    const changed = (loaded: ParsedValues) => this.#changed(loaded);
    this.#file =
      file === undefined ? undefined : new DynamicConfigFile({ path: file, pollIntervalMs, clock, logger, changed });
  }

  /** What is in force now. */
  get values(): ConfiguredValues {
    return this.#inForce;
  }

  /** Before the threads start. Throws what the file system or the YAML parser says. */
  start(): void {
    if (this.#file !== undefined) this.#take(this.#file.start());
  }

  stop(): void {
    this.#file?.stop();
  }

  /** All threads are ready: says what of the configuration cannot be used, now and after every change. */
  declared(elsewhere: DeclaredElsewhere): void {
    this.#elsewhere = elsewhere;
    this.#report(this.#inForce);
    this.#inForce = withLastGood({ values: this.#inForce, broken: [] }, {}, this.#declarations());
  }

  #changed(file: ParsedValues): void {
    this.#take(file);
    const json = JSON.stringify(this.#inForce);
    this.#context.facts.publish('DynamicConfigChanged', DynamicConfigChanged.encode({ json }));
  }

  #take(file: ParsedValues): void {
    const values = mergeValues(file.values, this.#overrides);
    const broken = file.broken.filter((key) => !(key in this.#overrides));
    if (this.#elsewhere !== undefined) this.#report(values);
    const declarations = this.#elsewhere === undefined ? [] : this.#declarations();
    this.#inForce = withLastGood({ values, broken }, this.#inForce, declarations);
  }

  #report(values: ConfiguredValues): void {
    for (const problem of checkValues(values, this.#declarations())) {
      this.#context.logger.warn({ problem }, 'dynamic configuration');
    }
  }

  #declarations(): readonly SettingDeclaration[] {
    return [...(this.#elsewhere?.() ?? []), ...declaredSettings()];
  }
}
