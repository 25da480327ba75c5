// GET /api/v1/settings: what the Web UI asks its server before anything else (ui-server v2.54 server/api/handler.go). Main loop.

import { LATER_WORKFLOW_METHODS } from '../api/unimplemented.ts';
import { UI_VERSION } from './ui-version.ts';

export interface UiSettings {
  readonly defaultNamespace: string;
  /** Empty: none. The browser calls it, not this server. */
  readonly codecEndpoint: string;
  readonly disableNewsFetch: boolean;
}

export function settingsJson({ defaultNamespace, codecEndpoint, disableNewsFetch }: UiSettings): string {
  return JSON.stringify({
    Auth: { Enabled: false, Options: null, RedirectToProvider: false },
    DefaultNamespace: defaultNamespace,
    ShowTemporalSystemNamespace: false,
    NavCollapsedByDefault: false,
    FeedbackURL: '',
    DisableNewsFetch: disableNewsFetch,
    Codec: {
      Endpoint: codecEndpoint,
      PassAccessToken: false,
      IncludeCredentials: false,
      DefaultErrorMessage: '',
      DefaultErrorLink: '',
    },
    Version: UI_VERSION,
    DisableWriteActions: false,
    WorkflowTerminateDisabled: false,
    WorkflowCancelDisabled: false,
    WorkflowSignalDisabled: false,
    WorkflowUpdateDisabled: false,
    WorkflowResetDisabled: false,
    WorkflowPauseDisabled: false,
    BatchActionsDisabled: LATER_WORKFLOW_METHODS.includes('StartBatchOperation'),
    StartWorkflowDisabled: false,
    HideWorkflowQueryErrors: false,
    RefreshWorkflowCountsDisabled: false,
    ActivityCommandsDisabled: false,
  });
}
