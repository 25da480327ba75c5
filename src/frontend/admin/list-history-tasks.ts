// AdminService.ListHistoryTasks. Main loop.

import { ListHistoryTasksRequest } from '#proto/temporal/server/api/adminservice/v1';
import { defineSetting } from '../../config/dynamic-config.ts';
import { invalidArgument, permissionDenied } from '../../proto/service-errors.ts';
import { settingOf } from '../frontend-services.ts';
import { adminRpc } from '../rpc.ts';

const ENABLE_LIST_HISTORY_TASKS = defineSetting({
  key: 'admin.enableListHistoryTasks',
  type: 'bool',
  scope: 'global',
  defaultValue: true,
});

export const listHistoryTasks = adminRpc({
  method: 'ListHistoryTasks',
  namespaceRule: 'none',
  read: ListHistoryTasksRequest.decode,
  handle: (request, call) => {
    if (request.taskRange === undefined) throw invalidArgument('Task range is not set');
    if (!settingOf(call.services, ENABLE_LIST_HISTORY_TASKS)) {
      throw permissionDenied('ListHistoryTasks feature is disabled on this cluster.');
    }
    return call.toShard('ListHistoryTasks', request.shardId);
  },
});
