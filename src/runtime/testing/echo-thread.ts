// The service that the runtime's tests and benchmarks run on other threads: echoes, waits, fails, dies on request.

import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import type { CallContext } from '../service.ts';
import { ServiceNumber } from '../service-host.ts';
import { enterThread, type ThreadContext } from '../thread-context.ts';

/** How long `block` keeps the thread from reading its rings. */
const BLOCK_MS = 500;
/** The first history thread. */
const SEALER = 1;

/** Commands are the first bytes of a request's text. */
async function answer(context: ThreadContext, request: Uint8Array, call: CallContext): Promise<Uint8Array> {
  const text = Buffer.from(request).toString('latin1', 0, 64);
  if (text.startsWith('fail')) {
    throw new ServiceError(GrpcCode.NOT_FOUND, 'no such thing', [
      { typeUrl: 'type.googleapis.com/some.Detail', value: Buffer.from('detail') },
    ]);
  }
  if (text.startsWith('block')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS);
  if (text.startsWith('bug')) throw new TypeError('a bug');
  if (text.startsWith('die')) setImmediate(() => Promise.reject(new Error('told to die')));
  if (text.startsWith('log')) context.logger.warn({ err: new Error('inner') }, 'a line');
  if (text.startsWith('publish')) context.facts.publish('NamespacesChanged', Buffer.from(context.description.name));
  const [word, id] = text.split(' ');
  if (word === 'seal') call.seal = { sealer: SEALER, id: Number(id) };
  if (word === 'open' || word === 'break') context.router.settleSeal(Number(id), word === 'open');
  if (text.startsWith('other')) return context.router.callMatching('', 'DescribeTaskQueue', Buffer.from('echo'));
  if (text.startsWith('wait') || text.startsWith('die')) {
    await new Promise<void>((resolve) => call.onCancel(resolve));
    cancelled++;
  }
  if (text.startsWith('cancelled')) return Buffer.from(String(cancelled));
  return request;
}

let cancelled = 0;

enterThread(async (context, settings) => {
  const { failOn } = settings as { failOn?: string };
  if (failOn === context.description.name) throw new Error('cannot start');
  const handle = (request: Uint8Array, call: CallContext) =>
    request[0] === 0 ? request : answer(context, request, call);
  const handlers = new Proxy({}, { get: () => handle }) as Record<string, typeof handle>;
  const number = {
    history: ServiceNumber.HISTORY,
    matching: ServiceNumber.MATCHING,
    worker: ServiceNumber.WORKER,
    main: -1,
  };
  context.hub.register(number[context.description.role], handlers);
  return { drain: async () => {}, stop: async () => {} };
});
