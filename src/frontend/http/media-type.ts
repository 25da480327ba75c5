// How JSON is wanted: indented or not, payloads short or in full. By media type, or by query parameter (protojson_marshaler.go,
// http_api_server.go, v1.31). Main loop.

export interface JsonForm {
  readonly contentType: string;
  readonly pretty: boolean;
  readonly payloadShorthand: boolean;
}

// Differs: Temporal answers `Content-Type: *` for the default form.
const DEFAULT_FORM: JsonForm = { contentType: 'application/json', pretty: false, payloadShorthand: true };

const FORMS: ReadonlyMap<string, JsonForm> = new Map(
  [
    DEFAULT_FORM,
    { contentType: 'application/json+pretty', pretty: true, payloadShorthand: true },
    { contentType: 'application/json+no-payload-shorthand', pretty: false, payloadShorthand: false },
    { contentType: 'application/json+pretty+no-payload-shorthand', pretty: true, payloadShorthand: false },
  ].map((form) => [form.contentType, form]),
);

/** The form of the request's body. */
export function inboundForm(contentType: string | undefined): JsonForm {
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  return FORMS.get(mediaType ?? '') ?? DEFAULT_FORM;
}

/** The form of the answer. */
export function outboundForm(
  accept: string | undefined,
  contentType: string | undefined,
  query: URLSearchParams,
): JsonForm {
  const wanted =
    (query.has('pretty') ? '+pretty' : '') + (query.has('noPayloadShorthand') ? '+no-payload-shorthand' : '');
  const fromQuery = wanted === '' ? undefined : FORMS.get(`application/json${wanted}`);
  return fromQuery ?? FORMS.get(accept ?? '') ?? inboundForm(contentType);
}

export function stringify(form: JsonForm, value: unknown): string {
  return form.pretty ? JSON.stringify(value, null, 2) : JSON.stringify(value);
}
