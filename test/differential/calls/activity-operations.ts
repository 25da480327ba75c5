// Operations on activities that are not there, or with odd options.

import { duration } from '../../end-to-end/harness/api.ts';
import { NEVER, type OddCall, of, type Request, workflow } from './odd-call.ts';

export const activityOperation = (rpc: string, more: Request = {}): OddCall => of(rpc, more, 'execution');

export const activityOperations: Readonly<Record<string, OddCall>> = {
  'pause without activity': activityOperation('pauseActivity'),
  'pause without execution': workflow('pauseActivity', { id: 'a' }),
  'pause of an unknown activity': activityOperation('pauseActivity', { id: 'nobody' }),
  'pause of nobody': activityOperation('pauseActivity', { execution: { workflowId: 'nobody' }, id: 'a' }),
  'pause of a type that is not there': activityOperation('pauseActivity', { type: 'nobody' }),
  'unpause without activity': activityOperation('unpauseActivity'),
  'unpause of an unknown activity': activityOperation('unpauseActivity', { id: 'nobody' }),
  'unpause with a negative jitter': activityOperation('unpauseActivity', { id: 'a', jitter: duration(-1_000) }),
  'activity reset without activity': activityOperation('resetActivity'),
  'activity reset of an unknown activity': activityOperation('resetActivity', { id: 'nobody' }),
  'activity reset of everything and one': activityOperation('resetActivity', { id: 'a', matchAll: true }),
  'activity options without activity': activityOperation('updateActivityOptions'),
  'activity options without mask': activityOperation('updateActivityOptions', { id: 'nobody', activityOptions: {} }),
  'activity options with a bad mask': activityOperation('updateActivityOptions', {
    id: 'nobody',
    activityOptions: {},
    updateMask: { paths: ['nonsense'] },
  }),
  'activity options restored and changed': activityOperation('updateActivityOptions', {
    id: 'nobody',
    restoreOriginal: true,
    activityOptions: { startToCloseTimeout: NEVER },
    updateMask: { paths: ['start_to_close_timeout'] },
  }),
  'activity options of an unknown activity': activityOperation('updateActivityOptions', {
    id: 'nobody',
    activityOptions: { startToCloseTimeout: NEVER },
    updateMask: { paths: ['start_to_close_timeout'] },
  }),
};
