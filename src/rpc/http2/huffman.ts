// The Huffman code of HPACK (RFC 7541 section 5.2 and appendix B): decoding by a table that takes four bits a step, built at
// start-up from the code lengths (the code is canonical, so lengths are enough), and encoding for tests. Main loop.

/** Bits in the code of each byte value, as letters: `A` is 5, `B` 6, and so on (RFC 7541 appendix B). */
const CODE_LENGTHS =
  'ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHFIBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABBBACCBB' +
  'BABCBAABCCCCCKGJIXPRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRSVVPORSRUVVVWWVTUOQVWWVWTQQVV' +
  'XWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWV';
const EOS = 256;
const EOS_BITS = 30;

// One entry of the decoding table: next state, the byte that was completed, whether there is one, whether this is an error.
const STATE_MASK = 0xfff;
const BYTE_SHIFT = 12;
const EMITS = 1 << 20;
const FAILS = 1 << 21;

interface Tables {
  /** `transitions[state * 16 + nibble]`. */
  readonly transitions: Int32Array;
  /** Whether a string may end in a state: at a byte's end, or in padding of fewer than 8 one-bits (RFC 7541 5.2). */
  readonly accepting: Uint8Array;
  readonly codes: Uint32Array;
}

const { transitions, accepting, codes } = buildTables();

/**
 * Decodes `bytes[from .. to)` into `target`, which must hold 8/5 of the input. Returns the number of bytes, or -1 when the
 * input is not a valid encoding.
 */
export function huffmanDecode(bytes: Uint8Array, from: number, to: number, target: Uint8Array): number {
  let state = 0;
  let length = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    let step = transitions[(state << 4) | (byte >> 4)]!;
    if ((step & EMITS) !== 0) target[length++] = step >> BYTE_SHIFT;
    if ((step & FAILS) !== 0) return -1;
    step = transitions[((step & STATE_MASK) << 4) | (byte & 15)]!;
    if ((step & EMITS) !== 0) target[length++] = step >> BYTE_SHIFT;
    if ((step & FAILS) !== 0) return -1;
    state = step & STATE_MASK;
  }
  return accepting[state] === 1 ? length : -1;
}

/** Encodes, padding with the most significant bits of EOS (RFC 7541 5.2). For tests and the fuzzer: replies go unencoded. */
export function huffmanEncode(bytes: Uint8Array): Buffer {
  const encoded: number[] = [];
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    for (let bit = codeLength(byte) - 1; bit >= 0; bit--) {
      pending = (pending << 1) | ((codes[byte]! >>> bit) & 1);
      if (++bits === 8) {
        encoded.push(pending);
        pending = 0;
        bits = 0;
      }
    }
  }
  if (bits > 0) encoded.push((pending << (8 - bits)) | (0xff >> bits));
  return Buffer.from(encoded);
}

function codeLength(symbol: number): number {
  return symbol === EOS ? EOS_BITS : CODE_LENGTHS.charCodeAt(symbol) - 60;
}

function buildTables(): Tables {
  const left = [0];
  const right = [0];
  const symbolAt = [-1];
  const built = new Uint32Array(EOS + 1);
  const order = [...Array(EOS + 1).keys()].sort((a, b) => codeLength(a) - codeLength(b) || a - b);
  let code = 0;
  let previousBits = codeLength(order[0]!);
  for (const symbol of order) {
    const bits = codeLength(symbol);
    code *= 2 ** (bits - previousBits);
    previousBits = bits;
    built[symbol] = code;
    let node = 0;
    for (let bit = bits - 1; bit >= 0; bit--) {
      const side = ((code >>> bit) & 1) === 1 ? right : left;
      if (side[node] === 0) {
        side[node] = symbolAt.length;
        left.push(0);
        right.push(0);
        symbolAt.push(-1);
      }
      node = side[node]!;
    }
    symbolAt[node] = symbol;
    code++;
  }
  return { ...buildTransitions(left, right, symbolAt), codes: built };
}

/** States are the tree's nodes that lie on a four-bit boundary; the root is state 0. */
function buildTransitions(
  left: readonly number[],
  right: readonly number[],
  symbolAt: readonly number[],
): Pick<Tables, 'transitions' | 'accepting'> {
  const nodes = [0];
  const stateOf = new Map([[0, 0]]);
  const rows: number[] = [];
  for (let state = 0; state < nodes.length; state++) {
    for (let nibble = 0; nibble < 16; nibble++) {
      let node = nodes[state]!;
      let row = 0;
      for (let bit = 3; bit >= 0; bit--) {
        node = (((nibble >> bit) & 1) === 1 ? right[node] : left[node])!;
        const symbol = symbolAt[node]!;
        if (symbol < 0) continue;
        if (symbol === EOS) {
          row = FAILS; // RFC 7541 5.2: EOS inside a string is a decoding error
          break;
        }
        row = EMITS | (symbol << BYTE_SHIFT); // at most one byte: codes have five bits or more
        node = 0;
      }
      if (row !== FAILS) {
        if (!stateOf.has(node)) {
          stateOf.set(node, nodes.length);
          nodes.push(node);
        }
        row |= stateOf.get(node)!;
      }
      rows.push(row);
    }
  }
  const mayEnd = new Uint8Array(nodes.length);
  for (let node = 0, ones = 0; ones < 8; ones++, node = right[node]!) {
    const state = stateOf.get(node);
    if (state !== undefined) mayEnd[state] = 1;
  }
  return { transitions: Int32Array.from(rows), accepting: mayEnd };
}
