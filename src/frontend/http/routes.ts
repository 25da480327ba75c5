// Which method an HTTP request means, by the path templates of the API (grpc-gateway's matching). Main loop.

import type { ApiMethod, HttpBinding } from './api-schema.ts';

export interface PathParameter {
  /** `execution.workflow_id`, a path of field names from the request message. */
  readonly fieldPath: string;
  readonly value: string;
}

export interface RouteMatch {
  readonly method: ApiMethod;
  readonly binding: HttpBinding;
  readonly parameters: readonly PathParameter[];
}

/** `methodNotAllowed`: the path exists, for another HTTP method. */
export type RouteResult = RouteMatch | 'notFound' | 'methodNotAllowed';

type Segment = { readonly literal: string } | { readonly fieldPath: string };

interface Route {
  readonly method: ApiMethod;
  readonly binding: HttpBinding;
  readonly segments: readonly Segment[];
  readonly literals: number;
}

export class Routes {
  private readonly routes: readonly Route[];

  constructor(methods: readonly ApiMethod[]) {
    this.routes = methods
      .flatMap((method) => method.bindings.map((binding) => routeOf(method, binding)))
      // Of two templates that match one path, the one that says more of it is meant.
      .sort((a, b) => b.literals - a.literals);
  }

  /** `parts`: of the path, unescaped. */
  match(httpMethod: string, parts: readonly string[]): RouteResult {
    let pathExists = false;
    for (const route of this.routes) {
      const parameters = matchSegments(route.segments, parts);
      if (parameters === undefined) continue;
      if (route.binding.httpMethod === httpMethod) return { method: route.method, binding: route.binding, parameters };
      pathExists = true;
    }
    return pathExists ? 'methodNotAllowed' : 'notFound';
  }
}

function routeOf(method: ApiMethod, binding: HttpBinding): Route {
  const segments = binding.template
    .split('/')
    .slice(1)
    .map((part) => {
      const field = /^\{(.+)\}$/.exec(part)?.[1];
      return field === undefined ? { literal: part } : { fieldPath: field };
    });
  return { method, binding, segments, literals: segments.filter((segment) => 'literal' in segment).length };
}

function matchSegments(segments: readonly Segment[], parts: readonly string[]): PathParameter[] | undefined {
  if (segments.length !== parts.length) return undefined;
  const parameters: PathParameter[] = [];
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i] as Segment;
    const part = parts[i] as string;
    if ('fieldPath' in segment) {
      if (part === '') return undefined;
      parameters.push({ fieldPath: segment.fieldPath, value: part });
    } else if (segment.literal !== part) {
      return undefined;
    }
  }
  return parameters;
}
