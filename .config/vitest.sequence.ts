import { createHash } from 'node:crypto';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files in the random order that the run's seed gives. Those that need a process of their own come first, since between two others they
 * would end the process that those share.
 */
export class Sequence extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { seed } = this.ctx.config.sequence;
    const place = ({ moduleId, project }: TestSpecification): string =>
      `${project.config.isolate ? 0 : 1} ${createHash('sha256').update(`${seed} ${moduleId}`).digest('hex')}`;
    return files
      .map((file) => ({ file, at: place(file) }))
      .sort((one, other) => (one.at < other.at ? -1 : 1))
      .map(({ file }) => file);
  }
}
