// Numbers in JSON that a double cannot hold, kept as their digits. Node has JSON.rawJSON; TypeScript's library does not know it yet.

export interface RawJson {
  readonly rawJSON: string;
}

const json = JSON as unknown as { rawJSON(text: string): RawJson; isRawJSON(value: unknown): value is RawJson };

export const rawJson = (digits: string): RawJson => json.rawJSON(digits);
export const isRawJson = (value: unknown): value is RawJson => json.isRawJSON(value);
