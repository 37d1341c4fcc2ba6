import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

// Optimized code does not count what it has inlined. These hold for the process, which a test file has to itself.
for (const flag of ['--no-opt', '--no-maglev', '--no-sparkplug']) setFlagsFromString(flag);

/** Returns how often V8 enters the functions and branches of the code that `run` executes: work that does not depend on the machine's load. */
export function workOf(run: () => void): number {
  const session = new Session();
  session.connect();
  const post = <T>(method: string, params?: object): T => {
    let answer: T | undefined;
    session.post(method, params, (error, result) => {
      if (error) throw error;
      answer = result as T;
    });
    return answer as T;
  };
  try {
    post('Profiler.enable');
    post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    post('Profiler.takePreciseCoverage');
    run();
    const { result } = post<{ result: { functions: { ranges: { count: number }[] }[] }[] }>('Profiler.takePreciseCoverage');
    return result.flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges)).reduce((sum, { count }) => sum + count, 0);
  } finally {
    post('Profiler.stopPreciseCoverage');
    session.disconnect();
  }
}
