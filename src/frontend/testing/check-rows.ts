// For tests: faults that many methods refuse alike, and what valid requests name.

import { Link } from '#proto/temporal/api/common/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import { GrpcCode } from '../../base/service-error.ts';
import type { Row } from './refuses.ts';

const { NOT_FOUND } = GrpcCode;

export const LONG = 'x'.repeat(1001);
export const RUN_ID = '7a0b1c2d-3e4f-4a5b-8c6d-7e8f90a1b2c3';
export const EXECUTION = { workflowId: 'order-1', runId: RUN_ID };
export const SMALL_LIMIT = { 'limit.blobSize.error': 10, 'limit.blobSize.warn': 5 };
export const PAYLOADS = new Uint8Array([0x0a, 0x0a, 0x12, 0x08, 1, 2, 3, 4, 5, 6, 7, 8]);

export const namespaceRows = (codec: { readonly typeName: string }): Row[] => [
  { fault: 'no namespace', change: { namespace: '' }, message: 'Namespace is empty.' },
  {
    fault: 'an unknown namespace',
    change: { namespace: `no-${codec.typeName.length}` },
    message: `Namespace no-${codec.typeName.length} is not found.`,
    code: NOT_FOUND,
  },
  { fault: 'a namespace that is too long', change: { namespace: LONG }, message: 'Namespace length exceeds limit.' },
];

export const executionRows = (field: string): Row[] => [
  { fault: 'no execution', change: { [field]: undefined }, message: 'Execution is not set on request.' },
  { fault: 'no workflow id', change: { [field]: { runId: RUN_ID } }, message: 'WorkflowId is not set on request.' },
  {
    fault: 'a run id that is no UUID',
    change: { [field]: { workflowId: 'w', runId: 'run' } },
    message: 'Invalid RunId.',
  },
];

const workflowEventLink = (fields: object) =>
  Link.encode({ workflowEvent: { namespace: 'default', workflowId: 'w', runId: RUN_ID, ...fields } });

export const linkRows: readonly Row[] = [
  {
    fault: 'too many links',
    change: { links: Array.from({ length: 11 }, () => workflowEventLink({})) },
    message: 'cannot attach more than 10 links per request, got 11',
  },
  {
    fault: 'a large link',
    change: { links: [workflowEventLink({ workflowId: 'w'.repeat(4000) })] },
    message: `link exceeds allowed size of 4000, got ${workflowEventLink({ workflowId: 'w'.repeat(4000) }).length}`,
  },
  {
    fault: 'a link without namespace',
    change: { links: [workflowEventLink({ namespace: '' })] },
    message: 'workflow event link must not have an empty namespace field',
  },
  {
    fault: 'a link without workflow id',
    change: { links: [workflowEventLink({ workflowId: '' })] },
    message: 'workflow event link must not have an empty workflow ID field',
  },
  {
    fault: 'a link without run id',
    change: { links: [workflowEventLink({ runId: '' })] },
    message: 'workflow event link must not have an empty run ID field',
  },
  {
    fault: 'a link to an event of no type',
    change: { links: [workflowEventLink({ eventRef: { eventId: 3, eventType: EventType.UNSPECIFIED } })] },
    message: 'workflow event link ref cannot have an unspecified event type and a non-zero event ID',
  },
  {
    fault: 'a batch job link without id',
    change: { links: [Link.encode({ batchJob: {} })] },
    message: 'batch job link must not have an empty job ID',
  },
  { fault: 'an empty link', change: { links: [Link.encode({})] }, message: 'unsupported link variant' },
];
