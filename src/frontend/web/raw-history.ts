// The whole history of a run as one JSON list, which the Web UI links to for people to keep: page by page from the API into one answer, so
// that a long history is never in memory as a whole. Main loop.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApiEndpoint, JSON_HEADERS, writeResponse } from '../http/api-endpoint.ts';
import type { HttpResponse } from '../http/gateway.ts';

const RAW_HISTORY = /^(\/api\/v1\/namespaces\/[^/]+\/workflows\/[^/]+)\/run\/([^/]+)\/history\.json$/;

interface HistoryPage {
  readonly history?: { readonly events?: readonly unknown[] };
  readonly nextPageToken?: string;
}

/** The API's URL for the history that `path` means; undefined if it means none. */
export function rawHistoryUrl(path: string): string | undefined {
  const match = RAW_HISTORY.exec(path);
  return match === null ? undefined : `${match[1]}/history?execution.runId=${match[2]}`;
}

/**
 * Differs: Temporal writes events as Go's encoding/json sees them, with numbers for enums, which no SDK reads back. This is protobuf JSON,
 * as everywhere else. A run that is not there is a plain error, not a list with one in it.
 */
export async function sendRawHistory(
  api: ApiEndpoint,
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let separator = '[';
  let token = '';
  do {
    const answer = await api.call(request, response, token === '' ? url : `${url}&nextPageToken=${token}`);
    if (answer.status !== 200) return fail(response, answer, separator);
    const page = JSON.parse(answer.body) as HistoryPage;
    if (!response.headersSent) response.writeHead(200, JSON_HEADERS);
    for (const event of page.history?.events ?? []) {
      response.write(`${separator}${JSON.stringify(event)}\n`);
      separator = ',';
    }
    if (response.destroyed) return;
    if (response.writableNeedDrain) await drained(response);
    token = encodeURIComponent(page.nextPageToken ?? '');
  } while (token !== '');
  response.end(separator === '[' ? '[]' : ']');
}

/** In the middle of the list the status is gone already: the list ends with the error, as Temporal's does. */
function fail(response: ServerResponse, answer: HttpResponse, separator: string): void {
  if (!response.headersSent) writeResponse(response, answer);
  else response.end(`${separator}${JSON.stringify({ error: answer.body })}]`);
}

/** Or gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
