// Sets up the TypeScript SDK's own test packages outside this repository: their sources from a checkout of the SDK, everything
// else as published on npm, in the version that this project's package.json names. Nothing native is built.

import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../end-to-end/harness/server.ts';

const run = promisify(execFile);

const PACKAGES = ['test', 'test-helpers'] as const;
/** Their dependencies are taken over where the tests have the same ones: two copies of these would not know each other's classes. */
const DECISIVE = ['@temporalio/proto', '@temporalio/nexus'] as const;
/** Of the SDK's root package. */
const TOOLS = { '@tsconfig/node20': '^20.1.0', '@types/node': '^20', tsx: '^4.0.0', typescript: '~5.8.0' };

type Versions = Record<string, string>;

export async function sdkVersion(): Promise<string> {
  const own = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')) as { devDependencies: Versions };
  const version = own.devDependencies['@temporalio/worker'];
  if (version === undefined) throw new Error('package.json does not name @temporalio/worker');
  return version;
}

/** `ref` is a tag or commit of the checkout; `work` becomes the folder in which `packages/test` can run. */
export async function prepare(checkout: string, ref: string, work: string): Promise<void> {
  const version = await sdkVersion();
  await mkdir(work, { recursive: true });
  await rm(join(work, 'packages'), { recursive: true, force: true });
  await rm(join(work, 'node_modules', '@temporalio'), { recursive: true, force: true });
  const archive = join(work, 'sources.tar');
  const paths = PACKAGES.map((name) => `packages/${name}`);
  await run('git', ['-C', checkout, 'archive', '--output', archive, ref, ...paths]);
  await run('tar', ['xf', archive], { cwd: work });

  const shared = await sharedDependencies(version);
  for (const name of PACKAGES) await rewritePackage(join(work, 'packages', name, 'package.json'), version, shared);
  await writeJson(join(work, 'package.json'), {
    private: true,
    workspaces: PACKAGES.map((name) => `packages/${name}`),
    devDependencies: TOOLS,
  });
  // The program that compiles protobuf files asks for an older protobufjs than the SDK has.
  await run('npm', ['install', '--no-audit', '--no-fund', '--legacy-peer-deps'], { cwd: work });
  await moveBesideTests(work);
  await compile(work);
  await copyFile(join(import.meta.dirname, 'local-server.cjs'), join(work, 'local-server.cjs'));
}

async function sharedDependencies(version: string): Promise<Versions> {
  const found: Versions = {};
  for (const name of DECISIVE) {
    const { stdout } = await run('npm', ['view', `${name}@${version}`, 'dependencies', '--json']);
    Object.assign(found, JSON.parse(stdout) as Versions);
  }
  return found;
}

async function rewritePackage(path: string, version: string, shared: Versions): Promise<void> {
  const manifest = JSON.parse(await readFile(path, 'utf8')) as {
    dependencies: Versions;
    devDependencies: Versions;
    ava?: Record<string, unknown>;
  };
  for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
    for (const [name, range] of Object.entries(dependencies)) {
      if (name === '@temporalio/test-helpers') dependencies[name] = '*';
      // Not every package is published with every version.
      else if (range.startsWith('workspace:')) dependencies[name] = `<=${version}`;
      else dependencies[name] = shared[name] ?? range;
    }
  }
  if (manifest.ava) manifest.ava.require = ['../../local-server.cjs'];
  await writeJson(path, manifest);
}

/** To where they are in the SDK's repository: tests look at the paths in stack traces, and for protobuf files beside them. */
async function moveBesideTests(work: string): Promise<void> {
  const installed = join(work, 'node_modules', '@temporalio');
  for (const entry of await readdir(installed, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    await rename(join(installed, entry.name), join(work, 'packages', entry.name));
    await symlink(join('..', '..', 'packages', entry.name), join(installed, entry.name));
  }
}

/** Type errors do not stop it: where the checkout is not of the published version, some types differ. */
async function compile(work: string): Promise<void> {
  for (const name of [...PACKAGES].reverse()) {
    await writeJson(join(work, 'packages', name, 'tsconfig.json'), {
      extends: '@tsconfig/node20/tsconfig.json',
      compilerOptions: {
        outDir: './lib',
        rootDir: './src',
        module: 'commonjs',
        moduleResolution: 'node',
        declaration: true,
        sourceMap: true,
        experimentalDecorators: true,
        resolveJsonModule: true,
        skipLibCheck: true,
      },
      include: ['./src/**/*.ts'],
    });
  }
  const tool = (name: string) => join(work, 'node_modules', '.bin', name);
  await run(tool('tsx'), ['scripts/compile-proto.ts'], { cwd: join(work, 'packages', 'test') });
  for (const name of [...PACKAGES].reverse()) {
    const { stdout } = await run(tool('tsc'), ['-p', `packages/${name}`], { cwd: work, maxBuffer: 1 << 26 }).catch(
      (error: { stdout: string }) => error,
    );
    const errors = stdout.split('\n').filter((line) => line.includes('error TS'));
    if (errors.length > 0) process.stdout.write(`${name}: ${errors.length} type errors\n`);
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
