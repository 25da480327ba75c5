export { updateAbortedByClosing, updateAbortedByServer } from './abort.ts';
export { DecisionEffects, type Effects, IMMEDIATE } from './effects.ts';
export { Update, type UpdateEvents, type UpdateStatus } from './update.ts';
export { StoredUpdateStage, type UpdateLimits, UpdateRegistry, type UpdateRegistryOptions } from './update-registry.ts';
export { AbortReason, UpdateState } from './update-state.ts';
export { type StageWait, waitForStage } from './wait-for-stage.ts';
