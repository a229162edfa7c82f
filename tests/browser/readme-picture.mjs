// Makes docs/images/page.png, the picture that opens the README, from the demonstration.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { ask, launch, openPage, QUIET_ROW, ROOT, startServer } from './support.mjs';

const server = await startServer();
const browser = await launch();
try {
  const page = await openPage(browser, server.url);
  await page.waitForSelector(QUIET_ROW);
  // The case whose closest volunteer walks longest: its way crosses the map, and the gap around it shows.
  const rows = await page.locator(QUIET_ROW).evaluateAll((found) => found.map((row) => row.getAttribute('href')));
  let longest = { href: rows[0], metres: 0 };
  for (const href of rows) {
    const id = Number(/(\d+)$/.exec(href)[1]);
    const { matches } = (await ask(page, 'POST', `/cases/${id}/match`, { k: 3 })).json;
    if (matches.length === 3 && matches[0].length_m > longest.metres) longest = { href, metres: matches[0].length_m };
  }
  await page.goto(`${server.url}/${longest.href}`);
  await page.waitForSelector('.candidate');
  await page.locator('summary.map-button').click();
  await page.locator('label', { hasText: 'Couverture bénévoles' }).click();
  await page.locator('summary.map-button').click();
  await page.mouse.move(5, 880);
  await page.waitForTimeout(800);
  const folder = join(ROOT, 'docs/images');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, 'page.png') });
  await page.finish();
} finally {
  await browser.close();
  await server.stop();
}
