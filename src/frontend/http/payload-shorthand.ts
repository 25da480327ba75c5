// Temporal's short form of payloads in JSON: the value itself in place of base64 data with metadata (go.temporal.io/api
// common/v1/payload_json.go). Main loop.

import { Buffer } from 'node:buffer';
import { JsonDecodeError } from './json-error.ts';
import { isRawJson } from './raw-json.ts';

export const PAYLOAD_TYPE = '.temporal.api.common.v1.Payload';
export const PAYLOADS_TYPE = '.temporal.api.common.v1.Payloads';

const MESSAGE_TYPE_KEY = '_protoMessageType';
const NULL_ENCODING = 'binary/null';
const NULL_ENCODING_BASE64 = Buffer.from(NULL_ENCODING).toString('base64');

export interface Payload {
  readonly metadata?: Readonly<Record<string, Uint8Array>>;
  readonly data?: Uint8Array;
}

/** Undefined when the payload has no short form: it is then written in full. Throws when its JSON is none. */
export function toShorthand(payload: Payload): { readonly json: unknown } | undefined {
  const metadata = payload.metadata ?? {};
  const text = (name: string) => Buffer.from(metadata[name] ?? []).toString();
  const size = Object.keys(metadata).length;
  switch (text('encoding')) {
    case NULL_ENCODING:
      return { json: nullPayload() };
    case 'json/plain': {
      if (size !== 1) return undefined;
      const value: unknown = parseJson(payload.data);
      return { json: value === null ? nullPayload() : withoutEmptyLists(value) };
    }
    case 'json/protobuf': {
      const messageType = text('messageType');
      if (messageType === '' || size !== 2) return undefined;
      const value = parseJson(payload.data) as Record<string, unknown>;
      return { json: withoutEmptyLists({ ...value, [MESSAGE_TYPE_KEY]: messageType }) };
    }
    default:
      return undefined;
  }
}

function parseJson(data: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(data ?? []).toString());
}

const nullPayload = () => ({ metadata: { encoding: NULL_ENCODING_BASE64 } });

/** Temporal's writer has its quirk: empty lists come out as null, and keys in order. */
function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(withoutEmptyLists);
  if (typeof value !== 'object' || value === null || isRawJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, withoutEmptyLists(inner)]),
  );
}

/** Reads a payload in either form. */
export function fromMaybeShorthand(value: unknown): Payload {
  if (value === null) return { metadata: { encoding: Buffer.from(NULL_ENCODING) } };
  if (isPlainObject(value)) {
    const full = fullPayload(value);
    if (full !== undefined) return full;
    if (MESSAGE_TYPE_KEY in value) return protobufPayload(value);
  }
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(stringify(value)) };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJson(value);
}

/** A payload in full has metadata with an encoding, data, and nothing else, all of it base64. */
function fullPayload(value: Record<string, unknown>): Payload | undefined {
  const { metadata, data } = value;
  if (!isPlainObject(metadata) || !('encoding' in metadata)) return undefined;
  if (data === undefined && metadata.encoding === NULL_ENCODING_BASE64) {
    return { metadata: { encoding: Buffer.from(NULL_ENCODING) } };
  }
  if (Object.keys(value).length !== 2) return undefined;
  const bytes = decodeBase64(data);
  if (bytes === undefined) return undefined;
  const decoded: Record<string, Uint8Array> = {};
  for (const [key, text] of Object.entries(metadata)) {
    const decodedValue = decodeBase64(text);
    if (decodedValue === undefined) return undefined;
    decoded[key] = decodedValue;
  }
  return { metadata: decoded, data: bytes };
}

function protobufPayload({ [MESSAGE_TYPE_KEY]: messageType, ...rest }: Record<string, unknown>): Payload {
  if (typeof messageType !== 'string') {
    throw new JsonDecodeError(`internal key ${JSON.stringify(MESSAGE_TYPE_KEY)} should have type string`);
  }
  return {
    metadata: { encoding: Buffer.from('json/protobuf'), messageType: Buffer.from(messageType) },
    data: Buffer.from(stringify(rest)),
  };
}

/** Standard or URL alphabet, padded or not; undefined for anything else. */
export function decodeBase64(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) return undefined;
  const digits = value.replace(/=+$/, '');
  if (digits.length % 4 === 1 || (digits.length !== value.length && value.length % 4 !== 0)) return undefined;
  return Buffer.from(digits, 'base64');
}

/** As Go's encoding/json writes: keys in order, no characters that HTML gives a meaning. */
function stringify(value: unknown): string {
  const sorted = (inner: unknown): unknown =>
    Array.isArray(inner)
      ? inner.map(sorted)
      : isPlainObject(inner)
        ? Object.fromEntries(
            Object.entries(inner)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, each]) => [key, sorted(each)]),
          )
        : inner;
  return JSON.stringify(sorted(value)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
