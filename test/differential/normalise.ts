// Takes from what a server answered only what may differ between two servers: random ids, times, tokens, sizes that depend on
// them. Everything else stays and is compared.

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIMESTAMP = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d{4} \w+|Z)?/g;

/** Of an error's text, which clients do not get to see. */
const ERROR_HASH = /please retry \([0-9a-f]{8}\)/;

const TOKENS = new Set(['taskToken', 'nextPageToken', 'longPollToken']);
/** Encoded sizes: they change with the bytes of ids and times. */
const SIZES = new Set(['historySizeBytes', 'sizeBytes', 'stateSizeBytes', 'externalPayloadSizeBytes']);
/** A server's own numbers, and what depends on the moment at which a poll came. */
const DROPPED = new Set([
  'taskId',
  'clockTime',
  'pollerScalingDecision',
  'backlogCountHint',
  // Of a task queue: task ids, and how many of them were taken at a time.
  'readLevel',
  'ackLevel',
  'taskIdBlock',
  // Of a cluster: where the server itself listens.
  'address',
  'httpAddress',
  'ownerHostName',
]);
/** Which of its free columns an added search attribute gets is drawn from a map in Temporal. */
const COLUMNS = 'customSearchAttributeAliases';
/** How long something took, and what is left of a second or until a cron schedule's next time. */
const REMAINDERS = new Set([
  'firstWorkflowTaskBackoff',
  'currentRetryInterval',
  'executionDuration',
  'approximateBacklogAge',
  'tasksAddRate',
  'tasksDispatchRate',
]);

/** Lists in an order that Temporal draws anew for each answer, and what tells their items apart. */
const UNORDERED: Readonly<Record<string, string>> = { pendingActivities: 'activityId', pendingChildren: 'initiatedId' };
/** Timeouts of workflow tasks that programs ask for, or get if they ask for none; 120 s is the most. */
const ASKED_SECONDS: ReadonlySet<number> = new Set([0, 1, 10, 60, 120]);
/** Workflow task attempts from which on the timeout is drawn at random. */
const RANDOM_AFTER_ATTEMPT = 3;
/** Before 1970 there is only Go's zero time, which stands for none. */
const isUnset = (time: unknown): boolean => isRecord(time) && Number(time.seconds ?? 0) < 0;

/** Ids get numbers in the order in which they are met, so that equal ids stay recognisable as equal. */
export class Normaliser {
  readonly #ids = new Map<string, string>();

  text(value: string): string {
    return (
      value
        .replace(UUID, (id) => {
          const known = this.#ids.get(id) ?? `id-${this.#ids.size + 1}`;
          this.#ids.set(id, known);
          return known;
        })
        .replace(TIMESTAMP, 'TIMESTAMP')
        // Go's protobuf writes the one space or the other, or two, drawn for each build.
        .replaceAll(/[\u00a0 ]+/g, ' ')
        .replace(/larger than max \(\d+ vs\. /, 'larger than max (SIZE vs. ')
        .replace(ERROR_HASH, 'please retry (HASH)')
    );
  }

  /** A message of the API, as protobufjs decoded it. */
  message(message: object): unknown {
    const type = message.constructor as { toObject?: (message: object, options: object) => object };
    const object = type.toObject?.(message, { enums: String, longs: Number }) ?? message;
    return this.value(structured(object));
  }

  value(value: unknown, key = ''): unknown {
    if (TOKENS.has(key)) return (value as Uint8Array | undefined)?.length ? 'TOKEN' : undefined;
    if (SIZES.has(key)) return 'SIZE';
    if (value === null) return undefined;
    // Temporal leaves an empty one out while the run has never left its cache.
    if (key === 'autoResetPoints' && isRecord(value) && !(value.points as unknown[] | undefined)?.length)
      return undefined;
    if (/Time$/.test(key) && typeof value === 'object') return isUnset(value) ? 'ZERO TIME' : 'TIME';
    if (REMAINDERS.has(key)) return value ? 'REMAINDER' : undefined;
    if (typeof value === 'string') return this.text(value);
    if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
    if (Array.isArray(value)) return ordered(value, UNORDERED[key]).map((item) => this.value(item, key));
    if (typeof value !== 'object' || value === null) return value;
    const drawn = isDrawn(value);
    const entries = Object.entries(value)
      .filter(([name]) => !DROPPED.has(name))
      .map(([name, item]) => [key === COLUMNS ? `column of ${item}` : this.text(name), this.value(item, name)] as const)
      .map(([name, item]) => [name, drawn && name === 'startToCloseTimeout' ? 'RANDOM' : item] as const)
      .filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** The timeout of a workflow task, with a fraction that was drawn; a task that begins anew keeps that of the attempt it was. */
function isDrawn(value: object): boolean {
  if (!('startToCloseTimeout' in value) || !('attempt' in value)) return false;
  const { nanos, seconds } = (value.startToCloseTimeout ?? {}) as { nanos?: number; seconds?: number };
  const asked = Number(seconds ?? 0);
  const isBackedOff = asked < 600 && !ASKED_SECONDS.has(asked);
  return Number(value.attempt) > RANDOM_AFTER_ATTEMPT || Boolean(nanos) || ('taskQueue' in value && isBackedOff);
}

/** As protobufjs gives it, with numbers for Longs and readable payloads; nothing is left out. */
export function structured(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(structured);
  if ('toNumber' in value && typeof value.toNumber === 'function') return value.toNumber();
  const object = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, structured(item)]));
  const { metadata, data } = object;
  const isPayload = isRecord(metadata) && Object.values(metadata).every((item) => item instanceof Uint8Array);
  if (!isPayload) return object;
  const read = Object.entries(metadata).map(([name, item]) => [name, decoder.decode(item as Uint8Array)]);
  return { ...object, metadata: Object.fromEntries(read), data: payloadData(data) };
}

function payloadData(data: unknown): unknown {
  if (!(data instanceof Uint8Array)) return data;
  const text = decoder.decode(data);
  // A large one is as good as its size.
  return text.length > 1_000 ? `${text.length} bytes` : text;
}

const decoder = new TextDecoder();

function ordered(items: readonly unknown[], by: string | undefined): readonly unknown[] {
  if (by === undefined) return items;
  const keyOf = (item: unknown) => String(isRecord(item) ? item[by] : '');
  return [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

export interface ValueDifference {
  /** Where, with indexes. */
  readonly path: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/**
 * Which id of ours stands for which of theirs. Both sides number their ids as they meet them; one more id on one side may not make
 * all later ones look different.
 */
export class IdMatching {
  readonly #theirs = new Map<string, string>();
  readonly #ours = new Map<string, string>();

  /** Equal but for ids, and ids that can stand for each other. */
  sameText(ours: string, theirs: string): boolean {
    if (ours.replaceAll(ID, 'id') !== theirs.replaceAll(ID, 'id')) return false;
    const ourIds = ours.match(ID) ?? [];
    const theirIds = theirs.match(ID) ?? [];
    return ourIds.every((id, index) => this.#sameId(id, theirIds[index] ?? ''));
  }

  /** Our name for a key of theirs; a key that is an id takes the first of ours that may stand for it. */
  keyOf(theirKey: string, ourKeys: readonly string[]): string {
    return ourKeys.find((key) => this.sameText(key, theirKey)) ?? theirKey;
  }

  #sameId(ours: string, theirs: string): boolean {
    const known = this.#theirs.get(ours);
    if (known !== undefined || this.#ours.has(theirs)) return known === theirs;
    this.#theirs.set(ours, theirs);
    this.#ours.set(theirs, ours);
    return true;
  }
}

const ID = /\bid-\d+\b/g;

/** Where two normalised values differ. A list of another length is one difference, as what follows would only be shifted. */
export function differences(ours: unknown, theirs: unknown, ids: IdMatching, path = ''): ValueDifference[] {
  if (Object.is(ours, theirs) && typeof ours !== 'string') return [];
  if (typeof ours === 'string' && typeof theirs === 'string' && ids.sameText(ours, theirs)) return [];
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    return ours.flatMap((item, index) => differences(item, theirs[index], ids, `${path}[${index}]`));
  }
  if (isRecord(ours) && isRecord(theirs)) {
    const free = new Set(Object.keys(ours));
    const found = Object.entries(theirs).flatMap(([key, value]) => {
      const ourKey = free.has(key) && !/^id-\d+$/.test(key) ? key : ids.keyOf(key, [...free]);
      free.delete(ourKey);
      return differences(ours[ourKey], value, ids, `${path}.${key}`);
    });
    return [...found, ...[...free].flatMap((key) => differences(ours[key], undefined, ids, `${path}.${key}`))];
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
