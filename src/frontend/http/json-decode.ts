// Messages from protobuf JSON, payloads in either form. Main loop.

import protobuf, { type Enum as EnumType, type Field, type Type as MessageType } from 'protobufjs';
import { JsonDecodeError } from './json-error.ts';
import { decodeBase64, fromMaybeShorthand, PAYLOAD_TYPE, PAYLOADS_TYPE } from './payload-shorthand.ts';
import { isRawJson, rawJson } from './raw-json.ts';
import { WELL_KNOWN_TYPES, WRAPPER_TYPES } from './well-known-types.ts';

const { Enum, MapField, Type } = protobuf;

export interface JsonDecodeOptions {
  readonly payloadShorthand: boolean;
}

/** Parses JSON; integers beyond 2^53 keep their digits. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => {
      const source = context?.source;
      if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value;
      return /^-?\d+$/.test(source) ? rawJson(source) : value;
    });
  } catch (error) {
    throw new JsonDecodeError(`syntax error: ${(error as Error).message}`);
  }
}

export class JsonDecoder {
  private readonly options: JsonDecodeOptions;

  constructor(options: JsonDecodeOptions) {
    this.options = options;
  }

  /** What `type.encode` takes. Throws JsonDecodeError. */
  message(type: MessageType, json: unknown): Record<string, unknown> {
    if (this.options.payloadShorthand) {
      if (type.fullName === PAYLOAD_TYPE) return { ...fromMaybeShorthand(json) };
      if (type.fullName === PAYLOADS_TYPE && (Array.isArray(json) || json === null)) {
        return { payloads: ((json ?? []) as readonly unknown[]).map(fromMaybeShorthand) };
      }
    }
    const wellKnown = WELL_KNOWN_TYPES.get(type.fullName);
    if (wellKnown !== undefined) return wellKnown.fromJson(json);
    const valueField = WRAPPER_TYPES.has(type.fullName) ? type.fields.value : undefined;
    if (valueField !== undefined) return { value: this.single(valueField, json) };
    return this.fields(type, json);
  }

  private fields(type: MessageType, json: unknown): Record<string, unknown> {
    if (typeof json !== 'object' || json === null || Array.isArray(json) || isRawJson(json)) {
      throw new JsonDecodeError(`unexpected token ${JSON.stringify(json)}`);
    }
    const message: Record<string, unknown> = {};
    const seen = new Set<Field>();
    const oneofs = new Set<string>();
    for (const [name, value] of Object.entries(json)) {
      const field = fieldNamed(type, name);
      if (field === undefined) throw new JsonDecodeError(`unknown field ${JSON.stringify(name)}`);
      // Under its two names; JSON.parse keeps the last of equal ones.
      if (seen.has(field)) throw new JsonDecodeError(`duplicate field ${JSON.stringify(name)}`);
      seen.add(field);
      if (value === null && !isPayload(field)) continue;
      const oneof = field.partOf;
      if (oneof !== null && !oneof.isProto3Optional) {
        if (oneofs.has(oneof.name))
          throw new JsonDecodeError(`error parsing ${JSON.stringify(name)}, oneof is already set`);
        oneofs.add(oneof.name);
      }
      message[field.name] = this.field(field, value);
    }
    return message;
  }

  private field(field: Field, json: unknown): unknown {
    if (field instanceof MapField) {
      if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalidValue(field, json);
      return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, this.single(field, value)]));
    }
    if (field.repeated) {
      if (!Array.isArray(json)) throw invalidValue(field, json);
      return json.map((value) => this.single(field, value));
    }
    return this.single(field, json);
  }

  /** One value of the field, from JSON or, for query parameters, from text. */
  single(field: Field, json: unknown): unknown {
    const type = field.resolvedType;
    if (type instanceof Type) return this.message(type, json);
    if (type instanceof Enum) return enumValue(field, type, json);
    return scalar(field, json);
  }
}

/** By JSON name or by the name in the definitions. */
export function fieldNamed(type: MessageType, name: string): Field | undefined {
  return (
    type.fields[name] ?? type.fields[name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())]
  );
}

function isPayload(field: Field): boolean {
  const name = field.resolvedType?.fullName;
  return name === PAYLOAD_TYPE || name === PAYLOADS_TYPE;
}

function enumValue(field: Field, type: EnumType, json: unknown): number {
  if (typeof json === 'number' && Number.isInteger(json)) return json;
  const value = typeof json === 'string' ? type.values[json] : undefined;
  if (value === undefined) throw invalidValue(field, json);
  return value;
}

function scalar(field: Field, json: unknown): unknown {
  switch (field.type) {
    case 'string':
      // Half a surrogate pair has no UTF-8.
      if (typeof json === 'string' && json.isWellFormed()) return json;
      break;
    case 'bool':
      if (typeof json === 'boolean') return json;
      break;
    case 'bytes': {
      const bytes = decodeBase64(json);
      if (bytes !== undefined) return bytes;
      break;
    }
    case 'float':
    case 'double':
      if (typeof json === 'number') return json;
      if (typeof json === 'string' && /^(?:NaN|-?Infinity|-?[0-9.]+(?:[eE][+-]?\d+)?)$/.test(json)) return Number(json);
      break;
    default: {
      const integer = integerText(json);
      if (integer !== undefined) return field.type.endsWith('64') ? integer : Number(integer);
    }
  }
  throw invalidValue(field, json);
}

/** Digits of an integer that came as number or text; also of `1e3` and `2.0`. */
function integerText(json: unknown): string | undefined {
  if (isRawJson(json)) return json.rawJSON;
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json).toString() : undefined;
  if (typeof json !== 'string' || json.trim() === '') return undefined;
  if (/^-?\d+$/.test(json)) return json;
  const value = Number(json);
  return Number.isInteger(value) ? BigInt(value).toString() : undefined;
}

function invalidValue(field: Field, json: unknown): JsonDecodeError {
  const kind = field.resolvedType instanceof Enum ? 'enum' : field.type;
  return new JsonDecodeError(`invalid value for ${kind} type: ${JSON.stringify(json)}`);
}
