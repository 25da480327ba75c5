// What is there in the end: every run as lists, describe and history show it, and the answers to calls that waited.

import { enums } from '../../end-to-end/harness/api.ts';
import { readHistory } from '../../end-to-end/harness/history.ts';
import { pause } from '../../end-to-end/harness/wait-until.ts';
import { settle } from './settle.ts';
import { NAMESPACE, type Stage } from './stage.ts';
import type { TranscriptEntry } from './transcript.ts';
import { SETTLE_DEADLINE_MS, SETTLE_INTERVAL_MS, VISIBLE_MS } from './waits.ts';

export async function lastLook(stage: Stage): Promise<TranscriptEntry[]> {
  await settle(stage);
  const { names, runs } = await listRuns(stage);
  const entries: TranscriptEntry[] = [
    { step: 'final list', outcome: runs.map((run) => stage.normaliser.message(run)) },
  ];
  for (const [index, { execution }] of runs.entries()) {
    const { workflowId, runId } = { workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' };
    entries.push({
      step: `final describe of ${names[index]}`,
      outcome: await stage.call(() =>
        stage.service.describeWorkflowExecution({ namespace: NAMESPACE, execution: { workflowId, runId } }),
      ),
    });
    const events = await stage.raw(() => readHistory(stage.service, NAMESPACE, { workflowId, runId })).catch(() => []);
    for (const { eventType } of events) {
      stage.coverage?.events.add(enums.EventType[eventType ?? 0]?.replace('EVENT_TYPE_', '') ?? '');
    }
    const outcome = events.map((event) => stage.normaliser.message(event as object));
    entries.push({ step: `final history of ${names[index]}`, outcome });
  }
  for (const { name, outcome } of stage.waiting) {
    entries.push({
      step: name,
      outcome: await Promise.race([outcome, pause(SETTLE_INTERVAL_MS).then(() => 'open')]),
    });
  }
  for (const slot of stage.slots) {
    const { workflowId } = slot.names;
    await stage
      .raw(() => stage.service.terminateWorkflowExecution({ namespace: NAMESPACE, workflowExecution: { workflowId } }))
      .catch(() => undefined);
  }
  await Promise.all(stage.waiting.map(({ outcome }) => outcome));
  return entries;
}

/** By workflow, oldest first. The list follows the runs after a moment. */
async function listRuns(stage: Stage) {
  const query = `WorkflowId STARTS_WITH "${stage.prefix}-"`;
  const list = async () => (await stage.service.listWorkflowExecutions({ namespace: NAMESPACE, query })).executions;
  const shown = (runs: Awaited<ReturnType<typeof list>>) =>
    JSON.stringify(runs.map(({ execution, status: state }) => [execution?.runId, state]));
  const deadline = Date.now() + SETTLE_DEADLINE_MS;
  let runs = await stage.raw(list);
  for (let last = ''; last !== shown(runs) && Date.now() < deadline; ) {
    last = shown(runs);
    await pause(VISIBLE_MS);
    runs = await stage.raw(list);
  }
  const keyOf = ({ execution, startTime }: (typeof runs)[number]) =>
    `${execution?.workflowId} ${String(startTime?.seconds).padStart(12)}.${String(startTime?.nanos ?? 0).padStart(9, '0')}`;
  runs.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const ids = runs.map((run) => run.execution?.workflowId ?? '');
  const names = ids.map((id, index) => `${id} run ${ids.slice(0, index).filter((other) => other === id).length}`);
  return { names, runs };
}
