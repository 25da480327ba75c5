// Header fields that clients put into their dynamic tables, shared by all connections of a server: most say the same, so that
// an idle connection holds references instead of strings, and a route found for one is found for all. One per server.

import { FieldKind, HeaderField } from './header-field.ts';

/** Bounds, so that nobody can fill the memory: what finds no room is simply not shared. */
const MAX_NAMES = 256;
const MAX_VALUES_PER_NAME = 256;
const MAX_FIELDS = 4096;
/** Longer values are rarely the same twice; tokens are shorter. */
const MAX_VALUE_LENGTH = 512;

export class FieldCache {
  readonly #byName = new Map<string, Map<string, HeaderField>>();
  #count = 0;

  /** A field of this name and value, the one that others have if there is one. */
  share(name: string, value: string, kind: number): HeaderField {
    // a timeout is new each time
    if (kind === FieldKind.GRPC_TIMEOUT || value.length > MAX_VALUE_LENGTH) return new HeaderField(name, value, kind);
    let values = this.#byName.get(name);
    const found = values?.get(value);
    if (found !== undefined) return found;
    const field = new HeaderField(name, value, kind);
    if (values === undefined) {
      if (this.#byName.size >= MAX_NAMES) return field;
      values = new Map();
      this.#byName.set(name, values);
    }
    if (values.size < MAX_VALUES_PER_NAME && this.#count < MAX_FIELDS) {
      values.set(value, field);
      this.#count++;
    }
    return field;
  }
}
