// Generates the message codecs in src/proto/generated/ from @temporalio/proto (the public API) and from proto/ (our own
// messages, and those of Temporal's AdminService). Run by `npm ci` (the "prepare" script) and after every change in proto/. The
// output is JavaScript with declarations, so that threads load it without type stripping.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import protobuf from 'protobufjs';

const PROJECT = join(import.meta.dirname, '..');
const OUTPUT = join(PROJECT, 'src/proto/generated');
const WIRE = join(PROJECT, 'src/proto/wire.ts');

/** Packages that become modules. The rest of @temporalio/proto (SDK core, cloud API) has no place in the server. */
const PACKAGES = /^\.(temporal\.api\.(?!cloud|testservice)|temporal\.server\.api\.|ostinato\.|google\.(rpc|protobuf)$)/;

/** Of google.protobuf, what messages use; the rest describes .proto files and carries extensions that are no identifiers. */
const WELL_KNOWN =
  /^(Any|Empty|Duration|Timestamp|FieldMask|Struct|Value|ListValue|NullValue|(Bool|Bytes|Double|Float|Int32|Int64|String|UInt32|UInt64)Value)$/;

/** Messages that stay encoded wherever they are a field: nothing between socket and store looks into them by default. */
const OPAQUE = new Set([
  '.temporal.api.common.v1.Payload',
  '.temporal.api.common.v1.Payloads',
  '.temporal.api.common.v1.Header',
  '.temporal.api.common.v1.Memo',
  '.temporal.api.common.v1.SearchAttributes',
  '.temporal.api.common.v1.Link',
  '.temporal.api.failure.v1.Failure',
  '.temporal.api.history.v1.History',
  '.temporal.api.sdk.v1.UserMetadata',
  '.temporal.api.sdk.v1.WorkflowTaskCompletedMetadata',
  // Fields only of RespondWorkflowTaskCompletedResponse: composed elsewhere, passed on encoded.
  '.temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse',
  '.temporal.api.workflowservice.v1.PollActivityTaskQueueResponse',
]);

/** What each generated module begins with. */
const PREAMBLE = `const NO_BYTES = Buffer.alloc(0);
function codec(typeName, read, write) {
  return { typeName, read, write, encode: (message) => encodeWith(write, message), decode: (bytes) => decodeWith(read, bytes) };
}
function readNested(r, read) {
  const end = r.enter();
  const value = read(r, end);
  r.leave();
  return value;
}`;

const require = createRequire(import.meta.url);
const api = (await import('@temporalio/proto/protos/json-module.js')).default;
const root = protobuf.Root.fromJSON(api);
const ownFiles = readdirSync(join(PROJECT, 'proto'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.proto'))
  .sort();
for (const file of ownFiles) {
  const path = join(PROJECT, 'proto', file);
  // Imports of the public API are already in the root; only our own files are parsed.
  protobuf.parse(require('node:fs').readFileSync(path, 'utf8'), root, { keepCase: false });
}
root.resolveAll();

const modules = new Map<string, protobuf.ReflectionObject[]>();
collect(root);
rmSync(OUTPUT, { recursive: true, force: true });
for (const [packageName, members] of modules) emitModule(packageName, members);

function collect(namespace: protobuf.NamespaceBase): void {
  for (const member of namespace.nestedArray) {
    if (member instanceof protobuf.Type || member instanceof protobuf.Enum) {
      const packageName = packageOf(member);
      if (!PACKAGES.test(packageName)) continue;
      if (packageName === '.google.protobuf' && !WELL_KNOWN.test(member.name)) continue;
      const members = modules.get(packageName) ?? [];
      members.push(member);
      modules.set(packageName, members);
    }
    if (
      member instanceof protobuf.Type ||
      (member instanceof protobuf.Namespace && !(member instanceof protobuf.Service))
    ) {
      collect(member as protobuf.NamespaceBase);
    }
  }
}

function packageOf(member: protobuf.ReflectionObject): string {
  let parent = member.parent;
  while (parent instanceof protobuf.Type) parent = parent.parent;
  return parent === null ? '' : parent.fullName;
}

/** `Payload.ExternalPayloadDetails` becomes `Payload_ExternalPayloadDetails`. */
function nameOf(member: protobuf.ReflectionObject): string {
  return member.fullName.slice(packageOf(member).length + 1).replaceAll('.', '_');
}

function fileOf(packageName: string): string {
  return join(OUTPUT, ...packageName.slice(1).split('.'));
}

function emitModule(packageName: string, members: protobuf.ReflectionObject[]): void {
  const file = fileOf(packageName);
  const imports = new Map<string, string>();
  const reference = (member: protobuf.ReflectionObject): string => {
    const other = packageOf(member);
    if (other === packageName) return nameOf(member);
    const alias = other.slice(1).replaceAll('.', '_');
    imports.set(other, alias);
    return `${alias}.${nameOf(member)}`;
  };
  const script: string[] = [];
  const types: string[] = [];
  for (const member of members) {
    if (member instanceof protobuf.Enum) emitEnum(member, script, types);
    else emitMessage(member as protobuf.Type, reference, script, types);
  }
  const importLines = [...imports].map(([other, alias]) => {
    const path = relative(dirname(file), fileOf(other));
    return `import * as ${alias} from '${path.startsWith('.') ? path : `./${path}`}.js';`;
  });
  const wire = relative(dirname(file), WIRE);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    `${file}.js`,
    [
      `import { decodeWith, encodeWith, mergeEncoded, readMs, WireError, writeDurationMs, writeTimestampMs } from '${wire}';`,
    ]
      .concat(importLines, '', script)
      .join('\n') + '\n',
  );
  writeFileSync(
    `${file}.d.ts`,
    [`import type { Encoded, MessageCodec } from '${wire}';`]
      .concat(
        importLines.map((line) => line.replace('import *', 'import type *')),
        '',
        types,
      )
      .join('\n') + '\n',
  );
}

function emitEnum(type: protobuf.Enum, script: string[], types: string[]): void {
  const name = nameOf(type);
  const screaming = type.name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase() + '_';
  const entries = Object.entries(type.values);
  const strip = entries.every(([key]) => key.startsWith(screaming));
  const short = (key: string): string => {
    const rest = strip ? key.slice(screaming.length) : key;
    return /^[0-9]/.test(rest) ? `_${rest}` : rest;
  };
  const camel = (key: string): string =>
    (strip ? key.slice(screaming.length) : key)
      .split('_')
      .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
      .join('');
  script.push(
    `export const ${name} = /*#__PURE__*/ Object.freeze({ ${entries.map(([key, value]) => `${short(key)}: ${value}`).join(', ')} });`,
    `export const ${name}Names = /*#__PURE__*/ new Map([${entries.map(([key, value]) => `[${value}, '${camel(key)}']`).join(', ')}]);`,
  );
  types.push(
    `export declare const ${name}: { ${entries.map(([key, value]) => `readonly ${short(key)}: ${value}`).join('; ')} };`,
    `export type ${name} = number;`,
    `/** Numbers to names as Temporal prints them: \`WorkflowTaskStarted\`. */`,
    `export declare const ${name}Names: ReadonlyMap<number, string>;`,
  );
}

interface Shape {
  /** TypeScript type of one value, and of one value to encode. */
  readonly type: string;
  readonly init: string;
  readonly wireType: number;
  readonly read: string;
  readonly write: (value: string) => string;
  /** Default in proto3; undefined for messages. */
  readonly zero: string | undefined;
  readonly nonZero: (value: string) => string;
  readonly merge?: (previous: string, next: string) => string;
}

function shapeOf(
  typeName: string,
  resolved: protobuf.Type | protobuf.Enum | null,
  reference: (member: protobuf.ReflectionObject) => string,
): Shape {
  if (resolved instanceof protobuf.Enum) {
    return {
      type: reference(resolved),
      init: reference(resolved),
      wireType: 0,
      read: 'r.int32()',
      write: (v) => `w.int32(${v})`,
      zero: '0',
      nonZero: (v) => `${v} !== 0`,
    };
  }
  if (resolved instanceof protobuf.Type) {
    const present = (v: string) => `${v} !== undefined`;
    const nested = (write: (v: string) => string) => (v: string) =>
      `{ const at = w.open(); ${write(v)}; w.close(at); }`;
    if (resolved.fullName === '.google.protobuf.Timestamp' || resolved.fullName === '.google.protobuf.Duration') {
      const writer = resolved.name === 'Timestamp' ? 'writeTimestampMs' : 'writeDurationMs';
      return {
        type: 'number',
        init: 'number',
        wireType: 2,
        read: 'readNested(r, readMs)',
        write: nested((v) => `${writer}(w, ${v})`),
        zero: undefined,
        nonZero: present,
      };
    }
    const target = reference(resolved);
    if (OPAQUE.has(resolved.fullName)) {
      return {
        type: `Encoded<${target}>`,
        init: `Encoded<${target}>`,
        wireType: 2,
        read: 'r.bytes()',
        write: (v) => `w.bytes(${v})`,
        zero: undefined,
        nonZero: present,
        merge: (a, b) => `mergeEncoded(${a}, ${b})`,
      };
    }
    return {
      type: target,
      init: `${target}Init`,
      wireType: 2,
      read: `readNested(r, ${target}.read)`,
      write: nested((v) => `${target}.write(w, ${v})`),
      zero: undefined,
      nonZero: present,
    };
  }
  const scalar = (type: string, wireType: number, zero: string): Shape => ({
    type,
    init: type,
    wireType,
    read: `r.${typeName}()`,
    write: (v) => `w.${typeName}(${v})`,
    zero,
    nonZero: (v) => (type === 'boolean' ? v : type === 'Uint8Array' ? `${v}.length !== 0` : `${v} !== ${zero}`),
  });
  switch (typeName) {
    case 'string':
      return scalar('string', 2, "''");
    case 'bytes':
      return scalar('Uint8Array', 2, 'NO_BYTES');
    case 'bool':
      return scalar('boolean', 0, 'false');
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return scalar('number', 1, '0');
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return scalar('number', 5, '0');
    default:
      return scalar('number', 0, '0');
  }
}

function emitMessage(
  type: protobuf.Type,
  reference: (member: protobuf.ReflectionObject) => string,
  script: string[],
  types: string[],
): void {
  const name = nameOf(type);
  const fields = type.fieldsArray.map((field) => field.resolve()).sort((a, b) => a.id - b.id);
  // google.protobuf.Any keeps its snake case in the reflected API.
  const propertyName = (field: protobuf.Field): string => protobuf.util.camelCase(field.name);
  const decoded: string[] = [];
  const init: string[] = [];
  const zeros: string[] = [];
  const cases: string[] = [];
  const writes: string[] = [];
  for (const field of fields) {
    const shape = shapeOf(field.type, field.resolvedType as protobuf.Type | protobuf.Enum | null, reference);
    const property = `m.${propertyName(field)}`;
    const tag = (field.id << 3) | shape.wireType;
    const doc =
      field.comment === null || field.comment === undefined
        ? []
        : [`  /** ${field.comment.replaceAll('*/', '').replaceAll('\n', ' ')} */`];
    const oneof = field.partOf !== null && field.partOf !== undefined && !field.partOf.isProto3Optional;
    if (field instanceof protobuf.MapField) {
      const key = shapeOf(field.keyType, null, reference);
      decoded.push(`  ${propertyName(field)}: Map<${key.type}, ${shape.type}>;`);
      init.push(`  ${propertyName(field)}?: ReadonlyMap<${key.init}, ${shape.init}> | undefined;`);
      zeros.push(`${propertyName(field)}: new Map()`);
      const fallback =
        shape.zero ??
        (shape.type.startsWith('Encoded<')
          ? 'NO_BYTES'
          : shape.type === 'number'
            ? '0'
            : `${shape.type}.decode(NO_BYTES)`);
      cases.push(
        `case ${(field.id << 3) | 2}: { const to = r.enter(); let k = ${key.zero}, v; while (r.pos < to) { const t = r.uint32(); if (t === ${8 | key.wireType}) k = ${key.read}; else if (t === ${16 | shape.wireType}) v = ${shape.read}; else r.skip(t); } r.leave(); ${property}.set(k, v ?? ${fallback}); break; }`,
      );
      writes.push(
        `if (${property} !== undefined) for (const [k, v] of ${property}) { w.uint32(${(field.id << 3) | 2}); const to = w.open(); w.uint32(${8 | key.wireType}); ${key.write('k')}; w.uint32(${16 | shape.wireType}); ${shape.write('v')}; w.close(to); }`,
      );
      continue;
    }
    if (field.repeated) {
      decoded.push(...doc, `  ${propertyName(field)}: ${wrap(shape.type)}[];`);
      init.push(`  ${propertyName(field)}?: readonly ${wrap(shape.init)}[] | undefined;`);
      zeros.push(`${propertyName(field)}: []`);
      const packable = shape.wireType !== 2;
      cases.push(`case ${tag}: ${property}.push(${shape.read}); break;`);
      if (packable) {
        cases.push(
          `case ${(field.id << 3) | 2}: { const to = r.enter(); while (r.pos < to) ${property}.push(${shape.read}); r.leave(); break; }`,
        );
        writes.push(
          `if (${property} !== undefined && ${property}.length !== 0) { w.uint32(${(field.id << 3) | 2}); const at = w.open(); for (const v of ${property}) ${shape.write('v')}; w.close(at); }`,
        );
      } else {
        writes.push(
          `if (${property} !== undefined) for (const v of ${property}) { w.uint32(${tag}); ${shape.write('v')}; }`,
        );
      }
      continue;
    }
    const optional = shape.zero === undefined || oneof || field.hasPresence;
    decoded.push(...doc, `  ${propertyName(field)}: ${shape.type}${optional ? ' | undefined' : ''};`);
    init.push(`  ${propertyName(field)}?: ${shape.init} | undefined;`);
    zeros.push(`${propertyName(field)}: ${optional ? 'undefined' : shape.zero}`);
    const clear = oneof
      ? field
          .partOf!.fieldsArray.filter((other) => other !== field)
          .map((other) => `m.${propertyName(other)} = undefined; `)
          .join('')
      : '';
    const value = shape.merge === undefined ? shape.read : shape.merge(property, shape.read);
    cases.push(`case ${tag}: ${clear}${property} = ${value}; break;`);
    const condition = optional
      ? `${property} !== undefined`
      : `${property} !== undefined && ${shape.nonZero(property)}`;
    writes.push(`if (${condition}) { w.uint32(${tag}); ${shape.write(property)}; }`);
  }
  script.push(
    `function read${name}(r, end) {`,
    `  const m = { ${zeros.join(', ')} };`,
    '  while (r.pos < end) {',
    '    const tag = r.uint32();',
    '    switch (tag) {',
    ...cases.map((line) => `      ${line}`),
    '      default: r.skip(tag);',
    '    }',
    '  }',
    "  if (r.pos !== end) throw new WireError('unexpected EOF');",
    '  return m;',
    '}',
    `function write${name}(w, m) {`,
    ...writes.map((line) => `  ${line}`),
    '}',
    `export const ${name} = /*#__PURE__*/ codec('${type.fullName.slice(1)}', read${name}, write${name});`,
  );
  types.push(
    `export interface ${name} {`,
    ...decoded,
    '}',
    `export interface ${name}Init {`,
    ...init,
    '}',
    `export declare const ${name}: MessageCodec<${name}, ${name}Init>;`,
  );
  if (!script.includes(PREAMBLE)) script.unshift(PREAMBLE);
}

function wrap(type: string): string {
  return type.includes(' ') ? `(${type})` : type;
}
