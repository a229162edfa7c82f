import { describe, expect, it } from 'vitest';

import { formatRoute, parseRoute, type Route } from './route';

describe('routes', () => {
  const routes: [string, Route][] = [
    ['#/', { mode: 'home' }],
    ['#/connexion', { mode: 'sign_in' }],
    ['#/informations/donnees-personnelles', { mode: 'notice', notice: 'personal_data' }],
    ['#/signalements', { mode: 'reports', view: 'list', id: null }],
    ['#/signalements/nouveau', { mode: 'reports', view: 'new', id: null }],
    ['#/signalements/cas/4', { mode: 'reports', view: 'case', id: 4 }],
    ['#/mes-personnes', { mode: 'people', parts: [], params: {} }],
    ['#/mes-personnes/4/visite', { mode: 'people', parts: ['4', 'visite'], params: {} }],
    ['#/suivi/absence', { mode: 'follow_up', parts: ['absence'], params: {} }],
    ['#/fiche/4', { mode: 'sheet', parts: ['4'], params: {} }],
    ['#/signaler/7K3QX-M0T9A', { mode: 'relay_report', parts: ['7K3QX-M0T9A'], params: {} }],
    ['#/recu', { mode: 'receipt', parts: [], params: {} }],
    ['#/autocollant/12', { mode: 'sticker', parts: ['12'], params: {} }],
    ['#/mon-compte', { mode: 'account', parts: [], params: {} }],
    ['#/coordination', { mode: 'coordination', view: 'list', id: null, filter: 'waiting' }],
    ['#/coordination?voir=hors-secteur', { mode: 'coordination', view: 'list', id: null, filter: 'outside' }],
    ['#/coordination/cas/12', { mode: 'coordination', view: 'case', id: 12, filter: 'waiting' }],
    ['#/coordination/cas/12/corriger?voir=toutes', { mode: 'coordination', view: 'correct', id: 12, filter: 'all' }],
    ['#/coordination/nouveau', { mode: 'coordination', view: 'new', id: null, filter: 'waiting' }],
    ['#/couverture', { mode: 'coverage', by: 'volunteer', thresholdMin: null, profile: 'foot' }],
    ['#/couverture?par=relais&seuil=4&allure=mobilite-reduite', { mode: 'coverage', by: 'relay', thresholdMin: 4, profile: 'reduced_mobility' }],
    ['#/relais', { mode: 'relays', id: null, kind: null, sticker: null }],
    ['#/droits/12?ouvertes=oui', { mode: 'rights', parts: ['12'], params: { ouvertes: 'oui' } }],
    ['#/relais/7?role=club&autocollant=placed', { mode: 'relays', id: 7, kind: 'club', sticker: 'placed' }],
  ];
  it.each(routes)('reads and writes %s', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
    expect(formatRoute(route)).toBe(hash);
  });
  it('leads home when it understands nothing, and to the list for a case without a number', () => {
    for (const hash of ['', '#', '#/?', '#/ailleurs/12', '#/informations/autre']) expect(parseRoute(hash)).toEqual({ mode: 'home' });
    expect(parseRoute('#/coordination/cas/douze/corriger')).toMatchObject({ mode: 'coordination', view: 'list' });
    expect(parseRoute('#/coordination/cas/douze')).toMatchObject({ mode: 'coordination', view: 'list' });
  });
  it('keeps the threshold within what the slider can show', () => {
    expect(parseRoute('#/couverture?seuil=99')).toMatchObject({ thresholdMin: 30 });
    expect(parseRoute('#/couverture?seuil=0')).toMatchObject({ thresholdMin: 1 });
    expect(parseRoute('#/couverture?seuil=-3')).toMatchObject({ thresholdMin: null });
  });
});
