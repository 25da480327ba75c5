// Calls with odd requests, one after the other by name: what each RPC answers to fields that are missing, too long, negative,
// contradictory or unknown. A program's step names one of them; they change nothing that another step depends on.

import { bytesOf, duration, enums, payload, payloads, searchAttribute } from '../end-to-end/harness/api.ts';
import { type Names, startRequest } from './requests.ts';

const LONG = 'x'.repeat(1_001);
const UNKNOWN_RUN = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const NEVER = duration(600_000);

type Service = 'workflow' | 'operator';
type Request = Readonly<Record<string, unknown>>;
export type OddCall = (names: Names) => readonly [service: Service, rpc: string, request: Request];

const { WorkflowIdReusePolicy: Reuse, WorkflowIdConflictPolicy: Conflict } = enums;

/** A start that must be refused: of an id of its own, so that no slot changes if it is not. */
const start =
  (more: Request): OddCall =>
  (names) => [
    'workflow',
    'startWorkflowExecution',
    {
      ...startRequest(names, undefined, '11111111-2222-4333-8444-555555555555'),
      workflowId: `${names.workflowId}-odd`,
      taskQueue: { name: `${names.taskQueue}-odd` },
      ...more,
    },
  ];

const signalWithStart =
  (more: Request): OddCall =>
  (names) => [
    'workflow',
    'signalWithStartWorkflowExecution',
    {
      ...startRequest(names, undefined, '11111111-2222-4333-8444-555555555555'),
      workflowId: `${names.workflowId}-odd`,
      taskQueue: { name: `${names.taskQueue}-odd` },
      signalName: 'a-signal',
      ...more,
    },
  ];

/** Of the slot's workflow, with fields of its own. */
const of =
  (rpc: string, more: Request = {}, key: 'execution' | 'workflowExecution' = 'workflowExecution'): OddCall =>
  ({ namespace, workflowId }) => ['workflow', rpc, { namespace, [key]: { workflowId }, ...more }];

const workflow =
  (rpc: string, more: Request = {}): OddCall =>
  ({ namespace }) => ['workflow', rpc, { namespace, ...more }];

const operator =
  (rpc: string, more: Request = {}): OddCall =>
  ({ namespace }) => ['operator', rpc, { namespace, ...more }];

const nexusCallback = (url: string, header: Record<string, string> = {}) => ({ nexus: { url, header } });

const starts: Readonly<Record<string, OddCall>> = {
  'start without namespace': start({ namespace: '' }),
  'start in a namespace with a long name': start({ namespace: LONG }),
  'start of a long type': start({ workflowType: { name: LONG } }),
  'start on a long queue': start({ taskQueue: { name: LONG } }),
  'start on an internal queue': start({ taskQueue: { name: '/_sys/queue/1' } }),
  'start on a sticky queue': start({ taskQueue: { name: 'sticky', kind: 2, normalName: 'normal' } }),
  'start with a long request id': start({ requestId: LONG }),
  'start with a long cron schedule': start({ cronSchedule: LONG }),
  'start with a bad cron field': start({ cronSchedule: '99 * * * *' }),
  'start with a negative execution timeout': start({ workflowExecutionTimeout: duration(-1_000) }),
  'start with a negative task timeout': start({ workflowTaskTimeout: duration(-1_000) }),
  'start with nanoseconds of the other sign': start({ workflowRunTimeout: { seconds: 1, nanos: -5 } }),
  'start with a negative delay': start({ workflowStartDelay: duration(-1_000) }),
  'start with delay and cron': start({ workflowStartDelay: NEVER, cronSchedule: '0 0 1 1 *' }),
  'start with a negative initial interval': start({ retryPolicy: { initialInterval: duration(-1_000) } }),
  'start with a coefficient below one': start({ retryPolicy: { backoffCoefficient: 0.5 } }),
  'start with a negative maximum interval': start({ retryPolicy: { maximumInterval: duration(-1_000) } }),
  'start with negative attempts': start({ retryPolicy: { maximumAttempts: -1 } }),
  'start with a timeout type as error': start({ retryPolicy: { nonRetryableErrorTypes: ['TemporalTimeout:Nope'] } }),
  'start with an unknown reuse policy': start({ workflowIdReusePolicy: 99 }),
  'start with an unknown conflict policy': start({ workflowIdConflictPolicy: 99 }),
  'start that terminates and uses the running one': start({
    workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING,
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
  }),
  'start that rejects duplicates and terminates': start({
    workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
  }),
  'start with a search attribute of another type': start({
    searchAttributes: { indexedFields: { E2eInt: searchAttribute('Keyword', 'x') } },
  }),
  'start with a system search attribute': start({
    searchAttributes: { indexedFields: { ExecutionStatus: searchAttribute('Keyword', 'Running') } },
  }),
  'start with a list for an integer': start({
    searchAttributes: { indexedFields: { E2eInt: searchAttribute('Int', ['a', 'b']) } },
  }),
  'start with a bad time': start({
    searchAttributes: { indexedFields: { E2eDatetime: searchAttribute('Datetime', 'yesterday') } },
  }),
  'start with a large search attribute': start({
    searchAttributes: { indexedFields: { E2eKeyword: searchAttribute('Keyword', 'x'.repeat(3_000)) } },
  }),
  'start with a large memo': start({ memo: { fields: { note: payload('x'.repeat(2_100_000)) } } }),
  'start with a large input': start({ input: payloads('x'.repeat(2_100_000)) }),
  'start with a callback without address': start({ completionCallbacks: [nexusCallback('')] }),
  'start with a callback over ftp': start({ completionCallbacks: [nexusCallback('ftp://somewhere')] }),
  'start with a callback elsewhere': start({ completionCallbacks: [nexusCallback('http://somewhere/path')] }),
  'start with a long callback address': start({ completionCallbacks: [nexusCallback(`http://h/${LONG}`)] }),
  'start with an unknown callback': start({ completionCallbacks: [{}] }),
  'start with many callbacks': start({ completionCallbacks: Array(40).fill(nexusCallback('http://h/p')) }),
  'start with a negative priority': start({ priority: { priorityKey: -1 } }),
  'start with a large priority': start({ priority: { priorityKey: 99 } }),
  'start with a long fairness key': start({ priority: { fairnessKey: 'x'.repeat(100) } }),
  'start with conflict options without the policy': start({ onConflictOptions: { attachRequestId: true } }),
  'start that attaches callbacks without request id': start({
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
    onConflictOptions: { attachCompletionCallbacks: true },
  }),
  'start with a pinned override without version': start({ versioningOverride: { pinned: { behavior: 1 } } }),
  'start with an unspecified override': start({ versioningOverride: { behavior: 0 } }),
  'start with a large summary': start({ userMetadata: { summary: payload('x'.repeat(500)) } }),
  'start with large details': start({ userMetadata: { details: payload('x'.repeat(30_000)) } }),
  'start with a link without target': start({ links: [{}] }),
  'start with many links': start({
    links: Array(30).fill({ workflowEvent: { namespace: 'n', workflowId: 'w', runId: 'r' } }),
  }),
  'start with a link without workflow': start({ links: [{ workflowEvent: { namespace: 'n' } }] }),
  'signal with start without signal name': signalWithStart({ signalName: '' }),
  'signal with start and a long signal name': signalWithStart({ signalName: LONG }),
  'signal with start without type': signalWithStart({ workflowType: { name: '' } }),
  'signal with start without queue': signalWithStart({ taskQueue: { name: '' } }),
  'signal with start and a bad retry policy': signalWithStart({ retryPolicy: { backoffCoefficient: 0.1 } }),
  'signal with start with policies against each other': signalWithStart({
    workflowIdReusePolicy: Reuse.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING,
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
  }),
  'signal with start failing on conflict': signalWithStart({
    workflowIdConflictPolicy: Conflict.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
  }),
  'signal with start, cron and delay': signalWithStart({ workflowStartDelay: NEVER, cronSchedule: '0 0 1 1 *' }),
  'signal with start and a negative run timeout': signalWithStart({ workflowRunTimeout: duration(-1) }),
  'signal with start and a long request id': signalWithStart({ requestId: LONG }),
  'signal with start and a large input': signalWithStart({ signalInput: payloads('x'.repeat(2_100_000)) }),
  'signal with start and an unknown search attribute': signalWithStart({
    searchAttributes: { indexedFields: { Nonsense: searchAttribute('Keyword', 'x') } },
  }),
};

const executions: Readonly<Record<string, OddCall>> = {
  'signal of no execution': workflow('signalWorkflowExecution', { signalName: 's' }),
  'signal without id': of('signalWorkflowExecution', { workflowExecution: { workflowId: '' }, signalName: 's' }),
  'signal of a long id': of('signalWorkflowExecution', { workflowExecution: { workflowId: LONG }, signalName: 's' }),
  'signal with a long request id': of('signalWorkflowExecution', { signalName: 's', requestId: LONG }),
  'signal with a large input': of('signalWorkflowExecution', {
    signalName: 's',
    input: payloads('x'.repeat(2_100_000)),
  }),
  'signal with a bad link': of('signalWorkflowExecution', { signalName: 's', links: [{}] }),
  'signal of no request': ({ workflowId }) => [
    'workflow',
    'signalWorkflowExecution',
    { workflowExecution: { workflowId } },
  ],
  'cancel of no execution': workflow('requestCancelWorkflowExecution'),
  'cancel of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'requestCancelWorkflowExecution',
    { namespace, workflowExecution: { workflowId, runId: 'no-uuid' } },
  ],
  'cancel of a bad first run': of('requestCancelWorkflowExecution', { firstExecutionRunId: 'no-uuid' }),
  'cancel of another first run': of('requestCancelWorkflowExecution', { firstExecutionRunId: UNKNOWN_RUN }),
  'cancel with a bad link': of('requestCancelWorkflowExecution', { links: [{ batchJob: {} }] }),
  'terminate of no execution': workflow('terminateWorkflowExecution'),
  'terminate of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'terminateWorkflowExecution',
    { namespace, workflowExecution: { workflowId, runId: 'no-uuid' } },
  ],
  'terminate of a bad first run': of('terminateWorkflowExecution', { firstExecutionRunId: 'no-uuid' }),
  'terminate of another first run': of('terminateWorkflowExecution', { firstExecutionRunId: UNKNOWN_RUN }),
  'delete of no execution': workflow('deleteWorkflowExecution'),
  'delete without id': of('deleteWorkflowExecution', { workflowExecution: {} }),
  'delete of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'deleteWorkflowExecution',
    { namespace, workflowExecution: { workflowId, runId: 'no-uuid' } },
  ],
  'delete of an unknown one': of('deleteWorkflowExecution', { workflowExecution: { workflowId: 'nobody' } }),
  'describe of no execution': workflow('describeWorkflowExecution'),
  'describe without id': of('describeWorkflowExecution', { execution: {} }),
  'describe of a long id': of('describeWorkflowExecution', { execution: { workflowId: LONG } }),
  'describe of an unknown one': of('describeWorkflowExecution', { execution: { workflowId: 'nobody' } }),
  'describe of an unknown run': ({ namespace, workflowId }) => [
    'workflow',
    'describeWorkflowExecution',
    { namespace, execution: { workflowId, runId: UNKNOWN_RUN } },
  ],
  'describe of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'describeWorkflowExecution',
    { namespace, execution: { workflowId, runId: 'no-uuid' } },
  ],
  'describe in an unknown namespace': ({ workflowId }) => [
    'workflow',
    'describeWorkflowExecution',
    { namespace: 'nobody', execution: { workflowId } },
  ],
  'history of no execution': workflow('getWorkflowExecutionHistory'),
  'history without id': of('getWorkflowExecutionHistory', { execution: {} }),
  'history of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'getWorkflowExecutionHistory',
    { namespace, execution: { workflowId, runId: 'no-uuid' } },
  ],
  'history with a negative page': of('getWorkflowExecutionHistory', { maximumPageSize: -1 }, 'execution'),
  'history with garbage as token': of('getWorkflowExecutionHistory', { nextPageToken: bytesOf('x') }, 'execution'),
  'reverse history of no execution': workflow('getWorkflowExecutionHistoryReverse'),
  'reverse history with a negative page': of(
    'getWorkflowExecutionHistoryReverse',
    { maximumPageSize: -1 },
    'execution',
  ),
  'reverse history of an unknown one': of('getWorkflowExecutionHistoryReverse', {
    execution: { workflowId: 'nobody' },
  }),
  'reverse history with garbage as token': of(
    'getWorkflowExecutionHistoryReverse',
    { nextPageToken: bytesOf('x') },
    'execution',
  ),
  'reset of no execution': workflow('resetWorkflowExecution', { workflowTaskFinishEventId: 4, requestId: 'r' }),
  'reset to a negative event': of('resetWorkflowExecution', { workflowTaskFinishEventId: -4, requestId: 'r' }),
  'reset to a far event': of('resetWorkflowExecution', { workflowTaskFinishEventId: 9_999, requestId: 'r' }),
  'reset of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'resetWorkflowExecution',
    { namespace, workflowExecution: { workflowId, runId: 'no-uuid' }, workflowTaskFinishEventId: 4, requestId: 'r' },
  ],
  'reset with both ways to reapply': of('resetWorkflowExecution', {
    workflowTaskFinishEventId: 9_999,
    resetReapplyType: 99,
    resetReapplyExcludeTypes: [99],
    requestId: 'r',
  }),
  'reset with a bad operation after': of('resetWorkflowExecution', {
    workflowTaskFinishEventId: 4,
    requestId: 'r',
    postResetOperations: [{}],
  }),
  'query without query': of('queryWorkflow', {}, 'execution'),
  'query without execution': workflow('queryWorkflow', { query: { queryType: 'q' } }),
  'query without id': of('queryWorkflow', { execution: {}, query: { queryType: 'q' } }),
  'query of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'queryWorkflow',
    { namespace, execution: { workflowId, runId: 'no-uuid' }, query: { queryType: 'q' } },
  ],
  'query of an unknown run': ({ namespace, workflowId }) => [
    'workflow',
    'queryWorkflow',
    { namespace, execution: { workflowId, runId: UNKNOWN_RUN }, query: { queryType: 'q' } },
  ],
  'reset sticky without execution': workflow('resetStickyTaskQueue'),
  'reset sticky of an unknown one': of('resetStickyTaskQueue', { execution: { workflowId: 'nobody' } }),
  'update without request': of('updateWorkflowExecution'),
  'update without execution': workflow('updateWorkflowExecution', { request: { input: { name: 'u' } } }),
  'update without input': of('updateWorkflowExecution', { request: { meta: { updateId: 'u' } } }),
  'update without meta': of('updateWorkflowExecution', {
    request: { input: { name: '' } },
    waitPolicy: { lifecycleStage: 3 },
  }),
  'update waiting for admission': of('updateWorkflowExecution', {
    request: { meta: { updateId: 'never' }, input: { name: 'u' } },
    waitPolicy: { lifecycleStage: 1 },
  }),
  'update waiting for an unknown stage': of('updateWorkflowExecution', {
    request: { meta: { updateId: 'never' }, input: { name: 'u' } },
    waitPolicy: { lifecycleStage: 99 },
  }),
  'update of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'updateWorkflowExecution',
    {
      namespace,
      workflowExecution: { workflowId, runId: 'no-uuid' },
      request: { meta: { updateId: 'u' }, input: { name: 'u' } },
    },
  ],
  'update of another first run': of('updateWorkflowExecution', {
    firstExecutionRunId: UNKNOWN_RUN,
    request: { meta: { updateId: 'never' }, input: { name: 'u' } },
    waitPolicy: { lifecycleStage: 3 },
  }),
  'poll of no update': workflow('pollWorkflowExecutionUpdate'),
  'poll of an unknown update': ({ namespace, workflowId }) => [
    'workflow',
    'pollWorkflowExecutionUpdate',
    { namespace, updateRef: { workflowExecution: { workflowId }, updateId: 'nobody' } },
  ],
  'poll of an update waiting for admission': ({ namespace, workflowId }) => [
    'workflow',
    'pollWorkflowExecutionUpdate',
    {
      namespace,
      updateRef: { workflowExecution: { workflowId }, updateId: 'nobody' },
      waitPolicy: { lifecycleStage: 1 },
    },
  ],
  'poll of an update of nobody': ({ namespace }) => [
    'workflow',
    'pollWorkflowExecutionUpdate',
    { namespace, updateRef: { workflowExecution: { workflowId: 'nobody' }, updateId: 'u' } },
  ],
  'options without mask': of('updateWorkflowExecutionOptions'),
  'options with a bad mask': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: {},
    updateMask: { paths: ['nonsense'] },
  }),
  'options with a bad override': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: { versioningOverride: { pinned: {} } },
    updateMask: { paths: ['versioning_override'] },
  }),
  'options of nobody': of('updateWorkflowExecutionOptions', {
    workflowExecution: { workflowId: 'nobody' },
    workflowExecutionOptions: {},
    updateMask: { paths: ['versioning_override'] },
  }),
  'options without execution': workflow('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: {},
    updateMask: { paths: ['versioning_override'] },
  }),
};

/** An ExecuteMultiOperation's operations; the second may name another workflow. */
const multi =
  (operations: (names: Names) => readonly Request[]): OddCall =>
  (names) => ['workflow', 'executeMultiOperation', { namespace: names.namespace, operations: operations(names) }];

const startOperation = (names: Names, more: Request = {}) => ({
  startWorkflow: {
    ...startRequest(names, undefined, 'r'),
    workflowId: `${names.workflowId}-odd`,
    taskQueue: { name: `${names.taskQueue}-odd` },
    ...more,
  },
});

const updateOperation = (names: Names, more: Request = {}) => ({
  updateWorkflow: {
    namespace: names.namespace,
    workflowExecution: { workflowId: `${names.workflowId}-odd` },
    request: { meta: { updateId: 'u' }, input: { name: 'u' } },
    waitPolicy: { lifecycleStage: 2 },
    ...more,
  },
});

const multiOperations: Readonly<Record<string, OddCall>> = {
  'multi-operation without operations': multi(() => []),
  'multi-operation with one start': multi((names) => [startOperation(names)]),
  'multi-operation with one update': multi((names) => [updateOperation(names)]),
  'multi-operation update before start': multi((names) => [updateOperation(names), startOperation(names)]),
  'multi-operation of two starts': multi((names) => [startOperation(names), startOperation(names)]),
  'multi-operation of two updates': multi((names) => [updateOperation(names), updateOperation(names)]),
  'multi-operation with nothing in it': multi(() => [{}, {}]),
  'multi-operation of two workflows': multi((names) => [
    startOperation(names),
    updateOperation(names, { workflowExecution: { workflowId: 'another' } }),
  ]),
  'multi-operation with cron': multi((names) => [
    startOperation(names, { cronSchedule: '0 0 1 1 *' }),
    updateOperation(names),
  ]),
  'multi-operation with a delay': multi((names) => [
    startOperation(names, { workflowStartDelay: NEVER }),
    updateOperation(names),
  ]),
  'multi-operation, eager': multi((names) => [
    startOperation(names, { requestEagerExecution: true }),
    updateOperation(names),
  ]),
  'multi-operation with a run': multi((names) => [
    startOperation(names),
    updateOperation(names, { workflowExecution: { workflowId: `${names.workflowId}-odd`, runId: UNKNOWN_RUN } }),
  ]),
  'multi-operation with a first run': multi((names) => [
    startOperation(names),
    updateOperation(names, { firstExecutionRunId: UNKNOWN_RUN }),
  ]),
  'multi-operation with a bad start': multi((names) => [
    startOperation(names, { workflowType: null }),
    updateOperation(names),
  ]),
  'multi-operation with a bad update': multi((names) => [
    startOperation(names),
    updateOperation(names, { request: { meta: {}, input: { name: '' } } }),
  ]),
  'multi-operation waiting for admission': multi((names) => [
    startOperation(names),
    updateOperation(names, { waitPolicy: { lifecycleStage: 1 } }),
  ]),
};

const byId = (rpc: string, more: Request = {}): OddCall => workflow(rpc, { identity: 'worker', ...more });

const workers: Readonly<Record<string, OddCall>> = {
  'poll without queue': workflow('pollWorkflowTaskQueue', { identity: 'w' }),
  'poll of a queue without name': workflow('pollWorkflowTaskQueue', { taskQueue: { name: '' } }),
  'poll of a long queue': workflow('pollWorkflowTaskQueue', { taskQueue: { name: LONG } }),
  'poll with a long identity': workflow('pollWorkflowTaskQueue', { taskQueue: { name: 'q' }, identity: LONG }),
  'poll of an internal queue': workflow('pollWorkflowTaskQueue', { taskQueue: { name: '/_sys/q' } }),
  'activity poll without queue': workflow('pollActivityTaskQueue', { identity: 'w' }),
  'activity poll with a long identity': workflow('pollActivityTaskQueue', { taskQueue: { name: 'q' }, identity: LONG }),
  'activity poll of a long queue': workflow('pollActivityTaskQueue', { taskQueue: { name: LONG } }),
  'task completed without token': workflow('respondWorkflowTaskCompleted'),
  'task completed with garbage': workflow('respondWorkflowTaskCompleted', { taskToken: bytesOf('garbage') }),
  'task completed with a long identity': workflow('respondWorkflowTaskCompleted', {
    taskToken: bytesOf('garbage'),
    identity: LONG,
  }),
  'task failed without token': workflow('respondWorkflowTaskFailed'),
  'task failed with garbage': workflow('respondWorkflowTaskFailed', { taskToken: bytesOf('garbage') }),
  'query answered without token': workflow('respondQueryTaskCompleted'),
  'query answered with garbage': workflow('respondQueryTaskCompleted', { taskToken: bytesOf('garbage') }),
  'activity completed without token': workflow('respondActivityTaskCompleted'),
  'activity failed without token': workflow('respondActivityTaskFailed'),
  'activity failed with garbage': workflow('respondActivityTaskFailed', { taskToken: bytesOf('garbage') }),
  'activity failed with a bad failure': workflow('respondActivityTaskFailed', { failure: { message: 'no kind' } }),
  'activity cancelled without token': workflow('respondActivityTaskCanceled'),
  'activity cancelled with garbage': workflow('respondActivityTaskCanceled', { taskToken: bytesOf('garbage') }),
  'heartbeat without token': workflow('recordActivityTaskHeartbeat'),
  'heartbeat with garbage': workflow('recordActivityTaskHeartbeat', { taskToken: bytesOf('garbage') }),
  'activity completed by id without workflow': byId('respondActivityTaskCompletedById', { activityId: 'a' }),
  'activity completed by id without id': byId('respondActivityTaskCompletedById', { workflowId: 'w' }),
  'activity completed by id of nobody': byId('respondActivityTaskCompletedById', { workflowId: 'w', activityId: 'a' }),
  'activity completed by id of a bad run': byId('respondActivityTaskCompletedById', {
    workflowId: 'w',
    runId: 'no-uuid',
    activityId: 'a',
  }),
  'activity failed by id without workflow': byId('respondActivityTaskFailedById', { activityId: 'a' }),
  'activity failed by id without id': byId('respondActivityTaskFailedById', { workflowId: 'w' }),
  'activity failed by id of nobody': byId('respondActivityTaskFailedById', { workflowId: 'w', activityId: 'a' }),
  'activity cancelled by id without workflow': byId('respondActivityTaskCanceledById', { activityId: 'a' }),
  'activity cancelled by id without id': byId('respondActivityTaskCanceledById', { workflowId: 'w' }),
  'activity cancelled by id of nobody': byId('respondActivityTaskCanceledById', { workflowId: 'w', activityId: 'a' }),
  'heartbeat by id without workflow': byId('recordActivityTaskHeartbeatById', { activityId: 'a' }),
  'heartbeat by id without id': byId('recordActivityTaskHeartbeatById', { workflowId: 'w' }),
  'heartbeat by id of nobody': byId('recordActivityTaskHeartbeatById', { workflowId: 'w', activityId: 'a' }),
  'describe queue without queue': workflow('describeTaskQueue'),
  'describe queue without name': workflow('describeTaskQueue', { taskQueue: { name: '' } }),
  'describe queue of unknown type': workflow('describeTaskQueue', { taskQueue: { name: 'q' }, taskQueueType: 99 }),
  'partitions without queue': workflow('listTaskQueuePartitions'),
  'queue config without queue': workflow('updateTaskQueueConfig'),
  'queue config of unknown type': workflow('updateTaskQueueConfig', { taskQueue: 'q', taskQueueType: 0 }),
  'worker shut down without queue': workflow('shutdownWorker', { identity: 'w' }),
  'worker heartbeat without content': workflow('recordWorkerHeartbeat', { identity: 'w' }),
  'build id compatibility': workflow('getWorkerBuildIdCompatibility', { taskQueue: 'q' }),
  'build id compatibility changed': workflow('updateWorkerBuildIdCompatibility', {
    taskQueue: 'q',
    addNewBuildIdInNewDefaultSet: 'b',
  }),
  'versioning rules': workflow('getWorkerVersioningRules', { taskQueue: 'q' }),
  'task reachability': workflow('getWorkerTaskReachability', { buildIds: ['b'] }),
};

const activityOperation = (rpc: string, more: Request = {}): OddCall => of(rpc, more, 'execution');

const operations: Readonly<Record<string, OddCall>> = {
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
  'describe namespace without name': () => ['workflow', 'describeNamespace', {}],
  'describe namespace of nobody': () => ['workflow', 'describeNamespace', { namespace: 'nobody' }],
  'describe namespace of a bad id': () => ['workflow', 'describeNamespace', { id: 'no-uuid' }],
  'register an existing namespace': workflow('registerNamespace', {
    workflowExecutionRetentionPeriod: duration(86_400_000),
  }),
  'register a namespace without name': () => [
    'workflow',
    'registerNamespace',
    { workflowExecutionRetentionPeriod: duration(86_400_000) },
  ],
  'register a namespace with a short retention': () => [
    'workflow',
    'registerNamespace',
    { namespace: 'short-retention', workflowExecutionRetentionPeriod: duration(1_000) },
  ],
  'register a namespace with a negative retention': () => [
    'workflow',
    'registerNamespace',
    { namespace: 'negative', workflowExecutionRetentionPeriod: duration(-86_400_000) },
  ],
  'register a global namespace': () => [
    'workflow',
    'registerNamespace',
    { namespace: 'global', isGlobalNamespace: true, workflowExecutionRetentionPeriod: duration(86_400_000) },
  ],
  'register a namespace with a long name': () => [
    'workflow',
    'registerNamespace',
    { namespace: LONG, workflowExecutionRetentionPeriod: duration(86_400_000) },
  ],
  'register a namespace in an unknown cluster': () => [
    'workflow',
    'registerNamespace',
    { namespace: 'elsewhere', activeClusterName: 'mars', workflowExecutionRetentionPeriod: duration(86_400_000) },
  ],
  'update namespace of nobody': () => ['workflow', 'updateNamespace', { namespace: 'nobody' }],
  'update namespace without name': () => ['workflow', 'updateNamespace', {}],
  'update namespace with a short retention': workflow('updateNamespace', {
    config: { workflowExecutionRetentionTtl: duration(1_000) },
  }),
  'update namespace with an unknown cluster': workflow('updateNamespace', {
    replicationConfig: { activeClusterName: 'mars' },
  }),
  'update namespace to an unknown state': workflow('updateNamespace', { updateInfo: { state: 99 } }),
  'deprecate nobody': () => ['workflow', 'deprecateNamespace', { namespace: 'nobody' }],
  'add no search attributes': operator('addSearchAttributes'),
  'add a search attribute without type': operator('addSearchAttributes', { searchAttributes: { E2eNew: 0 } }),
  'add a system search attribute': operator('addSearchAttributes', { searchAttributes: { WorkflowId: 2 } }),
  'add a search attribute again': operator('addSearchAttributes', { searchAttributes: { E2eKeyword: 2 } }),
  'add a search attribute with another type': operator('addSearchAttributes', { searchAttributes: { E2eKeyword: 1 } }),
  'remove no search attributes': operator('removeSearchAttributes'),
  'remove a search attribute that is not there': operator('removeSearchAttributes', { searchAttributes: ['Nonsense'] }),
  'remove a system search attribute': operator('removeSearchAttributes', { searchAttributes: ['WorkflowId'] }),
  'list search attributes of nobody': () => ['operator', 'listSearchAttributes', { namespace: 'nobody' }],
  'delete namespace of nobody': () => ['operator', 'deleteNamespace', { namespace: 'nobody' }],
  'delete namespace without name': () => ['operator', 'deleteNamespace', {}],
  'delete the system namespace': () => ['operator', 'deleteNamespace', { namespace: 'temporal-system' }],
  'search attributes': () => ['workflow', 'getSearchAttributes', {}],
};

const queue =
  (more: Request = {}, suffix = ''): OddCall =>
  ({ namespace, taskQueue }) => [
    'workflow',
    'describeTaskQueue',
    { namespace, taskQueue: { name: `${taskQueue}${suffix}` }, ...more },
  ];
const queueConfig =
  (more: Request): OddCall =>
  ({ namespace, taskQueue }) => [
    'workflow',
    'updateTaskQueueConfig',
    { namespace, identity: 'operator', taskQueue: `${taskQueue}-configured`, taskQueueType: 2, ...more },
  ];
const limit = (requestsPerSecond: number, reason = 'a reason') => ({ rateLimit: { requestsPerSecond }, reason });
const pauseOf =
  (rpc: 'pauseWorkflowExecution' | 'unpauseWorkflowExecution', more: Request): OddCall =>
  ({ namespace, workflowId }) => ['workflow', rpc, { namespace, workflowId, reason: 'r', requestId: 'r', ...more }];

/** What the servers say about themselves and their queues. */
const queues: Readonly<Record<string, OddCall>> = {
  'queue of workflows': queue({ taskQueueType: 1 }),
  'queue of workflows with statistics': queue({ taskQueueType: 1, reportStats: true }),
  'queue of workflows with its configuration': queue({ taskQueueType: 1, reportConfig: true }),
  'queue with its status': queue({ taskQueueType: 1, includeTaskQueueStatus: true }),
  'queue of activities': queue({ taskQueueType: 2 }, '-a0'),
  'queue of activities with its configuration': queue({ taskQueueType: 2, reportConfig: true }, '-configured'),
  'queue of nobody': queue({ taskQueueType: 2 }, '-nobody'),
  'queue in the enhanced mode': queue({ apiMode: 1, reportPollers: true }),
  'queue in the enhanced mode, of activities': queue({ apiMode: 1, taskQueueTypes: [2], reportPollers: true }),
  'queue in the enhanced mode, sticky': ({ namespace }) => [
    'workflow',
    'describeTaskQueue',
    { namespace, apiMode: 1, taskQueue: { name: 's', kind: 2, normalName: 'n' } },
  ],
  'queue by a partition name': ({ namespace }) => [
    'workflow',
    'describeTaskQueue',
    { namespace, taskQueue: { name: '/_sys/q/1' }, taskQueueType: 1 },
  ],
  'queue with a long name': workflow('describeTaskQueue', { taskQueue: { name: LONG }, taskQueueType: 1 }),
  'partitions of a queue': ({ namespace, taskQueue }) => [
    'workflow',
    'listTaskQueuePartitions',
    { namespace, taskQueue: { name: taskQueue } },
  ],
  'queue config with a rate': queueConfig({ updateQueueRateLimit: limit(50) }),
  'queue config without rates again': queueConfig({ updateQueueRateLimit: { reason: 'none' } }),
  'queue config with a rate for each key': queueConfig({ updateFairnessKeyRateLimitDefault: limit(5) }),
  'queue config with a negative rate': queueConfig({ updateQueueRateLimit: limit(-1) }),
  'queue config with a long reason': queueConfig({ updateQueueRateLimit: limit(1, LONG) }),
  'queue config of workflows': queueConfig({ taskQueueType: 1, updateQueueRateLimit: limit(1) }),
  'queue config of workflows for each key': queueConfig({
    taskQueueType: 1,
    updateFairnessKeyRateLimitDefault: limit(1),
  }),
  'queue config with a long identity': queueConfig({ identity: LONG, updateQueueRateLimit: limit(1) }),
  'queue config with a negative weight': queueConfig({ setFairnessWeightOverrides: { key: -1 } }),
  'queue config with an empty key': queueConfig({ setFairnessWeightOverrides: { '': 1 } }),
  'queue config with a long key': queueConfig({ unsetFairnessWeightOverrides: ['x'.repeat(100)] }),
  'queue config with a key set and unset': queueConfig({
    setFairnessWeightOverrides: { key: 1 },
    unsetFairnessWeightOverrides: ['key'],
  }),
  'queue config with weights': queueConfig({ setFairnessWeightOverrides: { key: 2.5 } }),
  'queue config with a negative rate for each key': queueConfig({ updateFairnessKeyRateLimitDefault: limit(-1) }),
  'worker shut down': ({ namespace, taskQueue }) => [
    'workflow',
    'shutdownWorker',
    { namespace, stickyTaskQueue: `${taskQueue}-sticky`, identity: 'worker', reason: 'over' },
  ],
  'pause of a run without id': pauseOf('pauseWorkflowExecution', { workflowId: '' }),
  'pause of a run of a long id': pauseOf('pauseWorkflowExecution', { workflowId: LONG }),
  'pause of a run of nobody': pauseOf('pauseWorkflowExecution', { workflowId: 'nobody' }),
  'unpause of a run without id': pauseOf('unpauseWorkflowExecution', { workflowId: '' }),
  'unpause of a run of nobody': pauseOf('unpauseWorkflowExecution', { workflowId: 'nobody' }),
  'unpause of a run for a long reason': pauseOf('unpauseWorkflowExecution', { reason: LONG }),
  'unpause of a run with a long request id': pauseOf('unpauseWorkflowExecution', { requestId: LONG }),
  'unpause of a run with a long identity': pauseOf('unpauseWorkflowExecution', { identity: LONG }),
  'update without input name': of('updateWorkflowExecution', {
    request: { meta: { updateId: 'never' }, input: { name: '' } },
    waitPolicy: { lifecycleStage: 3 },
  }),
  'describe namespace by name and id': () => [
    'workflow',
    'describeNamespace',
    { namespace: 'default', id: UNKNOWN_RUN },
  ],
  'describe namespace of an unknown id': () => ['workflow', 'describeNamespace', { id: UNKNOWN_RUN }],
  'update namespace with a bad binary': workflow('updateNamespace', { deleteBadBinary: 'nobody' }),
  'update namespace to two clusters': workflow('updateNamespace', {
    replicationConfig: { clusters: [{ clusterName: 'active' }, { clusterName: 'mars' }] },
  }),
  'update namespace, promoted': workflow('updateNamespace', { promoteNamespace: true }),
  'update namespace with archival nowhere': workflow('updateNamespace', {
    config: { historyArchivalState: 2, historyArchivalUri: 'nowhere' },
  }),
  'add a reserved search attribute': operator('addSearchAttributes', { searchAttributes: { TemporalNew: 2 } }),
  'add a search attribute of unknown type': operator('addSearchAttributes', { searchAttributes: { E2eNew: 99 } }),
  'start with a search attribute that is no JSON': start({
    searchAttributes: {
      indexedFields: {
        E2eInt: { metadata: { encoding: bytesOf('json/plain'), type: bytesOf('Int') }, data: bytesOf('{') },
      },
    },
  }),
  'start with a search attribute in an unknown encoding': start({
    searchAttributes: {
      indexedFields: { E2eInt: { metadata: { encoding: bytesOf('nobody/knows') }, data: bytesOf('5') } },
    },
  }),
  'start with a link of an event type without event': start({
    links: [{ workflowEvent: { namespace: 'n', workflowId: 'w', runId: 'r', eventRef: { eventId: 5 } } }],
  }),
  'start with a large link': start({
    links: [{ workflowEvent: { namespace: 'n', workflowId: 'x'.repeat(5_000), runId: 'r' } }],
  }),
  'start with an override of an unknown behavior': start({ versioningOverride: { behavior: 99 } }),
  'start with an override without behavior': start({ versioningOverride: { pinnedVersion: 'd.b' } }),
  'options with half an override': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
    updateMask: { paths: ['versioning_override.behavior'] },
  }),
  'options with an override of no version': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: { versioningOverride: { pinned: { behavior: 1 } } },
    updateMask: { paths: ['versioning_override'] },
  }),
  'multi-operation with another namespace': multi((names) => [
    startOperation(names, { namespace: 'another' }),
    updateOperation(names),
  ]),
  'multi-operation without update input': multi((names) => [
    startOperation(names),
    updateOperation(names, { request: { meta: { updateId: 'u' } } }),
  ]),
  'query answered with an unknown kind': workflow('respondQueryTaskCompleted', {
    taskToken: bytesOf('garbage'),
    completedType: 99,
  }),
  'reset with an unknown way to reapply': of('resetWorkflowExecution', {
    workflowTaskFinishEventId: 4,
    resetReapplyType: 99,
    requestId: 'r',
  }),
  'reset to the beginning': of('resetWorkflowExecution', { workflowTaskFinishEventId: 1, requestId: 'r' }),
  'versioned poll without build id': workflow('pollWorkflowTaskQueue', {
    taskQueue: { name: 'q' },
    workerVersionCapabilities: { useVersioning: true },
  }),
  'poll with half a deployment': workflow('pollWorkflowTaskQueue', {
    taskQueue: { name: 'q' },
    deploymentOptions: { workerVersioningMode: 2, buildId: 'b' },
  }),
  'versioning rules changed': workflow('updateWorkerVersioningRules', { taskQueue: 'q' }),
  clusters: () => ['operator', 'listClusters', {}],
  'clusters with a negative page': () => ['operator', 'listClusters', { pageSize: -1 }],
  'list namespaces with a negative page': () => ['workflow', 'listNamespaces', { pageSize: -1 }],
  'list namespaces with garbage as token': () => ['workflow', 'listNamespaces', { nextPageToken: bytesOf('garbage') }],
  'list namespaces': () => ['workflow', 'listNamespaces', { pageSize: 5 }],
  system: () => ['workflow', 'getSystemInfo', {}],
  cluster: () => ['workflow', 'getClusterInfo', {}],
  'list search attributes': operator('listSearchAttributes'),
  'describe the namespace': workflow('describeNamespace'),
  'activity options without options': activityOperation('updateActivityOptions', {
    id: 'a0',
    updateMask: { paths: ['priority'] },
  }),
  'activity options of a task queue that is not given': activityOperation('updateActivityOptions', {
    id: 'a0',
    activityOptions: {},
    updateMask: { paths: ['task_queue.name'] },
  }),
  'activity options of a retry policy that is not given': activityOperation('updateActivityOptions', {
    id: 'a0',
    activityOptions: {},
    updateMask: { paths: ['retry_policy.maximum_attempts'] },
  }),
  'activity options of a priority that is not given': activityOperation('updateActivityOptions', {
    id: 'a0',
    activityOptions: {},
    updateMask: { paths: ['priority.priority_key'] },
  }),
  'activity options of nobody': activityOperation('updateActivityOptions', {
    execution: { workflowId: 'nobody' },
    id: 'a0',
    activityOptions: {},
    updateMask: { paths: ['priority'] },
  }),
  'unpause of nobody': activityOperation('unpauseActivity', { execution: { workflowId: 'nobody' }, id: 'a' }),
  'activity reset of nobody': activityOperation('resetActivity', { execution: { workflowId: 'nobody' }, id: 'a' }),
  'unpause of all of nobody': activityOperation('unpauseActivity', {
    execution: { workflowId: 'nobody' },
    unpauseAll: true,
  }),
  'options of a priority that is not given': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: {},
    updateMask: { paths: ['priority.priority_key'] },
  }),
  'options with a negative priority': of('updateWorkflowExecutionOptions', {
    workflowExecutionOptions: { priority: { priorityKey: -1 } },
    updateMask: { paths: ['priority'] },
  }),
  'options without options': of('updateWorkflowExecutionOptions', { updateMask: { paths: ['priority'] } }),
  'options of a bad run': ({ namespace, workflowId }) => [
    'workflow',
    'updateWorkflowExecutionOptions',
    {
      namespace,
      workflowExecution: { workflowId, runId: 'no-uuid' },
      workflowExecutionOptions: {},
      updateMask: { paths: ['priority'] },
    },
  ],
};

/** Filters that are refused, and some that are not, of the list calls. */
const FILTERS: readonly string[] = [
  'WorkflowId',
  'WorkflowId =',
  'WorkflowId = a',
  'WorkflowId = 5',
  'WorkflowId = "a" AND',
  'WorkflowId = "a" XOR RunId = "b"',
  'WorkflowId > "a"',
  'WorkflowId NOT LIKE "a%"',
  'WorkflowId STARTS_WITH 5',
  'WorkflowId IN ()',
  'WorkflowId IN ("a", 5)',
  'WorkflowId NOT IN ("a")',
  'WorkflowId NOT STARTS_WITH "a"',
  'WorkflowId BETWEEN "a" AND "b"',
  'ExecutionStatus = "Nope"',
  'ExecutionStatus = 77',
  'ExecutionStatus = 1',
  'ExecutionStatus > "Running"',
  'ExecutionStatus IN ("Running", "Nope")',
  'ExecutionStatus STARTS_WITH "R"',
  'StartTime > "yesterday"',
  'StartTime = 5',
  'StartTime BETWEEN "2020-01-01T00:00:00Z" AND "x"',
  'StartTime STARTS_WITH "2020"',
  'ExecutionDuration > "zz"',
  'ExecutionDuration = "1:2"',
  'HistoryLength = "x"',
  'HistoryLength STARTS_WITH "5"',
  'CloseTime IS NOT NULL ORDER BY StartTime DESC',
  'ORDER BY Nonsense',
  'ORDER BY StartTime, CloseTime',
  'ORDER BY StartTime SIDEWAYS',
  'GROUP BY WorkflowId',
  'GROUP BY ExecutionStatus',
  'GROUP BY ExecutionStatus, WorkflowType',
  'WorkflowId = "nobody" GROUP BY ExecutionStatus',
  'E2eInt = "x"',
  'E2eInt = 1.5',
  'E2eInt IN (1, "x")',
  'E2eDouble = "x"',
  'E2eBool = "x"',
  'E2eBool = 5',
  'E2eBool > true',
  'E2eDatetime = "x"',
  'E2eText = 5',
  'E2eText > "a"',
  'E2eText STARTS_WITH "a"',
  'E2eText ORDER',
  'E2eKeyword = 5',
  'E2eKeyword LIKE "%a"',
  'E2eKeywordList = 5',
  'E2eKeywordList > "a"',
  'ORDER BY E2eText',
  'ORDER BY E2eKeywordList',
  'BuildIds = "nobody"',
  'ParentWorkflowId IS NULL AND WorkflowId = "nobody"',
  'NOT WorkflowId = "a"',
  '(WorkflowId = "a"',
  '1 = 1',
  'WorkflowId = RunId',
  'lower(WorkflowId) = "a"',
  'WorkflowId = "a"; DROP TABLE x',
  'WorkflowId = "a" LIMIT 5',
  'SELECT * FROM x',
  '`E2eKeyword` = "nobody"',
  'Keyword01 = "a"',
  'TemporalNamespaceDivision = "nobody"',
  'MemoKey = "a"',
  'RunId IS NULL OR WorkflowId = "nobody" AND WorkflowType = "x"',
];

const filtered = Object.fromEntries(
  FILTERS.flatMap((query) => [
    [`list ${query}`, workflow('listWorkflowExecutions', { query })] as const,
    [`count ${query}`, workflow('countWorkflowExecutions', { query })] as const,
  ]),
);

const lists: Readonly<Record<string, OddCall>> = {
  'list with a negative page': workflow('listWorkflowExecutions', { pageSize: -1 }),
  'list with garbage as token': workflow('listWorkflowExecutions', {
    query: 'WorkflowId = "nobody"',
    nextPageToken: bytesOf('garbage'),
  }),
  'list in an unknown namespace': () => ['workflow', 'listWorkflowExecutions', { namespace: 'nobody' }],
  'scan with a bad filter': workflow('scanWorkflowExecutions', { query: 'Nonsense = 1' }),
  'scan with a negative page': workflow('scanWorkflowExecutions', { pageSize: -1 }),
  'list open without times': workflow('listOpenWorkflowExecutions'),
  'list open with both filters': workflow('listOpenWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    typeFilter: {},
  }),
  'list open backwards in time': workflow('listOpenWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 9 }, latestTime: { seconds: 2 } },
  }),
  'list open with a type without name': workflow('listOpenWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    typeFilter: { name: '' },
  }),
  'list open of nobody': workflow('listOpenWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    executionFilter: { workflowId: 'nobody' },
  }),
  'list open with a negative page': workflow('listOpenWorkflowExecutions', { maximumPageSize: -1 }),
  'list closed without times': workflow('listClosedWorkflowExecutions'),
  'list closed backwards in time': workflow('listClosedWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 9 }, latestTime: { seconds: 2 } },
  }),
  'list closed by status': workflow('listClosedWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    statusFilter: { status: 2 },
  }),
  'list closed by status running': workflow('listClosedWorkflowExecutions', {
    startTimeFilter: { earliestTime: { seconds: 1 }, latestTime: { seconds: 2 } },
    statusFilter: { status: 1 },
  }),
  'list archived': workflow('listArchivedWorkflowExecutions', { query: 'WorkflowId = "nobody"' }),
  'list archived with a negative page': workflow('listArchivedWorkflowExecutions', { pageSize: -1 }),
};

/** What a Temporal of this version has no more, or not yet. */
const refused: Readonly<Record<string, OddCall>> = Object.fromEntries(
  [
    'describeDeployment',
    'listDeployments',
    'getDeploymentReachability',
    'getCurrentDeployment',
    'setCurrentDeployment',
    'createWorkflowRule',
    'describeWorkflowRule',
    'deleteWorkflowRule',
    'listWorkflowRules',
    'triggerWorkflowRule',
    'fetchWorkerConfig',
    'updateWorkerConfig',
  ].flatMap((rpc) => [
    [`${rpc}, refused`, workflow(rpc)] as const,
    [`${rpc} without namespace`, () => ['workflow', rpc, {}] as const] as const,
  ]),
);

export const ODD_CALLS: Readonly<Record<string, OddCall>> = {
  ...starts,
  ...executions,
  ...multiOperations,
  ...workers,
  ...operations,
  ...lists,
  ...filtered,
  ...queues,
  ...refused,
};

type Rpcs = Readonly<Record<string, (request: object) => Promise<object>>>;

/** Calls the RPC by its name. */
export function sendOddCall(services: Readonly<Record<Service, object>>, name: string, names: Names): Promise<object> {
  const call = ODD_CALLS[name];
  if (!call) throw new Error(`no call is named ${name}`);
  const [service, rpc, request] = call(names);
  const stub = services[service] as unknown as Rpcs;
  const method = stub[rpc];
  if (!method) throw new Error(`no RPC is named ${rpc}`);
  return method.call(stub, request);
}
