export type { SearchAttributesCheck } from './checks/search-attributes.ts';
export { createFrontend, type Frontend } from './frontend.ts';
export type { FrontendDependencies } from './frontend-services.ts';
