// Signals, updates and queries to an open workflow: each operation opens one, sends it ten messages one after the other, and
// lets it complete.

import { randomUUID } from 'node:crypto';
import { CommandType, EventType, UpdateWorkflowExecutionLifecycleStage } from '#proto/temporal/api/enums/v1';
import type { MessageInit } from '#proto/temporal/api/protocol/v1';
import { Acceptance, Request, Response } from '#proto/temporal/api/update/v1';
import { Methods } from '../client/workflow-service.ts';
import type { Run } from '../load/run.ts';
import { NAMESPACE, type Session } from '../load/session.ts';
import { completeWorkflow, payloads } from './commands.ts';
import type { Decision, Workload } from './workload.ts';

const MESSAGES = 10;
const FINISH = 'finish';

export const signal: Workload = {
  name: 'signal',
  about: `${MESSAGES} signals to an open workflow, each waiting for its workflow task`,
  activities: false,
  async operate(session, run) {
    await startIdle(session, run);
    for (let i = 0; i < MESSAGES; i++) {
      const answered = run.wait();
      run.sentAtMs.set('signal', performance.now());
      await sendSignal(session, run, 'tick');
      await answered;
    }
    await finish(session, run);
  },
  decide(run) {
    const sentAtMs = run.sentAtMs.get('signal');
    if (sentAtMs !== undefined) {
      run.figures.record('signalToTask', performance.now() - sentAtMs);
      run.sentAtMs.delete('signal');
    }
    return closeAfterSignals(run, MESSAGES);
  },
};

export const update: Workload = {
  name: 'update',
  about: `${MESSAGES} updates of an open workflow, each waiting until it is completed`,
  activities: false,
  async operate(session, run) {
    await startIdle(session, run);
    for (let i = 0; i < MESSAGES; i++) {
      const sentAtMs = performance.now();
      await session.client.call(Methods.update, {
        namespace: NAMESPACE,
        workflowExecution: { workflowId: run.workflowId },
        waitPolicy: { lifecycleStage: UpdateWorkflowExecutionLifecycleStage.COMPLETED },
        request: { meta: { updateId: randomUUID() }, input: { name: 'set', args: payloads() } },
      });
      run.figures.record('updateRoundTrip', performance.now() - sentAtMs);
    }
    await finish(session, run);
  },
  decide(run, task) {
    const messages = task.messages.flatMap(({ id, eventId, protocolInstanceId, body }) => {
      const request = Request.decode(body?.value ?? new Uint8Array());
      return acceptAndComplete(id, eventId ?? 0, protocolInstanceId, request);
    });
    if (messages.length === 0) return closeAfterSignals(run, 0);
    const commands = messages.map(({ id }) => ({
      commandType: CommandType.PROTOCOL_MESSAGE,
      protocolMessageCommandAttributes: { messageId: id },
    }));
    return { commands, messages };
  },
};

export const query: Workload = {
  name: 'query',
  about: `${MESSAGES} queries of an open workflow`,
  activities: false,
  async operate(session, run) {
    await startIdle(session, run);
    for (let i = 0; i < MESSAGES; i++) {
      const sentAtMs = performance.now();
      await session.client.call(Methods.query, {
        namespace: NAMESPACE,
        execution: { workflowId: run.workflowId },
        query: { queryType: 'state', queryArgs: payloads() },
      });
      run.figures.record('queryRoundTrip', performance.now() - sentAtMs);
    }
    await finish(session, run);
  },
  decide: (run) => closeAfterSignals(run, 0),
};

export async function startIdle(session: Session, run: Run): Promise<void> {
  const idle = run.wait();
  await session.start(run);
  await idle;
}

async function finish(session: Session, run: Run): Promise<void> {
  await sendSignal(session, run, FINISH);
  await run.closed;
  run.figures.record('endToEnd', performance.now() - run.intendedAtMs);
  session.forget(run);
}

export async function sendSignal(session: Session, run: Run, signalName: string): Promise<void> {
  await session.client.call(Methods.signal, {
    namespace: NAMESPACE,
    workflowExecution: { workflowId: run.workflowId },
    signalName,
    input: payloads(),
    requestId: randomUUID(),
  });
}

/** The last signal asks the workflow to complete. */
function closeAfterSignals(run: Run, others: number): Decision {
  if (run.seen(EventType.WORKFLOW_EXECUTION_SIGNALED) > others) return { commands: [completeWorkflow()], closes: true };
  return { commands: [] };
}

function acceptAndComplete(
  messageId: string,
  eventId: number,
  protocolInstanceId: string,
  request: Request,
): MessageInit[] {
  const body = (name: string, value: Uint8Array) => ({
    typeUrl: `type.googleapis.com/temporal.api.update.v1.${name}`,
    value,
  });
  const acceptance = Acceptance.encode({
    acceptedRequestMessageId: messageId,
    acceptedRequestSequencingEventId: eventId,
    acceptedRequest: request,
  });
  const response = Response.encode({ meta: request.meta, outcome: { success: payloads() } });
  return [
    { id: `${messageId}/accept`, protocolInstanceId, body: body('Acceptance', acceptance) },
    { id: `${messageId}/complete`, protocolInstanceId, body: body('Response', response) },
  ];
}
