// AddWorkflowTask, AddActivityTask: history hands a task over. Answered once it is with a poller or durable.

import { AddTaskRequest, AddTaskResponse } from '#proto/ostinato/matching/v1';
import { whenReady } from '../../base/maybe-promise.ts';
import type { Handler } from '../../runtime/service.ts';
import { stickyWorkerAvailable } from '../sticky.ts';
import { taskFromRequest } from '../task.ts';
import type { HandlerContext } from './handler-context.ts';

const STICKY_WORKER_UNAVAILABLE = AddTaskResponse.encode({ stickyWorkerUnavailable: true });

export function addTask({ environment, partitions }: HandlerContext): Handler {
  return (bytes, call) => {
    const request = AddTaskRequest.decode(bytes);
    const nowMs = environment.clock.nowMs();
    if (request.partition?.sticky) {
      const partition = partitions.peek(request.partition);
      if (!stickyWorkerAvailable(partition, nowMs)) return STICKY_WORKER_UNAVAILABLE;
      return partition.addTask(taskFromRequest(request, nowMs));
    }
    return whenReady(partitions.get(request.partition), (partition) => {
      const task = taskFromRequest(request, nowMs);
      return task.forwarded ? partition.addForwardedTask(task, request.fromBacklog, call) : partition.addTask(task);
    });
  };
}
