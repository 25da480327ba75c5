// What stays in force of a new configuration that is partly wrong. Main loop.

import type { ConfiguredValues, ParsedValues } from './configured-values.ts';
import type { SettingDeclaration } from './dynamic-config.ts';
import { convertValue } from './setting-values.ts';

/** A key that cannot be used keeps what it had. Without that, a broken key keeps its sound entries, a wrong value the default. */
export function withLastGood(
  { values, broken }: Pick<ParsedValues, 'values' | 'broken'>,
  lastGood: ConfiguredValues,
  declarations: readonly SettingDeclaration[],
): ConfiguredValues {
  const inForce = { ...values };
  for (const key of broken) {
    const last = lastGood[key];
    if (last !== undefined) inForce[key] = last;
  }
  for (const declaration of declarations) {
    const key = declaration.key.toLowerCase();
    if (values[key]?.every(({ value }) => convertValue(declaration, value) !== undefined) !== false) continue;
    const last = lastGood[key];
    if (last === undefined) delete inForce[key];
    else inForce[key] = last;
  }
  return inForce;
}
