// Path and query parameters on their way into the request message (grpc-gateway's PopulateFieldFromPath and
// PopulateQueryParameters). Main loop.

import protobuf, { type Field, type Type as MessageType } from 'protobufjs';
import { fieldNamed, type JsonDecoder } from './json-decode.ts';
import { JsonDecodeError } from './json-error.ts';

const { Enum, MapField, Type } = protobuf;

type MutableMessage = Record<string, unknown>;

/** Sets the field at `path` (`execution.workflow_id`) from text. Unknown fields are passed over, as query parameters may be. */
export function setField(
  decoder: JsonDecoder,
  type: MessageType,
  message: MutableMessage,
  path: string,
  values: readonly string[],
): void {
  const mapKey = /^(.*)\[(.*)\]$/.exec(path);
  const names = (mapKey?.[1] ?? path).split('.');
  let owner = message;
  let ownerType = type;
  for (const name of names.slice(0, -1)) {
    const field = fieldNamed(ownerType, name);
    if (field === undefined || field.repeated || !(field.resolvedType instanceof Type)) return;
    const inner = (owner[field.name] ?? {}) as MutableMessage;
    owner[field.name] = inner;
    owner = inner;
    ownerType = field.resolvedType;
  }
  const field = fieldNamed(ownerType, names.at(-1) as string);
  if (field === undefined) return;
  if (field instanceof MapField) {
    if (mapKey === null) return;
    const map = (owner[field.name] ?? {}) as MutableMessage;
    owner[field.name] = { ...map, [mapKey[2] as string]: parameterValue(decoder, field, values.at(-1) as string) };
  } else if (field.repeated) {
    owner[field.name] = values.map((value) => parameterValue(decoder, field, value));
  } else if (values.length > 1) {
    throw new JsonDecodeError(
      `too many values for field ${JSON.stringify(snakeCase(field.name))}: ${values.join(', ')}`,
    );
  } else {
    owner[field.name] = parameterValue(decoder, field, values[0] ?? '');
  }
}

function parameterValue(decoder: JsonDecoder, field: Field, text: string): unknown {
  if (field.type === 'bool') {
    if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
    if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false;
    throw unparsable(field, 'ParseBool', text);
  }
  if (field.resolvedType instanceof Enum) {
    if (/^-?\d+$/.test(text)) return Number(text);
    if (field.resolvedType.values[text] === undefined) {
      throw new JsonDecodeError(
        `parsing field ${JSON.stringify(snakeCase(field.name))}: ${JSON.stringify(text)} is not a valid value`,
      );
    }
  } else if (INTEGER_TYPES.has(field.type) && !/^[+-]?\d+$/.test(text)) {
    throw unparsable(field, field.type.startsWith('u') ? 'ParseUint' : 'ParseInt', text);
  } else if (field.type === 'bytes') {
    const at = /^[A-Za-z0-9+/_-]*/.exec(text)?.[0].length ?? 0;
    if (!/^=*$/.test(text.slice(at))) {
      throw new JsonDecodeError(
        `parsing field ${JSON.stringify(snakeCase(field.name))}: illegal base64 data at input byte ${at}`,
      );
    }
  }
  return decoder.single(field, text);
}

const INTEGER_TYPES: ReadonlySet<string> = new Set(['int32', 'sint32', 'uint32', 'int64', 'sint64', 'uint64']);

/** In the words of Go's strconv, which reach clients of Temporal. */
function unparsable(field: Field, parser: string, text: string): JsonDecodeError {
  const name = JSON.stringify(snakeCase(field.name));
  return new JsonDecodeError(
    `parsing field ${name}: strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
