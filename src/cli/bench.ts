// `ostinato bench`: the benchmark of native-free-bench/, so that people can point it at their own cluster. Loaded when it is asked
// for; its flags are told by itself.

import { Command } from 'commander';

export function benchCommand(): Command {
  return new Command('bench')
    .description("Measure servers that speak Temporal's gRPC API")
    .helpOption(false)
    .allowUnknownOption()
    .argument('[flags...]')
    .action(async (flags: readonly string[]) => {
      const bench = await import('../../native-free-bench/bench.ts');
      await bench.benchCommand().parseAsync([...flags], { from: 'user' });
    });
}
