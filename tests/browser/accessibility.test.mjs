// Nothing serious or critical in axe, in each mode, in light and dark, on a desk and on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { axe, launch, openPage, QUIET_ROW, screenshot, startServer, typeAccount } from './support.mjs';

let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const first = (selector) => async (page) => {
  await page.locator(selector).first().click();
  await page.waitForSelector('.facts');
};
const open = (what) => async (page) => {
  await page.locator('.menu-button').click();
  if (what === null) return;
  await page.locator('.menu-item', { hasText: what }).click();
  await page.waitForSelector('dialog[open] .row');
};

// Name, address, what is there when it is ready, what is done then, as whom, errors that belong to it.
const VIEWS = [
  ['public', '', '.row', null, null],
  ['public-relay', '#/relais', '.row', first('.row'), null],
  ['legal', '#/informations/mentions-legales', '.prose', null, null],
  ['personal-data', '#/informations/donnees-personnelles', '.prose', null, null],
  ['accessibility', '#/informations/accessibilite', '.prose', null, null],
  ['relay-report', '#/signaler', '.relay-page form', async (page) => {
    await page.getByLabel('La personne est en danger maintenant').check();
    await page.locator('.guide').evaluate((guide) => { guide.open = true; });
    await page.getByRole('button', { name: 'Envoyer le signalement' }).click();
    await page.waitForSelector('.field-error svg');
  }, null],
  ['receipt', '#/recu', '.relay-page form', (page) => page.locator('form [type=submit]').click(), null],
  ['sign-in', '#/connexion', '[name=password]', null, null],
  ['sign-in-wrong', '#/connexion', '[name=password]', async (page) => {
    await typeAccount(page, { login: 'personne', password: 'rien' });
    await page.waitForSelector('.callout-note');
  }, null, [/Failed to load resource/]],
  ['reports', '#/signalements', '.row', null, 'accueil'],
  ['report-known', '#/signalements', '.row', first('.row'), 'accueil'],
  ['people', '#/mes-personnes', 'h1', null, 'bienveilleur'],
  ['account-volunteer', '#/mon-compte', '.card-row', null, 'bienveilleur'],
  ['account', '#/mon-compte', '.card-row', async (page) => {
    await page.getByRole('button', { name: 'Mettre en place' }).click();
    await page.waitForSelector('.qr');
  }, 'pilotage'],
  ['emergency', '#/mon-compte', '.card-row', async (page) => {
    await page.getByRole('button', { name: /accès d.urgence/ }).click();
    await page.getByRole('button', { name: /Ouvrir l.accès/ }).click();
  }, 'pilotage'],
  ['refused', '#/coordination', 'h1', null, 'diffusion'],
  ['menu', '#/coordination', '.row', open(null)],
  ['viewers', '#/coordination', '.row', open('Voir en tant que')],
  ['viewing', '#/coordination', '.row', async (page) => {
    await open('Voir en tant que')(page);
    await page.locator('dialog .row', { hasText: 'BienVeilleur' }).first().click();
    await page.waitForSelector('.banner-loud');
  }],
  ['coordination', '#/coordination', '.row', null],
  ['case', '#/coordination?voir=toutes', '.row', async (page) => {
    await page.locator(QUIET_ROW).first().click();
    await page.waitForSelector('.facts');
    await page.waitForTimeout(500);
  }],
  ['danger', '#/coordination?voir=toutes', '.row', async (page) => {
    const row = page.locator('.row:has(.tag-danger)').first();
    if ((await row.count()) > 0) await row.click();
  }],
  ['new-report', '#/coordination/nouveau', '[role=combobox]', (page) => page.locator('form [type=submit]').click()],
  ['coverage', '#/couverture?seuil=3', '.street-row', null],
  ['relays', '#/relais', '.row', null],
  ['help', '#/relais', '.row', async (page) => {
    await page.keyboard.press('?');
    await page.locator('.guide').evaluateAll((guides) => guides.forEach((guide) => { guide.open = true; }));
  }],
  ['layers', '#/coordination', '.row', async (page) => {
    const button = page.locator('summary.map-button');
    if (await button.isVisible()) await button.click();
  }],
];

for (const phone of [false, true]) {
  for (const dark of [false, true]) {
    for (const [name, hash, ready, act, as, expected] of VIEWS) {
      const where = `${phone ? 'phone' : 'desk'}, ${dark ? 'dark' : 'light'}`;
      test(`axe finds nothing serious: ${name} (${where})`, async () => {
        const page = await openPage(browser, server.url, hash, { dark, phone, as, expected });
        await page.waitForSelector(ready);
        await page.waitForSelector('.rows[aria-busy]', { state: 'detached' });
        if (act) await act(page);
        await page.waitForTimeout(400);
        assert.deepEqual(await axe(page), []);
        if (dark) await screenshot(page, `${phone ? 'phone-' : ''}${name}-dark`);
        await page.finish();
      });
    }
  }
}
