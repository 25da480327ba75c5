// File descriptors of the public API for reflection, made from protobufjs's reflected root: one file per package, because the
// root has forgotten the files. Loaded by a dynamic import at the first reflection request, so that it costs nothing before.

import protobuf from 'protobufjs';
import { bytesField, int32Field, stringField, varintField } from '../protobuf-fields.ts';
import type { FileDescriptorSource, NamedFile } from './reflection.ts';

const { Enum, Field, MapField, Service, Type } = protobuf;
type TypeOf = protobuf.Type;
type EnumOf = protobuf.Enum;
type ServiceOf = protobuf.Service;
type FieldOf = protobuf.Field;
type Definition = TypeOf | EnumOf | ServiceOf;

/** google/protobuf/descriptor.proto, FieldDescriptorProto.Type. */
const FIELD_TYPES: Readonly<Record<string, number>> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
};
const TYPE_MESSAGE = 11;
const TYPE_ENUM = 14;
const LABEL_OPTIONAL = 1;
const LABEL_REPEATED = 3;

/** The well-known types keep their true file names: clients have those files themselves. */
const WELL_KNOWN_FILES: Readonly<Record<string, string>> = {
  Any: 'any',
  Duration: 'duration',
  Empty: 'empty',
  FieldMask: 'field_mask',
  Timestamp: 'timestamp',
  Struct: 'struct',
  Value: 'struct',
  ListValue: 'struct',
  NullValue: 'struct',
};

/** The descriptors of everything in the root; each file is made when it is first asked for. */
export function createDescriptorSource(root: protobuf.Root): FileDescriptorSource {
  root.resolveAll();
  const definitions = new Map<string, Definition[]>();
  collect(root, definitions);
  const made = new Map<string, { file: NamedFile; dependencies: readonly string[] }>();
  const make = (name: string) => {
    let file = made.get(name);
    if (file === undefined) {
      file = makeFile(name, definitions.get(name)!);
      made.set(name, file);
    }
    return file;
  };
  const fileByName = (name: string): readonly NamedFile[] | undefined => {
    if (!definitions.has(name)) return undefined;
    const seen = new Set<string>();
    const files: NamedFile[] = [];
    const visit = (next: string): void => {
      if (seen.has(next)) return;
      seen.add(next);
      const { file, dependencies } = make(next);
      files.push(file);
      for (const dependency of dependencies) visit(dependency);
    };
    visit(name);
    return files;
  };
  return {
    fileByName,
    fileContainingSymbol: (symbol) => {
      const owner = definitionOf(root, symbol);
      return owner === undefined ? undefined : fileByName(fileNameOf(owner));
    },
  };
}

/** The public API's root, which the TypeScript SDK carries. */
export async function loadPublicDescriptors(): Promise<FileDescriptorSource> {
  const module = await import('@temporalio/proto/protos/json-module.js');
  return createDescriptorSource(module.default as unknown as protobuf.Root);
}

/** The top-level definitions by the name of their file. */
function collect(namespace: protobuf.NamespaceBase, definitions: Map<string, Definition[]>): void {
  for (const nested of namespace.nestedArray) {
    if (nested instanceof Type || nested instanceof Enum || nested instanceof Service) {
      const file = fileNameOf(nested);
      const found = definitions.get(file);
      if (found === undefined) definitions.set(file, [nested]);
      else found.push(nested);
    } else if (!(nested instanceof Field) && 'nestedArray' in nested) {
      collect(nested as protobuf.NamespaceBase, definitions);
    }
  }
}

/** The top-level definition behind a symbol: the definition itself, one it is nested in, or the owner of a method or field. */
function definitionOf(root: protobuf.Root, symbol: string): Definition | undefined {
  let at: protobuf.ReflectionObject = root;
  let definition: Definition | undefined;
  for (const part of symbol.split('.')) {
    let next: protobuf.ReflectionObject | undefined;
    if (at instanceof Enum) next = Object.hasOwn(at.values, part) ? at : undefined;
    else if (at instanceof Service) next = Object.hasOwn(at.methods, part) ? at.methods[part] : undefined;
    else if (at instanceof Type) next = at.nested?.[part] ?? at.fieldsArray.find((field) => protoName(field) === part);
    else if ('nestedArray' in at) next = (at as protobuf.NamespaceBase).nested?.[part];
    if (next === undefined) return undefined;
    if (definition === undefined && (next instanceof Type || next instanceof Enum || next instanceof Service)) {
      definition = next;
    }
    at = next;
  }
  return definition;
}

function packageOf(definition: Definition): string {
  let at: protobuf.ReflectionObject = definition;
  while (at instanceof Type || at instanceof Enum || at instanceof Service) at = at.parent!;
  return at.fullName.slice(1);
}

function fileNameOf(definition: Definition): string {
  const packageName = packageOf(definition);
  if (packageName === 'google.protobuf') {
    let top: protobuf.ReflectionObject = definition;
    while (top.parent instanceof Type) top = top.parent;
    const known = WELL_KNOWN_FILES[top.name] ?? (/^[A-Z]\w*Value$/.test(top.name) ? 'wrappers' : 'descriptor');
    return `google/protobuf/${known}.proto`;
  }
  return `${packageName.replaceAll('.', '/')}/all.proto`;
}

/** FileDescriptorProto { name = 1; package = 2; dependency = 3; message_type = 4; enum_type = 5; service = 6; syntax = 12; } */
function makeFile(name: string, definitions: readonly Definition[]): { file: NamedFile; dependencies: string[] } {
  const uses = new Set<string>();
  const body: Buffer[] = [];
  for (const definition of definitions) {
    if (definition instanceof Type) body.push(bytesField(4, messageDescriptor(definition, uses)));
    else if (definition instanceof Enum) body.push(bytesField(5, enumDescriptor(definition)));
    else body.push(bytesField(6, serviceDescriptor(definition, uses)));
  }
  uses.delete(name);
  const dependencies = [...uses].sort();
  const head = [stringField(1, name), stringField(2, packageOf(definitions[0]!))];
  for (const dependency of dependencies) head.push(stringField(3, dependency));
  return { file: { name, bytes: Buffer.concat([...head, ...body, stringField(12, 'proto3')]) }, dependencies };
}

/** DescriptorProto { name = 1; field = 2; nested_type = 3; enum_type = 4; oneof_decl = 8; } */
function messageDescriptor(type: TypeOf, uses: Set<string>): Buffer {
  // synthetic oneofs of `optional` fields come behind the real ones, as protoc has them
  const oneofs = [...type.oneofsArray].sort((a, b) => Number(isSynthetic(a)) - Number(isSynthetic(b)));
  const parts = [stringField(1, type.name)];
  for (const field of type.fieldsArray) {
    parts.push(bytesField(2, fieldDescriptor(field, oneofs, uses)));
    if (field instanceof MapField) parts.push(bytesField(3, mapEntry(field, uses)));
  }
  for (const nested of type.nestedArray) {
    if (nested instanceof Type) parts.push(bytesField(3, messageDescriptor(nested, uses)));
    else if (nested instanceof Enum) parts.push(bytesField(4, enumDescriptor(nested)));
  }
  for (const oneof of oneofs) parts.push(bytesField(8, stringField(1, oneof.name)));
  return Buffer.concat(parts);
}

function isSynthetic(oneof: protobuf.OneOf): boolean {
  return oneof.fieldsArray.length === 1 && isOptional(oneof.fieldsArray[0]!);
}

function isOptional(field: FieldOf): boolean {
  return field.options?.proto3_optional === true;
}

/**
 * FieldDescriptorProto { name = 1; number = 3; label = 4; type = 5; type_name = 6; oneof_index = 9; json_name = 10;
 * proto3_optional = 17; }
 */
function fieldDescriptor(field: FieldOf, oneofs: readonly protobuf.OneOf[], uses: Set<string>): Buffer {
  const name = protoName(field);
  const repeated = field.repeated || field instanceof MapField;
  const parts = [
    stringField(1, name),
    varintField(3, field.id),
    varintField(4, repeated ? LABEL_REPEATED : LABEL_OPTIONAL),
  ];
  if (field instanceof MapField) {
    parts.push(varintField(5, TYPE_MESSAGE), stringField(6, `${field.parent!.fullName}.${entryName(name)}`));
  } else {
    parts.push(...typeFields(field, uses));
  }
  if (field.partOf !== null) parts.push(varintField(9, oneofs.indexOf(field.partOf)));
  parts.push(stringField(10, jsonName(name)));
  if (isOptional(field)) parts.push(varintField(17, 1));
  return Buffer.concat(parts);
}

/** `type` and `type_name` of a field. */
function typeFields(field: FieldOf | protobuf.MapField, uses: Set<string>): Buffer[] {
  const resolved = field.resolvedType;
  if (resolved === null) return [varintField(5, FIELD_TYPES[field.type]!)];
  uses.add(fileNameOf(resolved));
  return [varintField(5, resolved instanceof Enum ? TYPE_ENUM : TYPE_MESSAGE), stringField(6, resolved.fullName)];
}

/** The message that a map stands for: DescriptorProto with MessageOptions { map_entry = 7; } in field 7. */
function mapEntry(field: protobuf.MapField, uses: Set<string>): Buffer {
  const optional = varintField(4, LABEL_OPTIONAL);
  const key = Buffer.concat([
    stringField(1, 'key'),
    varintField(3, 1),
    optional,
    varintField(5, FIELD_TYPES[field.keyType]!),
    stringField(10, 'key'),
  ]);
  const value = Buffer.concat([
    stringField(1, 'value'),
    varintField(3, 2),
    optional,
    ...typeFields(field, uses),
    stringField(10, 'value'),
  ]);
  return Buffer.concat([
    stringField(1, entryName(protoName(field))),
    bytesField(2, key),
    bytesField(2, value),
    bytesField(7, varintField(7, 1)),
  ]);
}

/** EnumDescriptorProto { name = 1; value = 2 { name = 1; number = 2; } options = 3 { allow_alias = 2; } } */
function enumDescriptor(type: EnumOf): Buffer {
  // proto3 wants the zero value first
  const values = Object.entries(type.values).sort(([, a], [, b]) => Number(b === 0) - Number(a === 0));
  const parts = [stringField(1, type.name)];
  for (const [name, number] of values) {
    parts.push(bytesField(2, Buffer.concat([stringField(1, name), int32Field(2, number)])));
  }
  if (new Set(values.map(([, number]) => number)).size < values.length) parts.push(bytesField(3, varintField(2, 1)));
  return Buffer.concat(parts);
}

/** ServiceDescriptorProto { name = 1; method = 2 { name = 1; input_type = 2; output_type = 3; streaming = 5, 6; } } */
function serviceDescriptor(service: ServiceOf, uses: Set<string>): Buffer {
  const parts = [stringField(1, service.name)];
  for (const method of service.methodsArray) {
    method.resolve();
    const input = method.resolvedRequestType!;
    const output = method.resolvedResponseType!;
    uses.add(fileNameOf(input));
    uses.add(fileNameOf(output));
    const fields = [stringField(1, method.name), stringField(2, input.fullName), stringField(3, output.fullName)];
    if (method.requestStream === true) fields.push(varintField(5, 1));
    if (method.responseStream === true) fields.push(varintField(6, 1));
    parts.push(bytesField(2, Buffer.concat(fields)));
  }
  return Buffer.concat(parts);
}

/** protobufjs camel-cases names and keeps the original beside them. */
function protoName(field: FieldOf | protobuf.MapField): string {
  return (field as { readonly name: string; readonly protoName?: string | null }).protoName ?? field.name;
}

/** As protoc does it: the letter behind an underscore in upper case. */
function jsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase());
}

function entryName(fieldName: string): string {
  const camel = jsonName(fieldName);
  return `${camel[0]!.toUpperCase()}${camel.slice(1)}Entry`;
}
