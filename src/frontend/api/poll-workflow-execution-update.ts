// PollWorkflowExecutionUpdate: waits for an update that was sent before. Main loop.

import { PollWorkflowExecutionUpdateRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { workflowRpc } from '../rpc.ts';
import { checkUpdateEnabled } from './prepare-update.ts';

/** client/frontend DefaultLongPollTimeout, v1.31. */
const POLL_TIMEOUT_MS = 3 * 60_000;

export const pollWorkflowExecutionUpdate = workflowRpc({
  method: 'PollWorkflowExecutionUpdate',
  read: PollWorkflowExecutionUpdateRequest.decode,
  handle: (request, call) => {
    const { updateRef } = request;
    if (updateRef === undefined) throw invalidArgument('UpdateRef is not set on request.');
    checkUpdateEnabled(call);
    const workflowId = updateRef.workflowExecution?.workflowId ?? '';
    return call.toHistoryWaiting('PollWorkflowExecutionUpdate', workflowId, undefined, POLL_TIMEOUT_MS);
  },
});
