// How ids are kept in SQLite columns: a UUID as its 16 bytes, anything else as text. Keys are made of ids, so that this makes the
// indexes of a partition a third as large, and a commit writes fewer pages.

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A run's ids are written with each of its changes. */
const MAX_REMEMBERED = 4096;

export type IdColumn = string | Uint8Array;

/** Replaced when it is full, not emptied: old tables of a V8 Map keep what was in them from the collector for a while. */
let remembered = new Map<string, IdColumn>();

export function toIdColumn(id: string): IdColumn {
  const known = remembered.get(id);
  if (known !== undefined) return known;
  const column = UUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id;
  if (remembered.size >= MAX_REMEMBERED) remembered = new Map();
  remembered.set(id, column);
  return column;
}

export function fromIdColumn(column: unknown): string {
  if (typeof column === 'string') return column;
  const digits = Buffer.from(column as Uint8Array).toString('hex');
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    '-',
  );
}
