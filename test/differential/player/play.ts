// Plays a program against one server and writes down all that a client can see, normalised. Calls are made one after the other,
// and what a server does in the background is waited for, so that two correct servers give the same transcript.

import type { Connection } from '@temporalio/client';
import { pause } from '../../end-to-end/harness/wait-until.ts';
import type { Coverage } from '../coverage.ts';
import type { Program, Step } from '../program.ts';
import { activityExecution, lastLookAtActivities, settleActivities } from './activity-executions.ts';
import { answerActivity, pollActivityTask } from './activity-worker.ts';
import { lastLook } from './last-look.ts';
import { activityOptions, list, namespaceStep, oddCall } from './operator-steps.ts';
import {
  deleteRun,
  end,
  history,
  pauseWorkflow,
  reset,
  signal,
  signalWithStart,
  start,
  workflowOptions,
} from './run-steps.ts';
import { waitAfter } from './settle.ts';
import { NAMESPACE, Stage, type StepOutcome } from './stage.ts';
import type { TranscriptEntry } from './transcript.ts';
import { pollUpdate, query, startWithUpdate, update } from './waiting-steps.ts';
import { BY_ITSELF_MS, SETTLE_INTERVAL_MS } from './waits.ts';
import { answerWorkflowTask, failWorkflowTask, pollWorkflowTask, stickyPoll, stickyTask } from './workflow-worker.ts';

const STARTS: ReadonlySet<string> = new Set(['start', 'signalWithStart', 'startWithUpdate']);

/** What the server answers that program, with ids and names that begin with `prefix`. */
export async function play(
  connection: Connection,
  program: Program,
  prefix: string,
  coverage?: Coverage,
): Promise<TranscriptEntry[]> {
  const stage = new Stage(connection, prefix, coverage);
  const transcript: TranscriptEntry[] = [];
  const isOfActivities = program.steps.some(({ op }) => op === 'activityExecution');
  for (const [index, step] of program.steps.entries()) {
    noteUse(stage, step);
    const outcome = await playStep(stage, step);
    transcript.push({ step: `${index} ${step.op}`, outcome });
    await (isOfActivities ? settleActivities(stage) : waitAfter(stage, step, outcome));
  }
  transcript.push(...(await (isOfActivities ? lastLookAtActivities(stage) : lastLook(stage))));
  return transcript;
}

function noteUse(stage: Stage, step: Step): void {
  if ('slot' in step && STARTS.has(step.op)) stage.slot(step.slot).inUse = true;
  const children = step.op === 'answerWorkflowTask' && step.commands.some(({ kind }) => kind === 'child');
  // A child may also take the id of a neighbour.
  if (children) for (const slot of stage.slots) slot.inUse = true;
}

async function playStep(stage: Stage, step: Step): Promise<StepOutcome> {
  switch (step.op) {
    case 'start':
      return await start(stage, step);
    case 'signalWithStart':
      return await signalWithStart(stage, step);
    case 'signal':
      return await signal(stage, step);
    case 'requestCancel':
    case 'terminate':
      return await end(stage, step);
    case 'describe':
      return await stage.call(() => stage.describe(stage.slot(step.slot).names.workflowId));
    case 'history':
      return await history(stage, step);
    case 'pollWorkflowTask':
      return await pollWorkflowTask(stage, step.slot);
    case 'answerWorkflowTask':
      return await answerWorkflowTask(stage, step);
    case 'failWorkflowTask':
      return await failWorkflowTask(stage, step);
    case 'pollActivityTask':
      return await pollActivityTask(stage, step.slot);
    case 'answerActivity':
      return await answerActivity(stage, step);
    case 'query':
      return await query(stage, step);
    case 'update':
      return await update(stage, step);
    case 'startWithUpdate':
      return await startWithUpdate(stage, step);
    case 'pollUpdate':
      return await pollUpdate(stage, step);
    case 'workflowOptions':
      return await workflowOptions(stage, step);
    case 'call':
      return await oddCall(stage, step);
    case 'reset':
      return await reset(stage, step);
    case 'activityOptions':
      return await activityOptions(stage, step);
    case 'resetSticky':
      return await stage.call(() => {
        const { workflowId } = stage.slot(step.slot).names;
        return stage.service.resetStickyTaskQueue({ namespace: NAMESPACE, execution: { workflowId } });
      });
    case 'list':
      return await list(stage, step.filter);
    case 'pauseWorkflow':
    case 'unpauseWorkflow':
      return await pauseWorkflow(stage, step);
    case 'delete':
      return await deleteRun(stage, step.slot);
    case 'stickyPoll':
      return await stickyPoll(stage, step.slot);
    case 'stickyTask':
      return await stickyTask(stage, step.slot);
    case 'namespace':
      return await namespaceStep(stage, step.what);
    case 'activityExecution':
      return await activityExecution(stage, step);
    case 'wait':
      await pause(step.long ? BY_ITSELF_MS : SETTLE_INTERVAL_MS);
      return 'waited';
  }
}
