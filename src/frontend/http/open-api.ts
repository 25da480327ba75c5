// OpenAPI documents of the HTTP API, made from the API's definitions: version 2 as JSON, version 3 as YAML, which JSON is
// too. Loaded when one is asked for. Main loop.

import protobuf, { type Field, type Type as MessageType } from 'protobufjs';
import type { ApiMethod, ApiSchema, HttpBinding } from './api-schema.ts';
import { PAYLOAD_TYPE, PAYLOADS_TYPE } from './payload-shorthand.ts';
import { WELL_KNOWN_TYPES, WRAPPER_TYPES } from './well-known-types.ts';

const { Enum, MapField, Type } = protobuf;

type Json = Record<string, unknown>;
type Version = 2 | 3;

const TITLE = 'Temporal HTTP API';
const REFERENCE: Readonly<Record<Version, string>> = { 2: '#/definitions/', 3: '#/components/schemas/' };

/** How protobuf JSON writes scalars. */
const SCALARS: Readonly<Record<string, Json>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  bytes: { type: 'string', format: 'byte' },
  double: { type: 'number', format: 'double' },
  float: { type: 'number', format: 'float' },
  int32: { type: 'integer', format: 'int32' },
  sint32: { type: 'integer', format: 'int32' },
  uint32: { type: 'integer', format: 'int64' },
  int64: { type: 'string', format: 'int64' },
  sint64: { type: 'string', format: 'int64' },
  uint64: { type: 'string', format: 'uint64' },
};

const SPECIAL: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['.google.protobuf.Timestamp', { type: 'string', format: 'date-time' }],
  ['.google.protobuf.Duration', { type: 'string' }],
  ['.google.protobuf.FieldMask', { type: 'string' }],
  ['.google.protobuf.Empty', { type: 'object' }],
  // A payload in short form is any JSON value.
  [PAYLOAD_TYPE, {}],
  [PAYLOADS_TYPE, {}],
]);

export function openApiV2(schema: ApiSchema, version: string): string {
  const document = new Document(schema, 2);
  return JSON.stringify({
    swagger: '2.0',
    info: { title: TITLE, version },
    consumes: ['application/json'],
    produces: ['application/json'],
    paths: document.paths,
    definitions: document.schemas,
  });
}

export function openApiV3(schema: ApiSchema, version: string): string {
  const document = new Document(schema, 3);
  const content = {
    openapi: '3.0.3',
    info: { title: TITLE, version },
    paths: document.paths,
    components: { schemas: document.schemas },
  };
  return JSON.stringify(content, null, 2);
}

class Document {
  readonly paths: Record<string, Json> = {};
  readonly schemas: Record<string, Json> = {};
  private readonly version: Version;

  constructor(schema: ApiSchema, version: Version) {
    this.version = version;
    for (const method of schema.methods) {
      for (const [index, binding] of method.bindings.entries()) this.addOperation(method, binding, index);
    }
  }

  private addOperation(method: ApiMethod, binding: HttpBinding, index: number): void {
    const name = method.path.slice(method.path.lastIndexOf('/') + 1);
    const service = method.path.slice(0, method.path.lastIndexOf('/')).split('.').at(-1);
    const inPath = [...binding.template.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] as string);
    const parameters = [
      ...inPath.map((path) => this.parameter(path, 'path', { type: 'string' })),
      ...(binding.hasBody ? [] : this.queryParameters(method.requestType, inPath)),
    ];
    const body = binding.hasBody ? this.reference(method.requestType) : undefined;
    const operation: Json = {
      operationId: index === 0 ? name : `${name}${index + 1}`,
      tags: [service],
      parameters: [...parameters, ...(body !== undefined && this.version === 2 ? [bodyParameter(body)] : [])],
      ...(body !== undefined && this.version === 3 ? { requestBody: { required: true, ...this.content(body) } } : {}),
      responses: { 200: { description: 'OK', ...this.content(this.reference(method.responseType)) } },
    };
    this.paths[binding.template] = {
      ...this.paths[binding.template],
      [binding.httpMethod.toLowerCase()]: operation,
    };
  }

  private content(schema: Json): Json {
    return this.version === 2 ? { schema } : { content: { 'application/json': { schema } } };
  }

  private parameter(name: string, place: 'path' | 'query', schema: Json): Json {
    const common = { name, in: place, required: place === 'path' };
    return this.version === 2 ? { ...common, ...schema } : { ...common, schema };
  }

  /** Scalars of the request, and of the messages in it one level down. */
  private queryParameters(type: MessageType, inPath: readonly string[], prefix = ''): Json[] {
    return type.fieldsArray.flatMap((field) => {
      const name = `${prefix}${field.name}`;
      const inner = field.resolvedType;
      if (field instanceof MapField || inPath.some((path) => camelCase(path) === name)) return [];
      if (inner instanceof Type && !SPECIAL.has(inner.fullName)) {
        return prefix === '' && !field.repeated ? this.queryParameters(inner, inPath, `${name}.`) : [];
      }
      return [this.parameter(name, 'query', this.field(field))];
    });
  }

  private field(field: Field): Json {
    const value = this.value(field);
    if (field instanceof MapField) return { type: 'object', additionalProperties: value };
    return field.repeated ? { type: 'array', items: value } : value;
  }

  private value(field: Field): Json {
    const type = field.resolvedType;
    if (type instanceof Type) return this.reference(type);
    if (type instanceof Enum) return { type: 'string', enum: Object.keys(type.values) };
    return SCALARS[field.type] ?? { type: 'string' };
  }

  private reference(type: MessageType): Json {
    const special = SPECIAL.get(type.fullName);
    if (special !== undefined) return special;
    const wrapped = WRAPPER_TYPES.has(type.fullName) ? type.fields.value : undefined;
    if (wrapped !== undefined) return this.value(wrapped);
    const name = type.fullName.slice(1);
    if (this.schemas[name] === undefined) {
      const schema: Json = { type: 'object' };
      // Before its fields: messages may contain themselves.
      this.schemas[name] = schema;
      if (!WELL_KNOWN_TYPES.has(type.fullName)) {
        schema.properties = Object.fromEntries(type.fieldsArray.map((field) => [field.name, this.field(field)]));
      }
    }
    return { $ref: `${REFERENCE[this.version]}${name}` };
  }
}

const bodyParameter = (schema: Json): Json => ({ name: 'body', in: 'body', required: true, schema });

function camelCase(path: string): string {
  return path.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
