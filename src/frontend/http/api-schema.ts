// The public API as reflection: message types, methods and their HTTP bindings, from the API's own definitions. Loading it costs
// about 130 ms and 30 MB once, so this module waits for the first HTTP request (gateway.ts is imported then). Main loop.

import apiDefinitions from '@temporalio/proto/protos/json-module.js';
import type { Root, Service, Type } from 'protobufjs';

export interface HttpBinding {
  readonly httpMethod: string;
  /** `/namespaces/{namespace}/workflows/{execution.workflow_id}` */
  readonly template: string;
  /** Whether the body is the request; else its fields are query parameters. */
  readonly hasBody: boolean;
}

export interface ApiMethod {
  /** Full path, as in the method table. */
  readonly path: string;
  readonly requestType: Type;
  readonly responseType: Type;
  readonly bindings: readonly HttpBinding[];
}

export interface ApiSchema {
  readonly methods: readonly ApiMethod[];
  /** Undefined for names that the API does not have. */
  lookupType(name: string): Type | undefined;
}

const SERVICES = ['temporal.api.workflowservice.v1.WorkflowService', 'temporal.api.operatorservice.v1.OperatorService'];

export function loadApiSchema(): ApiSchema {
  const root = apiDefinitions as unknown as Root;
  root.resolveAll();
  return {
    methods: SERVICES.flatMap((name) => methodsOf(root, name)),
    lookupType: (name) => {
      try {
        return root.lookupType(name);
      } catch {
        return undefined;
      }
    },
  };
}

function methodsOf(root: Root, serviceName: string): ApiMethod[] {
  const service: Service = root.lookupService(serviceName);
  return service.methodsArray.map((method) => ({
    path: `/${serviceName}/${method.name}`,
    requestType: method.resolvedRequestType as Type,
    responseType: method.resolvedResponseType as Type,
    bindings: bindingsOf(method.parsedOptions),
  }));
}

interface HttpRule {
  readonly body?: string;
  readonly additional_bindings?: HttpRule | readonly HttpRule[];
  readonly [httpMethod: string]: unknown;
}

const HTTP_METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

function bindingsOf(options: unknown): HttpBinding[] {
  const rules = (Array.isArray(options) ? options : [options]) as readonly (
    | { '(google.api.http)'?: HttpRule }
    | undefined
  )[];
  return rules.flatMap((rule) => bindingsOfRule(rule?.['(google.api.http)']));
}

function bindingsOfRule(rule: HttpRule | undefined): HttpBinding[] {
  if (rule === undefined) return [];
  const own = HTTP_METHODS.flatMap((httpMethod) => {
    const template = rule[httpMethod];
    return typeof template === 'string'
      ? [{ httpMethod: httpMethod.toUpperCase(), template, hasBody: rule.body === '*' }]
      : [];
  });
  return [...own, ...[rule.additional_bindings ?? []].flat().flatMap(bindingsOfRule)];
}
