// The history service as matching's tests need it: records starts, answers as the test says, checks at-most-once. Tests only.

import {
  PrepareQueryTaskRequest,
  RecordActivityTaskStartedRequest,
  RecordWorkflowTaskStartedRequest,
} from '#proto/ostinato/history/v1';
import { QueryTaskToken } from '#proto/ostinato/token/v1';
import { PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse } from '#proto/temporal/api/workflowservice/v1';
import { alreadyExists } from '../../proto/service-errors.ts';
import type { CallOptions } from '../../runtime/service.ts';
import type { HistoryMethod } from '../../runtime/services.ts';

export interface RecordedStart {
  readonly kind: 'workflow' | 'activity';
  readonly shardId: number;
  readonly workflowId: string;
  readonly scheduledEventId: number;
  readonly requestId: string;
  readonly triedRequestId: string;
  readonly pollRequest: Uint8Array;
  readonly deadlineMs: number | undefined;
}

export type StartAnswer = 'start' | Error;

export class FakeHistory {
  /** Every request to record a start, in order. */
  readonly requests: RecordedStart[] = [];
  /** Recorded starts: `workflowId/scheduledEventId` to the request id that did it. */
  readonly started = new Map<string, string>();
  readonly preparedQueries: PrepareQueryTaskRequest[] = [];
  /** What to answer to a start; by default it is recorded. */
  onStart: (start: RecordedStart) => StartAnswer | Promise<StartAnswer> = () => 'start';
  onPrepareQuery: (request: PrepareQueryTaskRequest) => Error | undefined = () => undefined;

  async call(
    shardId: number,
    method: HistoryMethod,
    request: Uint8Array,
    options: CallOptions = {},
  ): Promise<Uint8Array> {
    if (method === 'PrepareQueryTask') return this.#prepareQuery(PrepareQueryTaskRequest.decode(request));
    const kind = method === 'RecordWorkflowTaskStarted' ? 'workflow' : 'activity';
    const codec = kind === 'workflow' ? RecordWorkflowTaskStartedRequest : RecordActivityTaskStartedRequest;
    const { workflowId, scheduledEventId, requestId, triedRequestId, pollRequest } = codec.decode(request);
    const start = {
      kind,
      shardId,
      workflowId,
      scheduledEventId,
      requestId,
      triedRequestId,
      pollRequest,
      deadlineMs: options.deadlineMs,
    } as const;
    this.requests.push(start);
    const answer = await this.onStart(start);
    if (answer instanceof Error) throw answer;
    return this.record(start);
  }

  /** The start takes effect; the same request id finds its own start again, and one that was tried before is taken over. */
  record({ kind, workflowId, scheduledEventId, requestId, triedRequestId }: RecordedStart): Uint8Array {
    const key = `${workflowId}/${scheduledEventId}`;
    const before = this.started.get(key);
    const isTried = triedRequestId !== '' && before === triedRequestId;
    if (before !== undefined && before !== requestId && !isTried) throw alreadyExists('task already started');
    this.started.set(key, requestId);
    const workflowExecution = { workflowId, runId: 'run' };
    const taskToken = Buffer.from(key);
    return kind === 'workflow'
      ? PollWorkflowTaskQueueResponse.encode({
          taskToken,
          workflowExecution,
          startedEventId: scheduledEventId + 1,
          attempt: 1,
        })
      : PollActivityTaskQueueResponse.encode({
          taskToken,
          workflowExecution,
          activityId: String(scheduledEventId),
          attempt: 1,
        });
  }

  #prepareQuery(request: PrepareQueryTaskRequest): Uint8Array {
    const failure = this.onPrepareQuery(request);
    if (failure !== undefined) throw failure;
    this.preparedQueries.push(request);
    return PollWorkflowTaskQueueResponse.encode({
      taskToken: request.queryTaskToken,
      workflowExecution: { workflowId: request.workflowId, runId: request.runId },
    });
  }
}

export function queryIdOf(taskToken: Uint8Array): string {
  return QueryTaskToken.decode(taskToken).taskId;
}
