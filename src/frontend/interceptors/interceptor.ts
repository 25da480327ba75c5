// What stands between the transport and a method's handler. An interceptor looks at the call, completes it, or throws the
// ServiceError that refuses it; one that has to wait returns a promise. Their order is in frontend.ts. Main loop.

import type { RpcCall } from '../rpc-call.ts';

export type Interceptor = (call: RpcCall) => Promise<void> | void;
