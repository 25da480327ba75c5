// What a server answered to the steps of a program.

export interface TranscriptEntry {
  readonly step: string;
  readonly outcome: unknown;
}
