import { describe, expect, it } from 'vitest';

import type { Street } from '../api/types';
import { prepare } from './geometry';
import { chainsOf } from './layers/labels';

function street(id: number, name: string | null, coordinates: [number, number][]): Street {
  return {
    type: 'Feature',
    id,
    geometry: { type: 'LineString', coordinates },
    properties: { name, highway: 'residential', length_m: 100, quarter: null, volunteer: [], relay: [] },
  };
}

describe('chainsOf', () => {
  it('joins the edges of a street end to end whatever their direction', () => {
    const chains = chainsOf(
      [
        street(1, 'Rue A', [[0, 0], [0.001, 0]]),
        street(2, 'Rue A', [[0.002, 0], [0.001, 0]]),
        street(3, 'Rue A', [[0.002, 0], [0.003, 0]]),
        street(4, 'Rue B', [[0.001, 0], [0.001, 0.001]]),
        street(5, null, [[0, 0], [0, 1]]),
      ].map(prepare),
    );
    expect(chains.map((chain) => [chain.name, chain.xy.length / 2])).toEqual([['Rue A', 4], ['Rue B', 2]]);
    const xs = (chains[0]?.xy ?? []).filter((_, i) => i % 2 === 0);
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
  });
});
