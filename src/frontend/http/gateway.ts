// Turns an HTTP request into a call of a public method and its answer into JSON. The call goes through the same handlers as one
// over gRPC. Loaded at the first request, for it brings reflection along. Main loop.

import type { IncomingHttpHeaders } from 'node:http';
import { Status } from '#proto/google/rpc';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { encodeStatus, invalidArgument } from '../../proto/service-errors.ts';
import type { MethodTable, Peer, RpcStatus, ServerCall } from '../../rpc/handler.ts';
import { type ApiMethod, type ApiSchema, loadApiSchema } from './api-schema.ts';
import type { HttpDialect } from './dialect.ts';
import { type HeaderRules, metadataOf, timeoutMsOf } from './headers.ts';
import { httpStatusOf } from './http-status.ts';
import { JsonDecoder, parseJson } from './json-decode.ts';
import { JsonEncoder } from './json-encode.ts';
import { JsonDecodeError } from './json-error.ts';
import { inboundForm, type JsonForm, outboundForm, stringify } from './media-type.ts';
import { setField } from './request-fields.ts';
import { type RouteMatch, type RouteResult, Routes } from './routes.ts';

export interface HttpRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  readonly peer: Peer;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface GatewayCall {
  readonly response: Promise<HttpResponse>;
  /** The client is gone. */
  cancel(): void;
}

export interface GatewayDependencies extends HeaderRules {
  readonly methods: MethodTable;
  readonly dialect: HttpDialect;
}

const FORM = 'application/x-www-form-urlencoded';
/** What is shorter is over before anything could be done. */
const MIN_TIMEOUT_MS = 1;

const DOCUMENTS: ReadonlySet<string> = new Set(['/swagger.json', '/openapi.yaml']);

export class Gateway {
  private readonly dependencies: GatewayDependencies;
  private readonly schema: ApiSchema = loadApiSchema();
  private readonly routes = new Routes(this.schema.methods);
  private readonly documents = new Map<string, Promise<HttpResponse>>();

  constructor(dependencies: GatewayDependencies) {
    this.dependencies = dependencies;
  }

  handle(request: HttpRequest): GatewayCall {
    const [path = '', query = ''] = splitUrl(request.url);
    const { dialect } = this.dependencies;
    const elsewhere = dialect.unescapes === 'whole' ? cleanedUrl(path, query) : undefined;
    if (elsewhere !== undefined) return answered({ status: 301, headers: { location: elsewhere }, body: '' });
    if (request.method === 'GET' && DOCUMENTS.has(path)) return { response: this.document(path), cancel: () => {} };
    const parameters = new URLSearchParams(query);
    const isForm = request.method === 'POST' && request.headers['content-type'] === FORM;
    const contentType = request.headers['content-type'];
    const form = dialect.form ?? outboundForm(request.headers.accept, contentType, parameters);
    try {
      const route = isForm
        ? this.routeOfForm(request.headers, path)
        : found(this.routes.match(request.method, this.partsOf(path)));
      if (isForm) addForm(parameters, request.body);
      const message = readRequest(route, request, parameters, dialect.form);
      return this.call(route.method, message, request, form);
    } catch (error) {
      const refusal = error instanceof JsonDecodeError ? invalidArgument(error.message) : error;
      if (!(refusal instanceof ServiceError)) throw error;
      const status = { code: refusal.code, message: refusal.message, details: encodeStatus(refusal) };
      return answered(this.failed(status, form));
    }
  }

  /** Making one takes tens of milliseconds, so it is kept, a megabyte or two. */
  private document(path: string): Promise<HttpResponse> {
    let document = this.documents.get(path);
    if (document === undefined) {
      document = this.makeDocument(path);
      this.documents.set(path, document);
    }
    return document;
  }

  private async makeDocument(path: string): Promise<HttpResponse> {
    const { openApiV2, openApiV3 } = await import('./open-api.ts');
    const { serverVersion } = this.dependencies;
    return path === '/swagger.json'
      ? { status: 200, headers: { 'content-type': 'application/json' }, body: openApiV2(this.schema, serverVersion) }
      : { status: 200, headers: { 'content-type': 'application/yaml' }, body: openApiV3(this.schema, serverVersion) };
  }

  /**
   * A form that is posted may stand for a GET whose parameters are too long for a URL, or for the method that a header names
   * (grpc-gateway's path length fallback).
   */
  private routeOfForm(headers: IncomingHttpHeaders, path: string): RouteMatch {
    const parts = this.partsOf(path);
    const named = [headers['x-http-method-override'] ?? []].flat()[0];
    if (named !== undefined && named !== '') return found(this.routes.match(named.toUpperCase(), parts));
    const posted = this.routes.match('POST', parts);
    return found(posted === 'methodNotAllowed' ? this.routes.match('GET', parts) : posted);
  }

  /** What stands between the slashes, unescaped. */
  private partsOf(path: string): string[] {
    const isWhole = this.dependencies.dialect.unescapes === 'whole';
    const parts = isWhole ? unescaped(path).split('/') : path.split('/').map(unescaped);
    return parts.slice(1);
  }

  private call(method: ApiMethod, message: Uint8Array, request: HttpRequest, form: JsonForm): GatewayCall {
    const handler = this.dependencies.methods.get(method.path);
    if (handler?.kind !== 'unary') throw new ServiceError(GrpcCode.NOT_FOUND, 'call not found');
    const timeoutMs = timeoutMsOf(request.headers);
    if (timeoutMs === undefined) {
      throw invalidArgument(`invalid grpc-timeout: ${String(request.headers['grpc-timeout'])}`);
    }
    if (timeoutMs < MIN_TIMEOUT_MS) throw new ServiceError(GrpcCode.DEADLINE_EXCEEDED, 'context deadline exceeded');
    const { promise, resolve } = Promise.withResolvers<HttpResponse>();
    const headers: Record<string, string> = {};
    const call = new HttpCall(method.path, request, timeoutMs, this.dependencies, {
      header: (name, value) => {
        headers[`grpc-metadata-${name}`] = value;
      },
      succeed: (bytes) => resolve(this.succeeded(method, bytes, headers, form)),
      fail: (status) => resolve(this.failed(status, form)),
    });
    handler.handle(call, message);
    return { response: promise, cancel: () => call.cancel() };
  }

  private succeeded(
    method: ApiMethod,
    bytes: Uint8Array,
    headers: Readonly<Record<string, string>>,
    form: JsonForm,
  ): HttpResponse {
    const json = new JsonEncoder(this.schema, form).encode(method.responseType, bytes);
    return { status: 200, headers: { ...headers, 'content-type': form.contentType }, body: stringify(form, json) };
  }

  /** A google.rpc.Status as JSON. */
  private failed(status: RpcStatus, form: JsonForm): HttpResponse {
    const { details } = Status.decode(status.details ?? new Uint8Array(0));
    const encoder = new JsonEncoder(this.schema, form);
    const shown = details.map(({ typeUrl, value }) => {
      const type = this.schema.lookupType(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
      return { '@type': typeUrl, ...(type === undefined ? {} : (encoder.encode(type, value) as object)) };
    });
    const json = { code: status.code, message: status.message, ...(shown.length === 0 ? {} : { details: shown }) };
    return {
      status: httpStatusOf(status.code),
      headers: { 'content-type': form.contentType },
      body: stringify(form, json),
    };
  }
}

interface CallAnswers {
  header(name: string, value: string): void;
  succeed(message: Uint8Array): void;
  fail(status: RpcStatus): void;
}

/** The call as the handlers of gRPC see it. */
class HttpCall implements ServerCall {
  readonly path: string;
  readonly metadata: ServerCall['metadata'];
  readonly peer: Peer;
  readonly deadlineMs: number;
  cancelled = false;
  private readonly answers: CallAnswers;
  private listener: (() => void) | undefined = undefined;

  constructor(path: string, request: HttpRequest, timeoutMs: number, rules: HeaderRules, answers: CallAnswers) {
    this.path = path;
    this.metadata = metadataOf(request.headers, hostOf(request.peer.address), rules);
    this.peer = request.peer;
    this.deadlineMs = performance.now() + timeoutMs;
    this.answers = answers;
  }

  onCancel(listener: () => void): void {
    this.listener = listener;
  }

  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.listener?.();
  }

  setHeader(name: string, value: string): void {
    this.answers.header(name, value);
  }

  respond(message: Uint8Array): void {
    this.answers.succeed(message);
  }

  fail(status: RpcStatus): void {
    this.answers.fail(status);
  }

  write(): boolean {
    throw new ServiceError(GrpcCode.UNIMPLEMENTED, 'stream not supported');
  }

  onDrain(): void {}

  end(): void {}
}

function readRequest(
  { method, binding, parameters }: RouteMatch,
  request: HttpRequest,
  query: URLSearchParams,
  form = inboundForm(request.headers['content-type']),
): Uint8Array {
  const decoder = new JsonDecoder(form);
  const type = method.requestType;
  const body = binding.hasBody ? Buffer.from(request.body).toString().trim() : '';
  // An empty body stands for an empty message.
  const message = body === '' ? {} : decoder.message(type, parseJson(body));
  for (const { fieldPath, value } of parameters) setField(decoder, type, message, fieldPath, [value]);
  if (!binding.hasBody) {
    const inPath = new Set(parameters.map(({ fieldPath }) => fieldPath));
    for (const name of new Set(query.keys())) {
      if (!inPath.has(name)) setField(decoder, type, message, name, query.getAll(name));
    }
  }
  return type.encode(message).finish();
}

function answered(response: HttpResponse): GatewayCall {
  return { response: Promise.resolve(response), cancel: () => {} };
}

function found(match: RouteResult): RouteMatch {
  if (match === 'notFound') throw new ServiceError(GrpcCode.NOT_FOUND, 'Not Found');
  if (match === 'methodNotAllowed') throw new ServiceError(GrpcCode.UNIMPLEMENTED, 'Method Not Allowed');
  return match;
}

/** Fields of the body come before those of the URL (net/http's Request.Form). */
function addForm(parameters: URLSearchParams, body: Uint8Array): void {
  const inUrl = [...parameters];
  for (const [name] of inUrl) parameters.delete(name);
  for (const [name, value] of [...new URLSearchParams(Buffer.from(body).toString()), ...inUrl]) {
    parameters.append(name, value);
  }
}

/** Where a path with empty or dotted parts is to be asked for (gorilla/mux's cleanPath); undefined if it has none. */
function cleanedUrl(path: string, query: string): string | undefined {
  if (!/\/\/|\/\.{1,2}(?:\/|$)|%2[ef]/i.test(path)) return undefined;
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined; // told when the path is decoded for its route
  }
  const cleaned = cleanPath(decoded);
  if (cleaned === decoded) return undefined;
  const escaped = cleaned.split('/').map(encodeURIComponent).join('/');
  return query === '' ? escaped : `${escaped}?${query}`;
}

function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const end = path.endsWith('/') && parts.length > 0 ? '/' : '';
  return `/${parts.join('/')}${end}`;
}

function splitUrl(url: string): readonly [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new ServiceError(GrpcCode.INVALID_ARGUMENT, 'Bad Request', [], { cause: error });
  }
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}
