// Protobuf JSON of google.protobuf's own types: timestamps, durations, field masks and wrappers have forms of their own. Main loop.

import { JsonDecodeError } from './json-error.ts';

interface SecondsAndNanos {
  readonly seconds?: unknown;
  readonly nanos?: number;
}

const NANOS_PER_SECOND = 1_000_000_000n;
const MS_PER_SECOND = 1000n;

export interface WellKnownType {
  /** From the decoded message. */
  toJson(message: Readonly<Record<string, unknown>>): unknown;
  /** To what the message's encoder takes. Throws JsonDecodeError. */
  fromJson(value: unknown): Record<string, unknown>;
}

function toBigInt(value: unknown): bigint {
  return value === undefined ? 0n : BigInt(String(value));
}

/** `.5`, `.123456` or nothing: as many digits, in threes, as are needed. */
function fraction(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`;
  if (digits.endsWith('000')) return `.${digits.slice(0, 6)}`;
  return `.${digits}`;
}

const timestamp: WellKnownType = {
  toJson: ({ seconds, nanos = 0 }: SecondsAndNanos) => {
    const date = new Date(Number(toBigInt(seconds) * MS_PER_SECOND));
    return `${date.toISOString().slice(0, -'.000Z'.length)}${fraction(nanos)}Z`;
  },
  fromJson: (value) => {
    const text = requireString(value, 'google.protobuf.Timestamp');
    const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
    const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
    if (Number.isNaN(ms)) throw new JsonDecodeError(`invalid google.protobuf.Timestamp value ${JSON.stringify(text)}`);
    return { seconds: String(BigInt(ms) / MS_PER_SECOND), nanos: Number((match?.[2] ?? '').padEnd(9, '0')) };
  },
};

const duration: WellKnownType = {
  toJson: ({ seconds, nanos = 0 }: SecondsAndNanos) => {
    const total = toBigInt(seconds) * NANOS_PER_SECOND + BigInt(nanos);
    const absolute = total < 0n ? -total : total;
    return `${total < 0n ? '-' : ''}${absolute / NANOS_PER_SECOND}${fraction(Number(absolute % NANOS_PER_SECOND))}s`;
  },
  fromJson: (value) => {
    const text = requireString(value, 'google.protobuf.Duration');
    const match = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/.exec(text);
    if (match === null) throw new JsonDecodeError(`invalid google.protobuf.Duration value ${JSON.stringify(text)}`);
    const sign = match[1] as string;
    const nanos = Number((match[3] ?? '').padEnd(9, '0'));
    return { seconds: `${sign}${match[2]}`, nanos: sign === '-' ? -nanos : nanos };
  },
};

const fieldMask: WellKnownType = {
  toJson: ({ paths = [] }: { readonly paths?: readonly string[] }) =>
    paths.map((path) => path.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())).join(','),
  fromJson: (value) => {
    const text = requireString(value, 'google.protobuf.FieldMask');
    const paths = text === '' ? [] : text.split(',');
    return { paths: paths.map((path) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)) };
  },
};

const empty: WellKnownType = { toJson: () => ({}), fromJson: () => ({}) };

function requireString(value: unknown, type: string): string {
  if (typeof value === 'string') return value;
  throw new JsonDecodeError(`unexpected token ${JSON.stringify(value)} for ${type}`);
}

export const WELL_KNOWN_TYPES: ReadonlyMap<string, WellKnownType> = new Map([
  ['.google.protobuf.Timestamp', timestamp],
  ['.google.protobuf.Duration', duration],
  ['.google.protobuf.FieldMask', fieldMask],
  ['.google.protobuf.Empty', empty],
]);

/** Messages that stand for their one field `value`. */
export const WRAPPER_TYPES: ReadonlySet<string> = new Set(
  ['Double', 'Float', 'Int64', 'UInt64', 'Int32', 'UInt32', 'Bool', 'String', 'Bytes'].map(
    (name) => `.google.protobuf.${name}Value`,
  ),
);
