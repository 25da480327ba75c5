// The size limit of payloads in one request (common.CheckEventBlobSizeLimit, v1.31). Main loop.

import { invalidArgument } from '../../proto/service-errors.ts';
import { instrumentsOf } from '../interceptors/telemetry.ts';
import type { RpcCall } from '../rpc-call.ts';
import { BLOB_SIZE_ERROR, BLOB_SIZE_WARN, MEMO_SIZE_ERROR } from '../settings.ts';

export const BLOB_TOO_LARGE = 'Blob data size exceeds limit.';

/** Whether the payloads are larger than the namespace allows; large ones are logged. */
export function isTooLarge(call: RpcCall, sizeBytes: number, workflowId = '', runId = ''): boolean {
  const instruments = instrumentsOf(call);
  instruments.blobSize.record(sizeBytes);
  if (sizeBytes <= call.setting(BLOB_SIZE_WARN)) return false;
  call.services.logger.warn(
    {
      operation: call.rpc.method,
      'wf-namespace': call.namespaceName,
      'wf-id': workflowId,
      'wf-run-id': runId,
      'wf-size': sizeBytes,
    },
    'Blob data size exceeds the warning limit.',
  );
  if (sizeBytes <= call.setting(BLOB_SIZE_ERROR)) return false;
  instruments.blobSizeErrors.add();
  return true;
}

export interface StartSizes {
  readonly workflowId: string;
  readonly input: Uint8Array | undefined;
  readonly memo: Uint8Array | undefined;
}

/**
 * Input and memo of a start. Temporal's history checks them, as the last of its checks and before it changes anything; done here
 * the request need not travel.
 */
export function checkStartSizes(call: RpcCall, { workflowId, input, memo }: StartSizes): void {
  checkBlobSize(call, input?.length ?? 0, workflowId, '');
  if ((memo?.length ?? 0) > call.setting(MEMO_SIZE_ERROR)) {
    instrumentsOf(call).blobSizeErrors.add();
    throw invalidArgument('Memo size exceeds limit.');
  }
}

export function checkBlobSize(call: RpcCall, sizeBytes: number, workflowId: string, runId: string): void {
  if (isTooLarge(call, sizeBytes, workflowId, runId)) throw invalidArgument(BLOB_TOO_LARGE);
}
