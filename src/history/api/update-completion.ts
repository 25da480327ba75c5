// The updates' and queries' part in the completion of a workflow task.

import type { RespondWorkflowTaskCompletedRequest } from '#proto/temporal/api/workflowservice/v1';
import { defineSetting } from '../../config/dynamic-config.ts';
import type { TaskCompletion } from '../commands/command.ts';
import type { Workflow } from '../workflow/workflow.ts';

const BLOB_SIZE_ERROR = defineSetting({
  key: 'limit.blobSize.error',
  type: 'int',
  scope: 'namespace',
  defaultValue: 2 * 1024 * 1024,
});

export class UpdateCompletion {
  private readonly workflow: Workflow;
  private readonly request: RespondWorkflowTaskCompletedRequest;

  constructor(workflow: Workflow, request: RespondWorkflowTaskCompletedRequest) {
    this.workflow = workflow;
    this.request = request;
  }

  begin(_completion: TaskCompletion): void {}

  handleRemainingMessages(): void {}

  rejectUnprocessed(): void {}

  abortAccepted(): void {}

  abortFailed(): void {}

  get hasOutgoing(): boolean {
    return false;
  }

  apply(): void {}

  cancel(): void {}

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
