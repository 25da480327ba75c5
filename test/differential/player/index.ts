// Plays programs: the door of this folder.

export { play } from './play.ts';
export type { TranscriptEntry } from './transcript.ts';
