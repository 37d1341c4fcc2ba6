import { expect, it } from 'vitest';
import { SuccessWindow } from '../../../../runtime/operate/alerts/success-window.js';

it('counts what came within the window, and forgets what is older', () => {
  const window = new SuccessWindow(60_000, 0, { successes: 100, failures: 100 });
  expect(window.look(0, { successes: 100, failures: 100 })).toEqual({ calls: 0, rate: 1 });
  expect(window.look(15_000, { successes: 109, failures: 101 })).toEqual({ calls: 10, rate: 0.9 });
  expect(window.look(30_000, { successes: 119, failures: 101 })).toEqual({ calls: 20, rate: 0.95 });
  expect(window.look(60_000, { successes: 119, failures: 101 })).toEqual({ calls: 20, rate: 0.95 });
  // The first quarter is out.
  expect(window.look(75_000, { successes: 119, failures: 101 })).toEqual({ calls: 10, rate: 1 });
  expect(window.look(90_000, { successes: 119, failures: 101 })).toEqual({ calls: 0, rate: 1 });
});

it('is exact to a sixtieth of its length, however often it is looked at', () => {
  const window = new SuccessWindow(60_000, 0, { successes: 0, failures: 0 });
  for (let now = 0; now <= 600_000; now += 100) window.look(now, { successes: now, failures: 0 });
  const { calls } = window.look(600_000, { successes: 600_000, failures: 0 });
  expect(calls).toBeGreaterThanOrEqual(60_000);
  expect(calls).toBeLessThanOrEqual(61_100);
  window.restart(600_000, { successes: 600_000, failures: 0 });
  expect(window.look(600_001, { successes: 600_000, failures: 5 })).toEqual({ calls: 5, rate: 0 });
});
