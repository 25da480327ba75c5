// Messages as protobuf JSON, with Temporal's payload shorthand where it is wanted. Main loop.

import { Buffer } from 'node:buffer';
import protobuf, { type Field, type Message, type Type as MessageType } from 'protobufjs';
import type { ApiSchema } from './api-schema.ts';
import { PAYLOAD_TYPE, PAYLOADS_TYPE, type Payload, toShorthand } from './payload-shorthand.ts';
import { WELL_KNOWN_TYPES, WRAPPER_TYPES } from './well-known-types.ts';

const { Enum, MapField, Type } = protobuf;

export interface JsonEncodeOptions {
  readonly payloadShorthand: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

export class JsonEncoder {
  private readonly schema: ApiSchema;
  private readonly options: JsonEncodeOptions;

  constructor(schema: ApiSchema, options: JsonEncodeOptions) {
    this.schema = schema;
    this.options = options;
  }

  /** A value for JSON.stringify. */
  encode(type: MessageType, bytes: Uint8Array): unknown {
    return this.message(type, type.decode(bytes));
  }

  private message(type: MessageType, message: Message | Fields): unknown {
    const fields = message as Fields;
    if (this.options.payloadShorthand) {
      const short = shorthandOf(type, fields);
      if (short !== undefined) return short.json;
    }
    const wellKnown = WELL_KNOWN_TYPES.get(type.fullName);
    if (wellKnown !== undefined) return wellKnown.toJson(fields);
    const valueField = WRAPPER_TYPES.has(type.fullName) ? type.fields.value : undefined;
    if (valueField !== undefined) return this.scalar(valueField, fields.value ?? valueField.defaultValue);
    if (type.fullName === '.google.protobuf.Any') return this.any(fields);
    const json: Record<string, unknown> = {};
    for (const field of type.fieldsArray) {
      if (!Object.hasOwn(fields, field.name)) continue;
      const value = this.field(field, fields[field.name]);
      if (value !== undefined) json[field.name] = value;
    }
    return json;
  }

  private field(field: Field, value: unknown): unknown {
    if (field instanceof MapField) {
      const entries = Object.entries(value as Fields).sort(([a], [b]) => (a < b ? -1 : 1));
      if (entries.length === 0) return undefined;
      return Object.fromEntries(entries.map(([key, each]) => [key, this.single(field, each)]));
    }
    if (field.repeated) {
      const list = value as readonly unknown[];
      return list.length === 0 ? undefined : list.map((each) => this.single(field, each));
    }
    return this.single(field, value);
  }

  private single(field: Field, value: unknown): unknown {
    const type = field.resolvedType;
    if (type instanceof Type) return this.message(type, value as Fields);
    if (type instanceof Enum) return type.valuesById[value as number] ?? value;
    return this.scalar(field, value);
  }

  private scalar(field: Field, value: unknown): unknown {
    switch (field.type) {
      case 'bytes':
        return Buffer.from(value as Uint8Array).toString('base64');
      case 'int64':
      case 'uint64':
      case 'sint64':
      case 'fixed64':
      case 'sfixed64':
        return String(value);
      case 'float':
        return floatJson(shortestFloat(value as number));
      case 'double':
        return floatJson(value as number);
      default:
        return value;
    }
  }

  private any(fields: Fields): unknown {
    const typeUrl = String(fields.type_url ?? fields.typeUrl ?? '');
    const type = this.schema.lookupType(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
    const bytes = (fields.value ?? new Uint8Array(0)) as Uint8Array;
    // A type that nobody here knows cannot be shown; its bytes can.
    if (type === undefined) return { '@type': typeUrl, value: Buffer.from(bytes).toString('base64') };
    const value = this.encode(type, bytes);
    return WELL_KNOWN_TYPES.has(type.fullName) || WRAPPER_TYPES.has(type.fullName)
      ? { '@type': typeUrl, value }
      : { '@type': typeUrl, ...(value as object) };
  }
}

function shorthandOf(type: MessageType, fields: Fields): { readonly json: unknown } | undefined {
  if (type.fullName === PAYLOAD_TYPE) return toShorthand(fields as Payload);
  if (type.fullName !== PAYLOADS_TYPE) return undefined;
  const values = ((fields.payloads ?? []) as readonly Payload[]).map(toShorthand);
  if (values.includes(undefined)) return undefined;
  return { json: values.map((value) => value?.json) };
}

function floatJson(value: number): unknown {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return value;
}

/** A float read into a double shows digits that it never had. */
function shortestFloat(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let precision = 1; precision <= 9; precision++) {
    const candidate = Number(value.toPrecision(precision));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}
