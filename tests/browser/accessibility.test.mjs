// Nothing serious or critical in axe, in each mode, in light and dark, on a desk and on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { axe, launch, openPage, QUIET_ROW, screenshot, startServer } from './support.mjs';

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

const VIEWS = [
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
  ['new-report', '#/coordination/nouveau', '[role=combobox]', (page) => page.locator('[type=submit]').click()],
  ['coverage', '#/couverture?seuil=3', '.street-row', null],
  ['relays', '#/relais', '.row', null],
  ['help', '#/relais', '.row', async (page) => {
    await page.keyboard.press('?');
    for (const guide of await page.locator('.guide summary').all()) await guide.click();
  }],
  ['layers', '#/coordination', '.row', async (page) => {
    const button = page.locator('summary.map-button');
    if (await button.isVisible()) await button.click();
  }],
];

for (const phone of [false, true]) {
  for (const dark of [false, true]) {
    for (const [name, hash, ready, act] of VIEWS) {
      const where = `${phone ? 'phone' : 'desk'}, ${dark ? 'dark' : 'light'}`;
      test(`axe finds nothing serious: ${name} (${where})`, async () => {
        const page = await openPage(browser, server.url, hash, { dark, phone });
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
