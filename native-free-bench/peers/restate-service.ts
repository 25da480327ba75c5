// The service that Restate calls: one handler, one durable step. node restate-service.ts <url of the SDK> <port>

import { createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';

/** What is used of @restatedev/restate-sdk, which is installed apart from this project. */
interface RestateSdk {
  service(definition: {
    readonly name: string;
    readonly handlers: Record<string, (context: RestateContext, input: unknown) => Promise<unknown>>;
  }): unknown;
  createEndpointHandler(options: {
    readonly services: readonly unknown[];
  }): (request: Http2ServerRequest, response: Http2ServerResponse) => void;
}

interface RestateContext {
  run<T>(name: string, action: () => T): Promise<T>;
}

const [sdkUrl = '', port] = process.argv.slice(2);
const restate = (await import(sdkUrl)) as RestateSdk;
const bench = restate.service({
  name: 'bench',
  handlers: { charge: (context, input) => context.run('charge', () => input) },
});
createServer(restate.createEndpointHandler({ services: [bench] })).listen(Number(port), '127.0.0.1');
