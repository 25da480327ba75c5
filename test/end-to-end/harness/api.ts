// Temporal's message types under short names, and builders for the values that every request is made of. Used by all
// scenarios; no I/O.

import type { temporal } from '@temporalio/proto';
import protos from '@temporalio/proto';

export const api = protos.temporal.api;
export const enums = protos.temporal.api.enums.v1;

export type WorkflowService = temporal.api.workflowservice.v1.WorkflowService;
export type OperatorService = temporal.api.operatorservice.v1.OperatorService;
export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
export type Command = temporal.api.command.v1.ICommand;
export type Payload = temporal.api.common.v1.IPayload;
export type Payloads = temporal.api.common.v1.IPayloads;
export type Failure = temporal.api.failure.v1.IFailure;
export type StartRequest = temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest;
export type WorkflowTask = temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse;
export type ActivityTask = temporal.api.workflowservice.v1.IPollActivityTaskQueueResponse;
export type RespondWorkflowTaskCompleted = temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedRequest;
export type ProtocolMessage = temporal.api.protocol.v1.IMessage;

/** What identifies a run. An empty run id means the current run. */
export interface Execution {
  readonly workflowId: string;
  readonly runId: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A duration as the API wants it, from milliseconds. */
export function duration(milliseconds: number): { seconds: Long; nanos: number } {
  const seconds = Math.trunc(milliseconds / 1000);
  return { seconds: seconds as unknown as Long, nanos: Math.round((milliseconds - seconds * 1000) * 1e6) };
}

type Long = temporal.api.history.v1.HistoryEvent['eventId'];

/** A value as the SDKs' default converter encodes it. */
export function payload(value: unknown): Payload {
  if (value === undefined) return { metadata: { encoding: encoder.encode('binary/null') } };
  return { metadata: { encoding: encoder.encode('json/plain') }, data: encoder.encode(JSON.stringify(value)) };
}

export function payloads(...values: unknown[]): Payloads {
  return { payloads: values.map(payload) };
}

/** The value that the default converter put into a payload. */
export function decodePayload(encoded: Payload | null | undefined): unknown {
  if (!encoded?.data || encoded.data.length === 0) return undefined;
  return JSON.parse(decoder.decode(encoded.data));
}

export function decodePayloads(encoded: Payloads | null | undefined): unknown[] {
  return (encoded?.payloads ?? []).map(decodePayload);
}

/** An indexed value with the type hint that SDKs send. */
export function searchAttribute(
  type: 'Keyword' | 'Text' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList',
  value: unknown,
): Payload {
  const encoded = payload(value);
  return { ...encoded, metadata: { ...encoded.metadata, type: encoder.encode(type) } };
}

/** An application failure as an SDK would send it. */
export function applicationFailure(message: string, options: { type?: string; nonRetryable?: boolean } = {}): Failure {
  return {
    message,
    source: 'TypeScriptSDK',
    applicationFailureInfo: { type: options.type ?? 'Error', nonRetryable: options.nonRetryable ?? false },
  };
}

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}
