// Turns API messages into plain values that a test can compare: enums as names, 64-bit numbers as numbers, payloads as
// what they carry, durations as milliseconds, times as milliseconds since 1970.

import { api, type HistoryEvent } from './api.ts';

export type Plain = Record<string, unknown>;

const decoder = new TextDecoder();

/** One history event, its attributes lifted out of their oneof. */
export interface PlainEvent {
  readonly id: number;
  readonly type: string;
  readonly timeMs: number;
  readonly attributes: Plain;
  /** What stands beside the attributes: userMetadata, links, workerMayIgnore, version. */
  readonly rest: Plain;
}

export function plainEvent(event: HistoryEvent): PlainEvent {
  const object = api.history.v1.HistoryEvent.toObject(event as never, { enums: String, longs: Number }) as Plain;
  const attributesKey = Object.keys(object).find((key) => key.endsWith('EventAttributes'));
  const { eventId, eventType, eventTime, ...others } = object;
  const rest = Object.fromEntries(Object.entries(others).filter(([key]) => key !== attributesKey));
  return {
    id: Number(eventId),
    type: pascalCase(String(eventType).replace('EVENT_TYPE_', '')),
    timeMs: plainly(eventTime, 'eventTime') as number,
    attributes: attributesKey ? (plainly(object[attributesKey]) as Plain) : {},
    rest: plainly(rest) as Plain,
  };
}

/** Any message already turned into an object by protobufjs' `toObject`, or a decoded message as it is. */
export function plainly(value: unknown, key = ''): unknown {
  if (value === null || value === undefined) return value;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => plainly(item, key));
  if (typeof value !== 'object') return value;
  if (isLong(value)) return value.toNumber();
  const object = { ...(value as Plain) };
  if (isPayload(object)) return payloadValue(object);
  if (Array.isArray(object.payloads) && Object.keys(object).length === 1) return plainly(object.payloads);
  if (isTimeLike(object)) {
    const milliseconds = Number(object.seconds ?? 0) * 1000 + Number(object.nanos ?? 0) / 1e6;
    return milliseconds;
  }
  return Object.fromEntries(Object.entries(object).map(([name, item]) => [name, plainly(item, name)]));
}

function isLong(value: object): value is { toNumber(): number } {
  return 'low' in value && 'high' in value && 'toNumber' in value;
}

function isPayload(object: Plain): boolean {
  return typeof object.metadata === 'object' && object.metadata !== null && 'encoding' in object.metadata;
}

function payloadValue(object: Plain): unknown {
  const encoding = decoder.decode((object.metadata as { encoding: Uint8Array }).encoding);
  const data = object.data as Uint8Array | undefined;
  if (encoding === 'binary/null') return null;
  if (encoding === 'json/plain' && data) return JSON.parse(decoder.decode(data));
  return { encoding, data: data ? decoder.decode(data) : '' };
}

function isTimeLike(object: Plain): boolean {
  const keys = Object.keys(object);
  return keys.length > 0 && keys.every((key) => key === 'seconds' || key === 'nanos');
}

function pascalCase(name: string): string {
  return name
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
