// The gRPC services that every server of ours offers beside its own: health and reflection.

export { HEALTH_SERVICE, HealthState, healthService, ServingStatus } from './health.ts';
export { type FileDescriptorSource, type ReflectionOptions, reflectionService } from './reflection.ts';
