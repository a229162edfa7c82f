import { describe, expect, it } from 'vitest';

import { formatRoute, parseRoute, type Route } from './route';

describe('routes', () => {
  const routes: [string, Route][] = [
    ['#/coordination', { mode: 'coordination', view: 'list', id: null, filter: 'waiting' }],
    ['#/coordination?voir=hors-secteur', { mode: 'coordination', view: 'list', id: null, filter: 'outside' }],
    ['#/coordination/cas/12', { mode: 'coordination', view: 'case', id: 12, filter: 'waiting' }],
    ['#/coordination/nouveau', { mode: 'coordination', view: 'new', id: null, filter: 'waiting' }],
    ['#/couverture', { mode: 'coverage', by: 'volunteer', thresholdMin: null, profile: 'foot' }],
    ['#/couverture?par=relais&seuil=4&allure=mobilite-reduite', { mode: 'coverage', by: 'relay', thresholdMin: 4, profile: 'reduced_mobility' }],
    ['#/relais', { mode: 'relays', id: null, kind: null, sticker: null }],
    ['#/relais/7?role=club&autocollant=placed', { mode: 'relays', id: 7, kind: 'club', sticker: 'placed' }],
  ];
  it.each(routes)('reads and writes %s', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
    expect(formatRoute(route)).toBe(hash);
  });
  it('leads to the list of cases when it understands nothing', () => {
    for (const hash of ['', '#', '#/?', '#/ailleurs/12', '#/coordination/cas/douze']) {
      expect(parseRoute(hash)).toEqual(routes[0]?.[1]);
    }
  });
  it('keeps the threshold within what the slider can show', () => {
    expect(parseRoute('#/couverture?seuil=99')).toMatchObject({ thresholdMin: 30 });
    expect(parseRoute('#/couverture?seuil=0')).toMatchObject({ thresholdMin: 1 });
    expect(parseRoute('#/couverture?seuil=-3')).toMatchObject({ thresholdMin: null });
  });
});
