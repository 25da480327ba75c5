// `npm run bench`: the benchmark without the rest of the executable. With --initial-old-space-size and --no-memory-reducer this process, whose
// pauses count as latency of whatever is measured, has no full collection (--trace-gc shows them).

import { benchCommand } from './bench.ts';

await benchCommand().parseAsync(process.argv);
process.exit();
