import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Checked, checkSpec, specFile } from './check.js';
import type { Difference } from './compare.js';
import { isService, services, upstreamFolder } from './upstream.js';

const usage = `Compares one of our specs with its vendor's documents.

  npx tsx test/conformance/report.ts <${services.join('|')}> [--spec FILE] [--tag TAG] [--all]

  --spec FILE  a document other than specs/<service>.yaml; a partial one will do
  --tag TAG    only the operations with this tag
  --all        also the deliberate differences and what may differ (for example parameters that we leave out)

Each line: where: what ours says -> what the vendor says. A schema that a body or response uses twice is compared
once; what an earlier operation had as well is only counted. Exit code 1 where an unlisted difference or a stale entry is left.`;

/** Runs the command line and returns the exit code. */
function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      spec: { type: 'string' },
      tag: { type: 'string' },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const service = positionals[0];
  if (values.help || !isService(service)) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  const folder = upstreamFolder();
  const file = values.spec === undefined ? specFile(service) : resolve(values.spec);
  if (folder === undefined || !existsSync(file)) {
    console.error(
      folder === undefined ? "The vendors' documents are not here: set UPSTREAM_SPECS to their folder." : `There is no ${file}.`,
    );
    return 2;
  }
  const whole = values.spec === undefined && values.tag === undefined;
  const { operations, differences } = checkSpec(service, folder, file, values.tag);
  const stale = whole ? differences.stale : [];
  print(operations, differences.unlisted);
  if (values.all) {
    print(operations, differences.listed, 'Deliberate differences');
    print(operations, differences.info, 'May differ');
  }
  for (const entry of stale) console.log(`Stale entry, matches nothing: ${entry.operation} at ${entry.at} (${entry.reason})`);
  const touched = new Set(differences.unlisted.map((difference) => difference.operation)).size;
  console.log(
    `${service}: ${operations.length} operations compared, ${differences.unlisted.length} unlisted differences in ${touched} of them, ` +
      `${differences.listed.length} deliberate, ${differences.info.length} that may differ, ${stale.length} stale entries`,
  );
  return differences.unlisted.length + stale.length > 0 ? 1 : 0;
}

/** Prints differences below their operations; what an earlier operation had as well is only counted. */
function print(operations: Checked['operations'], differences: readonly Difference[], title?: string): void {
  if (title !== undefined && differences.length > 0) console.log(`== ${title} ==\n`);
  const printed = new Map<string, string>();
  for (const operation of operations) {
    const name = `${operation.method} ${operation.path}`;
    const here = differences.filter((difference) => difference.operation === name);
    if (here.length === 0) continue;
    console.log(`${name}${operation.tags.length > 0 ? `  [${operation.tags.join(', ')}]` : ''}`);
    const repeated = new Map<string, number>();
    for (const { at, found, expected } of here) {
      const line = `  ${at}: ${found} -> ${expected}`;
      const earlier = printed.get(line);
      if (earlier === undefined) console.log(line);
      else repeated.set(earlier, (repeated.get(earlier) ?? 0) + 1);
      printed.set(line, earlier ?? name);
    }
    for (const [earlier, count] of repeated) console.log(`  (and ${count} as in ${earlier})`);
    console.log('');
  }
}

// `| head` closes the pipe early.
process.stdout.on('error', () => process.exit());
process.exitCode = main();
