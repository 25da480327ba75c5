// What differs between the two doors to the same JSON API: the HTTP API's own port (service/frontend/http_api_server.go, v1.31) and the
// Web UI's, which is a grpc-gateway with other settings (ui-server v2.54 server/api). Main loop.

import type { JsonForm } from './media-type.ts';

export interface HttpDialect {
  /** Undefined: as the request asks. */
  readonly form: JsonForm | undefined;
  /** `whole`: the path is cleaned and unescaped before it is divided. `parts`: divided first, so that an id may have a slash in it. */
  readonly unescapes: 'whole' | 'parts';
}

export const HTTP_API_DIALECT: HttpDialect = { form: undefined, unescapes: 'whole' };

/** The Web UI reads payloads in full: it decodes them itself, or has a codec server do it. */
export const WEB_UI_DIALECT: HttpDialect = {
  form: { contentType: 'application/json', pretty: false, payloadShorthand: false },
  unescapes: 'parts',
};
