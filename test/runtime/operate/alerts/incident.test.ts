import { describe, expect, it } from 'vitest';
import { Incident, type Stage } from '../../../../runtime/operate/alerts/incident.js';

const COOLDOWN = 100;

/** Moves through `[time, stage]`; what was told, as `time kind`, with what had not been told. */
function told(...moves: readonly (readonly [number, Stage])[]): string[] {
  const incident = new Incident('i', 0);
  return moves.flatMap(([now, stage]) => {
    const news = incident.move(stage, now, COOLDOWN);
    return news === undefined ? [] : [`${now} ${news.kind}${news.untold === 0 ? '' : ` after ${news.untold}`}`];
  });
}

describe('an incident', () => {
  it('is told once, and so is its end', () => {
    expect(told([0, 2], [10, 2], [20, 2], [30, 0], [40, 0])).toEqual(['0 firing', '30 resolved']);
  });

  it('is told again when it gets worse, also within the cooldown', () => {
    expect(told([0, 1], [10, 2], [20, 3], [30, 3], [40, 0])).toEqual(['0 firing', '10 firing', '20 firing', '40 resolved']);
    expect(told([0, 1], [10, 0], [20, 2], [30, 0])).toEqual(['0 firing', '10 resolved', '20 firing', '30 resolved']);
  });

  it('is told once more when it comes back after the cooldown', () => {
    expect(told([0, 2], [10, 0], [100, 2], [110, 0])).toEqual(['0 firing', '10 resolved', '100 firing', '110 resolved']);
  });

  it('is not told again while it comes and goes within the cooldown; its end is, when the cooldown is over', () => {
    expect(told([0, 2], [10, 0], [20, 2], [30, 0], [40, 2], [50, 0], [99, 0], [100, 0], [200, 0])).toEqual([
      '0 firing',
      '10 resolved',
      '100 resolved after 2',
    ]);
  });

  it('is told when the cooldown is over and it still goes on', () => {
    expect(told([0, 2], [10, 0], [20, 2], [99, 2], [100, 2], [150, 0])).toEqual([
      '0 firing',
      '10 resolved',
      '100 firing after 1',
      '150 resolved',
    ]);
  });

  it('counts each message of firing as the beginning of a cooldown', () => {
    expect(told([0, 2], [90, 3], [95, 0], [150, 2], [160, 0], [189, 0], [190, 0])).toEqual([
      '0 firing',
      '90 firing',
      '95 resolved',
      '190 resolved after 1',
    ]);
  });

  it('is over when nothing is left to tell', () => {
    const incident = new Incident('i', 0);
    incident.move(2, 0, COOLDOWN);
    expect(incident.isOver(200)).toBe(false);
    incident.move(0, 200, COOLDOWN);
    expect(incident.isOver(200)).toBe(true);
    incident.move(2, 210, COOLDOWN);
    incident.move(0, 220, COOLDOWN);
    expect(incident.isOver(309)).toBe(false);
    expect(incident.isOver(310)).toBe(true);
  });

  it('without a cooldown every opening is told', () => {
    const incident = new Incident('i', 0);
    const kinds = [2, 0, 2, 0].map((stage, at) => incident.move(stage as Stage, at, 0)?.kind);
    expect(kinds).toEqual(['firing', 'resolved', 'firing', 'resolved']);
  });
});
