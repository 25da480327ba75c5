export type {
  AuthInfo,
  Authorization,
  Authorizer,
  CallTarget,
  ClaimMapper,
  Claims,
  Decision,
} from './authorizer.ts';
export { Role } from './authorizer.ts';
