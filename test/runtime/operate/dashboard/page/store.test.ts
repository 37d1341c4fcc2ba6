import { describe, expect, it, vi } from 'vitest';
import { Store } from '../../../../../runtime/operate/dashboard/page/store.js';
import type { StateMessage, TimelineEntry } from '../../../../../runtime/operate/dashboard/wire.js';
import { NOW, rowWith } from './rows.js';

function entry(id: number): TimelineEntry {
  return { id, at: NOW, circuit: 'ghl', kind: 'open' };
}

function state(more: Partial<StateMessage> = {}): StateMessage {
  return { now: NOW, instance: 'a', stepMs: 5_000, heartbeatMs: 5_000, circuits: [rowWith()], left: 0, timeline: [entry(1)], ...more };
}

describe('what the page knows', () => {
  it('changes by what updates tell', () => {
    const store = new Store();
    store.takeState(state());
    const changed = store.takeUpdate({
      now: NOW,
      circuits: [{ name: 'ghl', rate: 7 }, rowWith({ name: 'new' })],
      removed: [],
      left: 0,
      timeline: [entry(2)],
    });
    expect(changed).toEqual(['ghl', 'new']);
    expect(store.circuits.get('ghl')).toEqual(rowWith({ rate: 7 }));
    store.takeUpdate({ now: NOW, circuits: [], removed: ['ghl'], left: 7, timeline: [] });
    expect([...store.circuits.keys()]).toEqual(['new']);
    expect(store.left).toBe(7);
    expect(store.timeline.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('keeps so much of the timeline', () => {
    const store = new Store();
    store.takeState(state());
    for (let id = 2; id < 2_000; id++) store.takeUpdate({ now: NOW, circuits: [], removed: [], left: 0, timeline: [entry(id)] });
    expect(store.timeline).toHaveLength(500);
    expect(store.timeline.at(-1)?.id).toBe(1_999);
  });

  it('says which entries it missed while it was away, unless they are those of another process', () => {
    const store = new Store();
    expect(store.takeState(state())).toEqual([]);
    expect(store.takeState(state({ timeline: [entry(1), entry(2), entry(3)] })).map(({ id }) => id)).toEqual([2, 3]);
    expect(store.takeState(state({ instance: 'b', timeline: [entry(4)] }))).toEqual([]);
    expect(store.takeState(state({ instance: 'b', timeline: [entry(1)] }))).toEqual([]);
  });

  it('has the server’s time, which stands still while nothing is heard', () => {
    vi.useFakeTimers({ now: NOW + 5_000_000 });
    try {
      const store = new Store();
      store.takeState(state());
      vi.advanceTimersByTime(3_000);
      expect(store.now).toBe(NOW + 3_000);
      // A message that came late by a little does not turn the clock back.
      store.heard(NOW + 2_900);
      expect(store.now).toBe(NOW + 3_000);
      store.live = false;
      vi.advanceTimersByTime(60_000);
      expect([store.now, store.asOf]).toEqual([NOW + 3_000, NOW + 3_000]);
      store.heard(NOW + 3_600_000);
      expect(store.now).toBe(NOW + 3_600_000);
    } finally {
      vi.useRealTimers();
    }
  });
});
