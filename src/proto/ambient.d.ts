// The reflected public API: a protobufjs root as JSON. Only tools, tests and the JSON gateway load it.
declare module '@temporalio/proto/protos/json-module.js' {
  const root: import('protobufjs').INamespace;
  export default root;
}
