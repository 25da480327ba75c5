// The part that updates and queries have in the completion of a workflow task. Updates change within the decision; those who
// wait for them hear of it when the decision is durable.

import { UpdateInfo } from '#proto/ostinato/persistence/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import type { Message } from '#proto/temporal/api/protocol/v1';
import type { RespondWorkflowTaskCompletedRequest } from '#proto/temporal/api/workflowservice/v1';
import { takeMessage, validateMessageSize } from '../commands/validate/index.ts';
import { BLOB_SIZE_ERROR, commandLimits } from '../limits.ts';
import {
  DecisionEffects,
  IMMEDIATE,
  StoredUpdateStage,
  type UpdateEvents,
  type UpdateRegistry,
} from '../workflow/update/index.ts';
import { updateRegistryOf } from '../workflow/update-registry-of.ts';
import type { Workflow } from '../workflow/workflow.ts';

const NO_UPDATE = UpdateInfo.decode(Buffer.alloc(0));

export class UpdateCompletion {
  private readonly workflow: Workflow;
  private readonly request: RespondWorkflowTaskCompletedRequest;
  private readonly messages: Map<string, Message>;
  private readonly effects = new DecisionEffects();
  private readonly events: UpdateEvents;

  constructor(workflow: Workflow, request: RespondWorkflowTaskCompletedRequest) {
    this.workflow = workflow;
    this.request = request;
    this.messages = new Map(request.messages.map((message) => [message.id, message]));
    this.events = new EventsOfRun(workflow);
  }

  private get registry(): UpdateRegistry | undefined {
    return this.request.messages.length === 0 ? this.workflow.updateRegistry : updateRegistryOf(this.workflow);
  }

  /** A ProtocolMessage command names the message that takes its place among the commands. */
  handleNamed(messageId: string): void {
    this.handle(takeMessage(this.messages, messageId));
  }

  /** Messages that no command named, in their order. */
  handleRemaining(): void {
    for (const [id, message] of this.messages) {
      this.messages.delete(id);
      this.handle(message);
    }
  }

  private handle(message: Message): void {
    const { config } = this.workflow.environment;
    validateMessageSize(message, { limits: commandLimits(config, this.workflow.namespace.name) });
    this.registry?.handleMessage(message, this.events, this.effects);
  }

  /** A worker that completes its task must have answered what it was sent. */
  rejectUnprocessed(): void {
    if (this.request.forceCreateNewWorkflowTask || !this.workflow.isRunning) return;
    const rejected = this.registry?.rejectUnprocessed(this.effects) ?? [];
    if (rejected.length === 0) return;
    const { workflowId, runId, environment } = this.workflow;
    environment.logger.warn(
      { workflowId, runId, updateIds: rejected },
      'workflow task completed without processing updates',
    );
  }

  /** The commands closed the run. */
  abortRemaining(): void {
    this.registry?.workflowClosed(this.workflow.successor !== undefined, this.effects);
  }

  /** Admitted updates that a next task would carry. */
  get hasOutgoing(): boolean {
    return this.workflow.updateRegistry?.hasOutgoingMessages(true) === true;
  }

  /** The decision is durable, or stands in memory only: tell those who wait. */
  apply(): void {
    this.effects.commit();
  }

  /** The decision does not stand. */
  cancel(): void {
    this.effects.abort();
  }

  /** The task is failed by the server instead. */
  refused(): void {
    this.effects.abort();
    this.workflow.updateRegistry?.workflowTaskRefused();
  }

  /** The failed task also closed the run. */
  closed(): void {
    this.workflow.updateRegistry?.workflowClosed(false, IMMEDIATE);
  }

  answerQueries(hasNextWorkflowTask: boolean): void {
    const { queries, namespace, environment } = this.workflow;
    if (!queries.hasPending) return;
    queries.workflowTaskCompleted({
      results: this.request.queryResults,
      maxAnswerBytes: environment.config.get(BLOB_SIZE_ERROR, { namespace: namespace.name }),
      hasNextWorkflowTask,
    });
  }
}

/** How updates write to the run's history. A class for the same reason as in commands/completion-context.ts. */
export class EventsOfRun implements UpdateEvents {
  readonly #workflow: Workflow;

  constructor(workflow: Workflow) {
    this.#workflow = workflow;
  }

  get canAddEvents(): boolean {
    return this.#workflow.isRunning;
  }

  addUpdateAcceptedEvent(attributes: Parameters<UpdateEvents['addUpdateAcceptedEvent']>[0]): number {
    const { events, updates, state } = this.#workflow;
    const { eventId } = events.add(EventType.WORKFLOW_EXECUTION_UPDATE_ACCEPTED, {
      workflowExecutionUpdateAcceptedEventAttributes: attributes,
    });
    updates.put(attributes.protocolInstanceId, { ...NO_UPDATE, stage: StoredUpdateStage.ACCEPTED, eventId });
    state.updateCount++;
    return eventId;
  }

  addUpdateCompletedEvent({
    acceptedEventId,
    response,
  }: Parameters<UpdateEvents['addUpdateCompletedEvent']>[0]): number {
    const { events, updates } = this.#workflow;
    const { eventId } = events.add(EventType.WORKFLOW_EXECUTION_UPDATE_COMPLETED, {
      workflowExecutionUpdateCompletedEventAttributes: {
        acceptedEventId,
        meta: response.meta,
        outcome: response.outcome,
      },
    });
    updates.put(response.meta?.updateId ?? '', {
      ...NO_UPDATE,
      stage: StoredUpdateStage.COMPLETED,
      eventId,
      eventBatchId: events.batchFirstEventId,
    });
    return eventId;
  }
}
