// Calls between hosts.

export { createRpcClient, type RpcCallOptions, type RpcClient, type RpcClientOptions } from './rpc-client.ts';
