// gRPC server reflection, v1 and v1alpha (grpc/doc/server-reflection.md; the two differ in their names only): how grpcurl and
// the like learn what this server offers. Descriptors are loaded at the first question. Main loop.

import { Reader } from '../../proto/wire.ts';
import type { MethodHandler, MethodTable, ServerCall, StreamListener } from '../handler.ts';
import { bytesField, stringField, varintField } from '../protobuf-fields.ts';
import { GrpcCode } from '../status.ts';

const SERVICES = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'] as const;
/** Questions of one call that wait for the descriptors to load. A tool asks them one by one. */
const MAX_WAITING = 1000;

/** Encoded google.protobuf.FileDescriptorProto messages, by what a client may ask for. */
export interface FileDescriptorSource {
  /** A file and all it depends on, dependencies last. undefined: there is no such file. */
  fileByName(name: string): readonly NamedFile[] | undefined;
  /** The file that defines a service, method, message, field or enum of this full name, and its dependencies. */
  fileContainingSymbol(symbol: string): readonly NamedFile[] | undefined;
}

export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ReflectionOptions {
  /** Full names of the services that this server offers. Those of reflection itself are added. */
  readonly services: readonly string[];
  /** Called once, at the first question. */
  readonly loadDescriptors: () => Promise<FileDescriptorSource>;
}

export function reflectionService(options: ReflectionOptions): MethodTable {
  const services = [...options.services, ...SERVICES].sort();
  let loading: Promise<FileDescriptorSource> | undefined;
  const load = (): Promise<FileDescriptorSource> => {
    loading ??= options.loadDescriptors();
    return loading;
  };
  const table = new Map<string, MethodHandler>();
  for (const service of SERVICES) {
    table.set(`/${service}/ServerReflectionInfo`, {
      kind: 'stream',
      handle: (call) => new ReflectionCall(call, services, load),
    });
  }
  return table;
}

/** One conversation: each question is answered in order; a file is sent once. */
class ReflectionCall implements StreamListener {
  readonly #call: ServerCall;
  readonly #services: readonly string[];
  readonly #load: () => Promise<FileDescriptorSource>;
  readonly #sentFiles = new Set<string>();
  #waiting: Buffer[] = [];
  #source: FileDescriptorSource | undefined;
  #loading = false;
  #ended = false;

  constructor(call: ServerCall, services: readonly string[], load: () => Promise<FileDescriptorSource>) {
    this.#call = call;
    this.#services = services;
    this.#load = load;
  }

  onMessage(message: Uint8Array): void {
    if (this.#source !== undefined) {
      this.#answer(Buffer.from(message), this.#source);
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      this.#call.fail({ code: GrpcCode.RESOURCE_EXHAUSTED, message: 'too many reflection requests at once' });
      return;
    }
    this.#waiting.push(Buffer.from(message));
    if (!this.#loading) {
      this.#loading = true;
      this.#load().then(
        (source) => this.#loaded(source),
        () => this.#call.fail({ code: GrpcCode.UNAVAILABLE, message: 'descriptors could not be loaded' }),
      );
    }
  }

  onEnd(): void {
    this.#ended = true;
    if (!this.#loading || this.#source !== undefined) this.#call.end();
  }

  #loaded(source: FileDescriptorSource): void {
    this.#source = source;
    for (const message of this.#waiting) this.#answer(message, source);
    this.#waiting = [];
    if (this.#ended) this.#call.end();
  }

  /** ServerReflectionRequest in, ServerReflectionResponse out. */
  #answer(request: Buffer, source: FileDescriptorSource): void {
    let answer: Buffer;
    let host: string;
    try {
      const question = readQuestion(request);
      host = question.host;
      answer = this.#answerTo(question, source);
    } catch {
      this.#call.fail({ code: GrpcCode.INVALID_ARGUMENT, message: 'malformed reflection request' });
      return;
    }
    this.#call.write(Buffer.concat([stringField(1, host), bytesField(2, request), answer]));
  }

  #answerTo(question: Question, source: FileDescriptorSource): Buffer {
    switch (question.kind) {
      case 'file':
        return this.#files(source.fileByName(question.text), `file not found: ${question.text}`);
      case 'symbol':
        return this.#files(source.fileContainingSymbol(question.text), `symbol not found: ${question.text}`);
      case 'services':
        // list_services_response = 6 { repeated ServiceResponse { string name = 1; } service = 1; }
        return bytesField(6, Buffer.concat(this.#services.map((name) => bytesField(1, stringField(1, name)))));
      case 'extension':
        return notFound('this server defines no extensions');
      default:
        return errorResponse(GrpcCode.INVALID_ARGUMENT, 'the reflection request asks for nothing that is known');
    }
  }

  /** file_descriptor_response = 4 { repeated bytes file_descriptor_proto = 1; } */
  #files(files: readonly NamedFile[] | undefined, missing: string): Buffer {
    if (files === undefined) return notFound(missing);
    const fresh = files.filter((file, i) => i === 0 || !this.#sentFiles.has(file.name));
    for (const file of fresh) this.#sentFiles.add(file.name);
    return bytesField(4, Buffer.concat(fresh.map((file) => bytesField(1, file.bytes))));
  }
}

interface Question {
  readonly host: string;
  readonly kind: 'file' | 'symbol' | 'services' | 'extension' | 'nothing';
  readonly text: string;
}

/**
 * ServerReflectionRequest { string host = 1; oneof { string file_by_filename = 3; string file_containing_symbol = 4;
 * ExtensionRequest file_containing_extension = 5; string all_extension_numbers_of_type = 6; string list_services = 7; } }
 */
function readQuestion(bytes: Uint8Array): Question {
  const reader = new Reader(bytes);
  let host = '';
  let kind: Question['kind'] = 'nothing';
  let text = '';
  while (reader.pos < reader.end) {
    const tag = reader.uint32();
    if (tag === 0x0a) host = reader.string();
    else if (tag === 0x1a) [kind, text] = ['file', reader.string()];
    else if (tag === 0x22) [kind, text] = ['symbol', reader.string()];
    else if (tag === 0x3a) [kind, text] = ['services', reader.string()];
    else if (tag === 0x2a || tag === 0x32) {
      reader.skip(tag);
      kind = 'extension';
    } else reader.skip(tag);
  }
  return { host, kind, text };
}

function notFound(message: string): Buffer {
  return errorResponse(GrpcCode.NOT_FOUND, message);
}

/** error_response = 7 { int32 error_code = 1; string error_message = 2; } */
function errorResponse(code: number, message: string): Buffer {
  return bytesField(7, Buffer.concat([varintField(1, code), stringField(2, message)]));
}
