// `node native-free-bench/main.ts`: the benchmark without the rest of the executable.

import { benchCommand } from './bench.ts';

await benchCommand().parseAsync(process.argv);
process.exit();
