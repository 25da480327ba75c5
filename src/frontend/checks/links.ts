// Links that a request attaches to a workflow (workflow_handler.go validateLinks, v1.31). Main loop.

import { Link } from '#proto/temporal/api/common/v1';
import { EventType } from '#proto/temporal/api/enums/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { Encoded } from '../../proto/wire.ts';
import type { RpcCall } from '../rpc-call.ts';
import { LINK_MAX_SIZE, MAX_LINKS_PER_REQUEST } from '../settings.ts';

export function checkLinks(call: RpcCall, links: readonly Encoded<Link>[]): void {
  if (links.length === 0) return;
  const limit = call.setting(MAX_LINKS_PER_REQUEST);
  if (links.length > limit) {
    throw invalidArgument(`cannot attach more than ${limit} links per request, got ${links.length}`);
  }
  const maxSize = call.setting(LINK_MAX_SIZE);
  for (const link of links) {
    if (link.length > maxSize) throw invalidArgument(`link exceeds allowed size of ${maxSize}, got ${link.length}`);
    checkLink(Link.decode(link));
  }
}

function checkLink({ workflowEvent, batchJob, activity, nexusOperation }: Link): void {
  if (workflowEvent !== undefined) {
    if (workflowEvent.namespace === '') throw emptyField('namespace');
    if (workflowEvent.workflowId === '') throw emptyField('workflow ID');
    if (workflowEvent.runId === '') throw emptyField('run ID');
    const { eventRef } = workflowEvent;
    if (eventRef?.eventType === EventType.UNSPECIFIED && eventRef.eventId !== 0) {
      throw invalidArgument('workflow event link ref cannot have an unspecified event type and a non-zero event ID');
    }
  } else if (batchJob !== undefined) {
    if (batchJob.jobId === '') throw invalidArgument('batch job link must not have an empty job ID');
  } else if (activity !== undefined) {
    if (activity.namespace === '') throw emptyField('namespace', 'activity');
    if (activity.activityId === '') throw emptyField('activity ID', 'activity');
    if (activity.runId === '') throw emptyField('run ID', 'activity');
  } else if (nexusOperation !== undefined) {
    if (nexusOperation.namespace === '') throw emptyField('namespace', 'nexus operation');
    if (nexusOperation.operationId === '') throw emptyField('operation ID', 'nexus operation');
    if (nexusOperation.runId === '') throw emptyField('run ID', 'nexus operation');
  } else {
    throw invalidArgument('unsupported link variant');
  }
}

const emptyField = (field: string, link = 'workflow event') =>
  invalidArgument(`${link} link must not have an empty ${field} field`);
