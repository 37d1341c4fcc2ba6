import type { Clock } from '../../clock.js';
import { ALL_CIRCUITS } from '../../observe/events.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { CURRENT, quietly, type UserFunction } from '../../user-code.js';
import { json, problem } from './json.js';
import type { Route } from './route.js';
import { timestamp } from './wording.js';

/** An action on circuits through the health handler. The sender is unknown, because a token names no person. */
export interface AdminAction {
  readonly action: 'reset' | 'force_open' | 'force_close' | 'reset_all';
  /** The name of the circuit, or `*` for all. */
  readonly circuit: string;
  /** The time, as wall-clock milliseconds since the epoch. */
  readonly at: number;
}

/** The setup of the actions. */
export interface ActionSetup {
  readonly registry: BreakerRegistry;
  readonly clock: Clock;
  readonly onAction: UserFunction<(action: AdminAction) => void> | undefined;
}

const ACTIONS = {
  reset: ['reset', (circuit) => circuit.reset()],
  'force-open': ['force_open', (circuit) => circuit.forceOpen()],
  'force-close': ['force_close', (circuit) => circuit.forceClosed()],
} as const satisfies Record<string, readonly [AdminAction['action'], (circuit: NonNullable<ReturnType<BreakerRegistry['get']>>) => void]>;

/** Returns the routes that change circuits. */
export function actionRoutes(setup: ActionSetup): readonly Route[] {
  const { registry, clock } = setup;
  const one = Object.entries(ACTIONS).map(
    ([word, [action, act]]): Route => ({
      method: 'POST',
      path: `/circuit-breakers/{name}/${word}`,
      permission: 'admin',
      handle: async (request, { name = '' }) => {
        if (!(await isEmpty(request))) return unexpectedBody();
        const circuit = registry.get(name);
        if (circuit === undefined) return problem('not_found', 'No circuit has that name: GET /health/circuit-breakers lists them.');
        act(circuit);
        const at = clock.wallNow();
        tell(setup, { action, circuit: circuit.name, at });
        const { state, forced } = circuit.snapshot();
        return json(200, { action, circuit: circuit.name, state, forced, timestamp: timestamp(at) });
      },
    }),
  );
  const all: Route = {
    method: 'POST',
    path: '/circuit-breakers/reset-all',
    permission: 'admin',
    handle: async (request) => {
      if (!(await isEmpty(request))) return unexpectedBody();
      const circuits = registry.list().length;
      registry.resetAll();
      const at = clock.wallNow();
      tell(setup, { action: 'reset_all', circuit: ALL_CIRCUITS, at });
      return json(200, { action: 'reset_all', circuits, timestamp: timestamp(at) });
    },
  };
  return [...one, all];
}

function tell({ onAction }: ActionSetup, action: AdminAction): void {
  if (onAction !== undefined) quietly(CURRENT, onAction, action);
}

/** Whether a body is empty or `{}`, which some clients send with every POST. An action has no parameters that a body could set. */
async function isEmpty(request: Request): Promise<boolean> {
  return /^\s*(?:\{\s*\}\s*)?$/.test(await request.text());
}

function unexpectedBody(): Response {
  return problem('bad_request', 'This action takes no body: send none, or an empty JSON object.');
}
