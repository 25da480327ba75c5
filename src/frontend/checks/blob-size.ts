// The size limit of payloads in one request (common.CheckEventBlobSizeLimit, v1.31). Main loop.

import { invalidArgument } from '../../proto/service-errors.ts';
import { instrumentsOf } from '../interceptors/telemetry.ts';
import type { RpcCall } from '../rpc-call.ts';
import { BLOB_SIZE_ERROR, BLOB_SIZE_WARN } from '../settings.ts';

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

export function checkBlobSize(call: RpcCall, sizeBytes: number, workflowId: string, runId: string): void {
  if (isTooLarge(call, sizeBytes, workflowId, runId)) throw invalidArgument(BLOB_TOO_LARGE);
}
