import { describe, expect, it } from 'vitest';

import { cluster, spread } from './cluster';

describe('cluster', () => {
  const points = [
    { x: 1, y: 1, item: 'a' },
    { x: 1.0001, y: 1, item: 'b' },
    { x: 5, y: 5, item: 'c' },
  ];
  it('groups what lies in one cell and loses nobody', () => {
    const spots = cluster(points, 10, 46);
    expect(spots.flatMap((spot) => spot.items).sort()).toEqual(['a', 'b', 'c']);
    expect(spots.some((spot) => spot.items.length === 2)).toBe(true);
  });
  it('leaves small groups single when asked', () => {
    expect(cluster(points, 10, 46, 3).every((spot) => spot.items.length === 1)).toBe(true);
  });
  it('sets points at one place apart on a circle', () => {
    const offsets = spread(4, 10);
    expect(new Set(offsets.map(({ dx, dy }) => `${dx.toFixed(3)},${dy.toFixed(3)}`)).size).toBe(4);
  });
});
