// The value of one search attribute: read from a payload by type, and written back as Temporal writes it. Any thread.

import { Payload } from '#proto/temporal/api/common/v1';
import { IndexedValueType, IndexedValueTypeNames } from '#proto/temporal/api/enums/v1';
import type { Encoded } from '../../proto/wire.ts';
import { formatRfc3339, parseRfc3339, type Rfc3339Time } from '../rfc3339.ts';

/** Bool: boolean. Int: number, bigint beyond 2^53. Double: number. Datetime: Rfc3339Time. Keyword and Text: string. */
export type ScalarValue = boolean | number | bigint | string | Rfc3339Time;
/** A KeywordList is a list of strings; other types are lists only where lists are allowed. */
export type SearchAttributeValue = ScalarValue | readonly ScalarValue[];

/** A payload that is no value of the attribute's type. */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError';
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const INTEGER = /^-?(0|[1-9][0-9]*)$/;
const textDecoder = new TextDecoder('utf-8');
const textEncoder = new TextEncoder();
const ENCODING_JSON = textEncoder.encode('json/plain');
const TYPE_METADATA: ReadonlyMap<number, Uint8Array> = new Map<number, Uint8Array>(
  [...IndexedValueTypeNames].map(([number, name]) => [number, textEncoder.encode(name)]),
);

/** A JSON number with its digits: an int64 does not survive a double. */
class JsonNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/**
 * Reads a value. `type` UNSPECIFIED takes the payload's own `type` metadata. Undefined means null, which removes the attribute.
 * A list of one element stands for the element; longer lists need `allowList`. Throws InvalidValueError.
 */
export function decodeValue(
  payload: Payload,
  type: IndexedValueType,
  allowList: boolean,
): SearchAttributeValue | undefined {
  const wanted = type === IndexedValueType.UNSPECIFIED ? metadataType(payload) : type;
  if (wanted === IndexedValueType.UNSPECIFIED) throw new InvalidValueError('invalid search attribute type');
  const json = payloadJson(payload);
  if (json === null) return undefined;
  if (wanted === IndexedValueType.KEYWORD_LIST) return keywordList(json);
  if (!Array.isArray(json)) return scalar(json, wanted);
  const values = json.map((element) => (element === null ? zeroOf(wanted) : scalar(element, wanted)));
  if (values.length === 0) return undefined;
  if (allowList) return values;
  if (values.length > 1) throw new InvalidValueError('list of values not allowed');
  return values[0];
}

/** The JSON of a payload, numbers as JsonNumber. Throws InvalidValueError if it holds none. */
function payloadJson(payload: Payload): unknown {
  const encoding = payloadEncoding(payload);
  if (encoding === 'binary/null') return null;
  if (encoding !== 'json/plain') throw new InvalidValueError(`encoding ${encoding} is not supported`);
  try {
    return parseJson(textDecoder.decode(payload.data));
  } catch (error) {
    throw new InvalidValueError('the payload is not JSON', { cause: error });
  }
}

function parseJson(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value;
  return JSON.parse(text, reviver);
}

/** The value of a payload without a type, as plain JSON; undefined if there is none. For error messages. */
export function plainJson(payload: Payload): { readonly value: unknown } | undefined {
  const encoding = payloadEncoding(payload);
  if (encoding === 'binary/null') return { value: null };
  if (encoding !== 'json/plain') return undefined;
  try {
    return { value: JSON.parse(textDecoder.decode(payload.data)) };
  } catch {
    return undefined; // not JSON: the caller prints the payload instead
  }
}

function payloadEncoding(payload: Payload): string {
  const encoding = payload.metadata.get('encoding');
  return encoding === undefined ? '' : textDecoder.decode(encoding);
}

/** The type that the payload's metadata names. */
export function metadataType(payload: Payload): IndexedValueType {
  const named = payload.metadata.get('type');
  if (named === undefined) return IndexedValueType.UNSPECIFIED;
  return indexedValueTypeFromString(textDecoder.decode(named)) ?? IndexedValueType.UNSPECIFIED;
}

/** `KeywordList` and `INDEXED_VALUE_TYPE_KEYWORD_LIST` both name a type. */
export function indexedValueTypeFromString(text: string): IndexedValueType | undefined {
  for (const [number, name] of IndexedValueTypeNames) if (name === text) return number;
  const prefix = 'INDEXED_VALUE_TYPE_';
  if (!text.startsWith(prefix)) return undefined;
  const key = text.slice(prefix.length) as keyof typeof IndexedValueType;
  return IndexedValueType[key];
}

function keywordList(json: unknown): readonly string[] {
  if (!Array.isArray(json)) throw new InvalidValueError('a KeywordList is a list of strings');
  return json.map((element) => {
    if (element === null) return '';
    if (typeof element !== 'string') throw new InvalidValueError('a KeywordList is a list of strings');
    return element;
  });
}

function scalar(json: unknown, type: IndexedValueType): ScalarValue {
  switch (type) {
    case IndexedValueType.BOOL:
      if (typeof json === 'boolean') return json;
      break;
    case IndexedValueType.INT:
      if (json instanceof JsonNumber && INTEGER.test(json.source)) return int64(json.source);
      break;
    case IndexedValueType.DOUBLE:
      if (json instanceof JsonNumber) return Number(json.source);
      break;
    case IndexedValueType.DATETIME: {
      const time = typeof json === 'string' ? parseRfc3339(json) : undefined;
      if (time !== undefined) return time;
      break;
    }
    case IndexedValueType.KEYWORD:
    case IndexedValueType.TEXT:
      if (typeof json === 'string') return json;
      break;
  }
  throw new InvalidValueError(`not a value of type ${IndexedValueTypeNames.get(type) ?? type}`);
}

function int64(digits: string): number | bigint {
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return value;
  const exact = BigInt(digits);
  if (exact < INT64_MIN || exact > INT64_MAX) throw new InvalidValueError('the number does not fit 64 bits');
  return exact;
}

/** What Go decodes a null list element to. */
function zeroOf(type: IndexedValueType): ScalarValue {
  switch (type) {
    case IndexedValueType.BOOL:
      return false;
    case IndexedValueType.DATETIME:
      return parseRfc3339('0001-01-01T00:00:00Z')!;
    case IndexedValueType.KEYWORD:
    case IndexedValueType.TEXT:
      return '';
    default:
      return 0;
  }
}

/** The payload Temporal answers for a value: JSON, with the type in its metadata. */
export function encodeValue(value: SearchAttributeValue | null, type: IndexedValueType): Encoded<Payload> {
  const metadata = new Map<string, Uint8Array>([['encoding', ENCODING_JSON]]);
  const typeName = TYPE_METADATA.get(type);
  if (typeName !== undefined && type !== IndexedValueType.UNSPECIFIED) metadata.set('type', typeName);
  return Payload.encode({ metadata, data: textEncoder.encode(toJson(value)) });
}

function toJson(value: SearchAttributeValue | null): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object') return JSON.stringify(formatRfc3339(value as Rfc3339Time));
  const text = JSON.stringify(value);
  return typeof value === 'string' ? text.replace(/[<>&\u2028\u2029]/g, escapeAsGo) : text;
}

/** Go's JSON encoder writes these as escapes; the bytes of a payload are compared by some clients. */
function escapeAsGo(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
