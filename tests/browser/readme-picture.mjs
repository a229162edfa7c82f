// Makes docs/images/page.png, the picture that opens the README, from the demonstration.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { launch, openPage, QUIET_ROW, ROOT, startServer } from './support.mjs';

const server = await startServer();
const browser = await launch();
try {
  const page = await openPage(browser, server.url);
  await page.waitForSelector(QUIET_ROW);
  // The first case whose three ways are long enough to be seen.
  const rows = await page.locator(QUIET_ROW).evaluateAll((found) => found.map((row) => row.getAttribute('href')));
  for (const href of rows.slice(0, 12)) {
    await page.goto(`${server.url}/${href}`);
    await page.waitForSelector('.candidate, .match .empty, .match .callout');
    const metres = await page.locator('.candidate-figures').evaluateAll((found) => found.map((figure) => Number(/(\d+).m /u.exec(figure.textContent ?? '')?.[1] ?? 0)));
    if (metres.length === 3 && metres[0] > 150) break;
  }
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
