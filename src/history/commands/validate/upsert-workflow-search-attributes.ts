// UpsertWorkflowSearchAttributes.

import type { UpsertWorkflowSearchAttributesCommandAttributes } from '#proto/temporal/api/command/v1';
import { SearchAttributes } from '#proto/temporal/api/common/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { Encoded } from '../../../proto/wire.ts';
import type { CommandContext } from './command-context.ts';
import { blame, CommandError } from './command-error.ts';
import { mergePayloadMaps, payloadMapDataBytes } from './payload-map.ts';
import { checkSize } from './size-checks.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_SEARCH_ATTRIBUTES;
const COMMAND = 'UpsertWorkflowSearchAttributesCommand';

/** The attributes come back under their field names; `merged` is what the workflow has after the upsert. */
export function validateUpsertWorkflowSearchAttributes(
  attributes: UpsertWorkflowSearchAttributesCommandAttributes | undefined,
  context: CommandContext,
): { attributes: { searchAttributes: Encoded<SearchAttributes> }; merged: ReturnType<typeof mergePayloadMaps> } {
  if (attributes === undefined) throw new CommandError(CAUSE, `${COMMAND}Attributes is not set on ${COMMAND}.`);
  const given = attributes.searchAttributes;
  if (given === undefined) throw new CommandError(CAUSE, `SearchAttributes is not set on ${COMMAND}.`);
  const rules = context.searchAttributes;
  const namespace = context.namespace.name;
  const searchAttributes = blame(CAUSE, () => rules.unalias(given, namespace));
  const { indexedFields } = SearchAttributes.decode(searchAttributes);
  if (indexedFields.size === 0) throw new CommandError(CAUSE, `IndexedFields is not set on ${COMMAND}.`);
  blame(CAUSE, () => rules.validate(searchAttributes, namespace));
  checkSize(
    payloadMapDataBytes(indexedFields),
    context.limits.blobSizeErrorBytes,
    CAUSE,
    `${COMMAND}Attributes exceeds size limit.`,
  );
  const merged = mergePayloadMaps(context.workflow.searchAttributes, indexedFields);
  checkSearchAttributesSize(SearchAttributes.encode({ indexedFields: merged }), namespace, CAUSE, context);
  return { attributes: { searchAttributes }, merged };
}

/** Past the size limits the workflow is terminated. */
export function checkSearchAttributesSize(
  searchAttributes: Encoded<SearchAttributes> | undefined,
  namespace: string,
  cause: WorkflowTaskFailedCause,
  context: CommandContext,
): void {
  if (searchAttributes === undefined) return;
  try {
    blame(cause, () => context.searchAttributes.validateSize(searchAttributes, namespace));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(cause, error.message, { terminatesWorkflow: true });
  }
}
