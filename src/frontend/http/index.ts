export { createHttpApiServer, type HttpApiOptions, type HttpApiServer } from './http-api-server.ts';
