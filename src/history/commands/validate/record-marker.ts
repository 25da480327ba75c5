// RecordMarker.

import type { RecordMarkerCommandAttributes } from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';
import { checkLength, checkSize } from './size-checks.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_RECORD_MARKER_ATTRIBUTES;

export function validateRecordMarker(
  attributes: RecordMarkerCommandAttributes | undefined,
  { limits }: CommandContext,
): { attributes: RecordMarkerCommandAttributes } {
  if (attributes === undefined) {
    throw new CommandError(CAUSE, 'RecordMarkerCommandAttributes is not set on RecordMarkerCommand.');
  }
  const { markerName } = attributes;
  if (markerName === '') throw new CommandError(CAUSE, 'MarkerName is not set on RecordMarkerCommand.');
  const limit = limits.maxIdLengthBytes;
  checkLength(markerName, limit, (length) => {
    const detail = `MarkerName=${markerName} Length=${length} Limit=${limit}`;
    return new CommandError(CAUSE, `MarkerName on RecordMarkerCommand exceeds length limit. ${detail}`);
  });
  let detailsBytes = 0;
  for (const [name, payloads] of attributes.details) detailsBytes += Buffer.byteLength(name) + payloads.length;
  checkSize(
    detailsBytes,
    limits.blobSizeErrorBytes,
    CAUSE,
    'RecordMarkerCommandAttributes.Details exceeds size limit.',
  );
  return { attributes };
}
