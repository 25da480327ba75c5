import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TaskToken } from '#proto/ostinato/token/v1';
import { decodeHistoryPageToken, decodeTaskToken, encodeHistoryPageToken } from './tokens.ts';

const garbage = Buffer.from('not a token');

it('a task token comes back as it went', () => {
  const token = { workflowId: 'w', runId: 'r', scheduledEventId: 5, attempt: 2, startedEventId: 6 };
  const decoded = decodeTaskToken(TaskToken.encode(token));
  assert.deepEqual({ ...decoded, ...token }, decoded);
  assert.throws(() => decodeTaskToken(garbage), { code: 3, message: 'error deserializing task token' });
});

it('a page token belongs to one run', () => {
  const token = encodeHistoryPageToken({ runId: 'r', firstEventId: 1, nextEventId: 9, position: 4 });
  assert.equal(decodeHistoryPageToken(token, 'r').position, 4);
  assert.equal(decodeHistoryPageToken(token, '').runId, 'r');
  const message = 'RunId in the request does not match the NextPageToken.';
  assert.throws(() => decodeHistoryPageToken(token, 'other'), { code: 3, message });
  assert.throws(() => decodeHistoryPageToken(garbage, 'r'), { code: 3, message: 'Invalid NextPageToken.' });
  assert.throws(() => decodeHistoryPageToken(Buffer.alloc(0), ''), { code: 3, message: 'Invalid NextPageToken.' });
});
