// ModifyWorkflowProperties: upserts memo fields.

import type { ModifyWorkflowPropertiesCommandAttributes } from '#proto/temporal/api/command/v1';
import { Memo } from '#proto/temporal/api/common/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { Encoded } from '../../../proto/wire.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-error.ts';
import { mergePayloadMaps, payloadMapDataBytes } from './payload-map.ts';
import { checkSize } from './size-checks.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES;
const COMMAND = 'ModifyWorkflowPropertiesCommand';

/** `merged` is the workflow's memo after the upsert. */
export function validateModifyWorkflowProperties(
  attributes: ModifyWorkflowPropertiesCommandAttributes | undefined,
  { workflow, limits }: CommandContext,
): { attributes: { upsertedMemo: Encoded<Memo> }; merged: ReturnType<typeof mergePayloadMaps> } {
  if (attributes === undefined) throw new CommandError(CAUSE, `${COMMAND}Attributes is not set on ${COMMAND}.`);
  const { upsertedMemo } = attributes;
  if (upsertedMemo === undefined) throw new CommandError(CAUSE, `UpsertedMemo is not set on ${COMMAND}.`);
  const { fields } = Memo.decode(upsertedMemo);
  if (fields.size === 0) throw new CommandError(CAUSE, `UpsertedMemo.Fields is not set on ${COMMAND}.`);
  const tooLarge = `${COMMAND}Attributes exceeds size limit.`;
  checkSize(payloadMapDataBytes(fields), limits.blobSizeErrorBytes, CAUSE, tooLarge);
  const merged = mergePayloadMaps(workflow.memo, fields);
  const memoTooLarge = `${COMMAND}Attributes. Memo exceeds size limit.`;
  checkSize(Memo.encode({ fields: merged }).length, limits.memoSizeErrorBytes, CAUSE, memoTooLarge);
  return { attributes: { upsertedMemo }, merged };
}
