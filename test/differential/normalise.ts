// Takes from what a server answered only what may differ between two servers: random ids, times, tokens, sizes that depend on
// them. Everything else stays and is compared.

import { plainly } from '../end-to-end/harness/plain.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIMESTAMP = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d{4} \w+|Z)?/g;

const TOKENS = new Set(['taskToken', 'nextPageToken']);
/** Encoded sizes: they change with the bytes of ids and times. */
const SIZES = new Set(['historySizeBytes', 'sizeBytes', 'externalPayloadSizeBytes']);
/** A server's own numbers, and what depends on the moment at which a poll came. */
const DROPPED = new Set(['taskId', 'clockTime', 'pollerScalingDecision', 'backlogCountHint']);
/** How long something took, and what is left of a second or until a cron schedule's next time. */
const REMAINDERS = new Set(['firstWorkflowTaskBackoff', 'currentRetryInterval', 'executionDuration']);

/** Ids get numbers in the order in which they are met, so that equal ids stay recognisable as equal. */
export class Normaliser {
  readonly #ids = new Map<string, string>();

  text(value: string): string {
    return value
      .replace(UUID, (id) => {
        const known = this.#ids.get(id) ?? `id-${this.#ids.size + 1}`;
        this.#ids.set(id, known);
        return known;
      })
      .replace(TIMESTAMP, 'TIMESTAMP');
  }

  /** A message of the API, as protobufjs decoded it. */
  message(message: object): unknown {
    const type = message.constructor as { toObject?: (message: object, options: object) => object };
    const object = type.toObject?.(message, { enums: String, longs: Number }) ?? message;
    return this.value(plainly(object));
  }

  value(value: unknown, key = ''): unknown {
    if (TOKENS.has(key)) return (value as Uint8Array | undefined)?.length ? 'TOKEN' : undefined;
    if (SIZES.has(key)) return 'SIZE';
    if (/Time$/.test(key)) return value ? 'TIME' : undefined;
    if (REMAINDERS.has(key)) return value ? 'REMAINDER' : undefined;
    // From the third attempt on the timeout of a workflow task is drawn at random.
    if (key === 'startToCloseTimeout' && !Number.isInteger(value)) return 'RANDOM';
    if (typeof value === 'string') return this.text(value);
    if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
    if (Array.isArray(value)) return value.map((item) => this.value(item, key));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value)
      .filter(([name]) => !DROPPED.has(name))
      .map(([name, item]) => [this.text(name), this.value(item, name)] as const)
      .filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

export interface ValueDifference {
  /** Where, with indexes. */
  readonly path: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Where two normalised values differ. A list of another length is one difference, as what follows would only be shifted. */
export function differences(ours: unknown, theirs: unknown, path = ''): ValueDifference[] {
  if (Object.is(ours, theirs)) return [];
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    return ours.flatMap((item, index) => differences(item, theirs[index], `${path}[${index}]`));
  }
  if (isRecord(ours) && isRecord(theirs)) {
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...keys].flatMap((key) => differences(ours[key], theirs[key], `${path}.${key}`));
  }
  return [{ path, ours: shortened(ours), theirs: shortened(theirs) }];
}

/** Of a list of events only their types. */
function shortened(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item) => (isRecord(item) ? (item.eventType ?? item.type ?? item) : item));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
