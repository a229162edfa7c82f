// A relay without an account, on a phone: the sticker's link, danger first, a draft that survives, a receipt, and what it
// tells; the sticker itself on one sheet of paper; and the case as the coordination and the desk get it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, axe, launch, openPage, said, screenshot, startServer } from './support.mjs';

let server;
let browser;
let relay;
let sticker;
before(async () => {
  server = await startServer();
  browser = await launch();
  const page = await openPage(browser, server.url, '#/relais');
  await page.waitForSelector('.row');
  const { json } = await ask(page, 'GET', '/layers/relays');
  relay = json.features.find(({ properties: p }) => p.kind === 'commercant' && p.bears_a_sticker);
  sticker = (await ask(page, 'GET', `/relays/${relay.id}/sticker-code`)).json;
  await page.finish();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const NOTES = /Ce que vous avez vu/;
const send = (page) => page.getByRole('button', { name: 'Envoyer le signalement' });

/// The list of what the page asked the server for, as it stands in the server's own address lines.
function asked(page) {
  const addresses = [];
  page.on('request', (request) => addresses.push(request.url()));
  return addresses;
}

test('a shop scans its sticker, reports somebody, keeps the receipt and follows the report', async () => {
  const page = await openPage(browser, server.url, `#/signaler/${sticker.code}`, { phone: true, as: null });
  const addresses = asked(page);
  await page.waitForSelector('.relay-page form');
  assert.match(await said(page.locator('.code-known')), new RegExp(sticker.code));
  assert.ok((await page.locator('.relay-page form .field, .relay-page form fieldset').count()) <= 6, 'six questions at most');
  assert.equal(await page.locator('.relay-page [role=combobox]').count(), 0, 'nobody is shown addresses who has no right to the list');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'nothing is cut off at the side');

  // Rule 1: whom to call is there at once, before anything is sent.
  await page.getByLabel('Elle parle de mourir').check();
  await page.locator('.call-first a[href="tel:3114"]').waitFor();
  await page.getByLabel('Un enfant est en danger').check();
  await page.locator('.call-first a[href="tel:119"]').waitFor();
  await page.getByLabel('La personne est en danger maintenant').check();
  for (const number of ['tel:15', 'tel:112', 'sms:114']) await page.locator(`.call-first a[href="${number}"]`).waitFor();
  assert.deepEqual(await axe(page), []);

  // What is missing is said at its field.
  await send(page).click();
  await page.getByText('Dites en quelques mots ce que vous avez vu.').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'TEXTAREA');
  await page.getByLabel(NOTES).fill('Volets fermés depuis lundi, essai du navigateur.');
  await page.getByLabel(/^Où/).fill('Je ne sais pas, près du square');
  await page.getByLabel(/Vous, si l/).fill('Au comptoir, 02 00 00 00 01');
  await page.getByLabel('Elle parle de mourir').uncheck();

  // The draft survives a reload.
  await page.reload();
  await page.waitForSelector('.draft-found');
  assert.equal(await page.getByLabel(/^Où/).inputValue(), 'Je ne sais pas, près du square');
  assert.equal(await page.getByLabel('La personne est en danger maintenant').isChecked(), true);
  await send(page).click();
  await page.waitForSelector('.receipt-number');
  const receipt = await said(page.locator('.receipt-number'));
  assert.match(receipt, /^\d{4} \d{4} \d{4} \d{4}$/);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
  assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage).includes('Volets')), false, 'nothing is left in the browser');
  assert.deepEqual(await axe(page), []);
  await screenshot(page, 'phone-relay-receipt');

  await page.getByRole('link', { name: 'Suivre ce signalement' }).click();
  const number = page.getByLabel('Numéro du reçu');
  // A typing error is told before anything is asked.
  const wrong = receipt.slice(0, -1) + ((Number(receipt.at(-1)) + 1) % 10);
  await number.fill(wrong);
  await page.getByRole('button', { name: 'Voir où il en est' }).click();
  await page.getByText(/Un chiffre est faux ou manque/).waitFor();
  await number.fill('');
  await number.pressSequentially(receipt.replaceAll(' ', ''));
  assert.equal(await number.inputValue(), receipt);
  await page.getByRole('button', { name: 'Voir où il en est' }).click();
  await page.getByRole('heading', { name: 'Bien reçu' }).waitFor();
  assert.deepEqual(await axe(page), []);
  await screenshot(page, 'phone-relay-follow');
  const told = addresses.join(' ');
  for (const secret of [sticker.code, receipt.replaceAll(' ', ''), 'Volets']) assert.equal(told.includes(secret), false, `${secret} stands in no address that a server sees`);
  await page.finish();

  // The desk reads where it came from and whom to call back; so does the coordination.
  for (const [role, hash] of [['accueil', '#/signalements'], ['coordination', '#/coordination?voir=toutes']]) {
    const desk = await openPage(browser, server.url, hash, { as: role });
    await desk.waitForSelector('.row');
    const { json } = await ask(desk, 'GET', '/layers/cases');
    const id = Math.max(...json.features.map((one) => one.id));
    await desk.goto(`${server.url}/${hash.split('?')[0]}/cas/${id}`);
    await desk.waitForSelector('.relay-origin p');
    const origin = await said(desk.locator('.relay-origin'));
    assert.ok(origin.includes(relay.properties.name) && origin.includes('Au comptoir, 02 00 00 00 01'), origin);
    await desk.finish();
  }
});

test('a wrong code is said at its field and nothing that was typed is lost', async () => {
  const expected = [/Failed to load resource/];
  const page = await openPage(browser, server.url, '#/signaler', { phone: true, as: null, expected });
  await page.getByLabel(/Code de l.autocollant/).fill('o0000 ooooo');
  await page.getByLabel(NOTES).fill('Essai');
  await page.getByLabel(/^Où/).fill('Ici');
  await send(page).click();
  await page.getByText(/Ce code n.est pas reconnu/).waitFor();
  assert.equal(await page.getByLabel(NOTES).inputValue(), 'Essai');
  assert.deepEqual(await axe(page), []);
  // From the public page one comes here, too.
  await page.goto(`${server.url}/#/`);
  await page.getByRole('link', { name: /Signaler avec le code/ }).click();
  await page.waitForSelector('.relay-page form');
  await page.finish();
});

test('the sticker is one A4 sheet with the code, the telephone and nothing of the page around it', async () => {
  const page = await openPage(browser, server.url, `#/relais/${relay.id}`);
  await page.getByRole('link', { name: 'Autocollant et code' }).click();
  await page.waitForSelector('.sticker-sheet .qr');
  const sheet = await said(page.locator('.sticker-sheet'));
  for (const word of [sticker.code, '02 35 19 45 45', 'de 8 h à 17 h', relay.properties.name]) assert.ok(sheet.includes(word), word);
  assert.deepEqual(await axe(page), []);
  const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
  assert.equal(pdf.match(/\/Type \/Page\b/g)?.length, 1, 'one page');
  const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf).map(Number);
  assert.ok(Math.abs(width - 595.3) < 1 && Math.abs(height - 841.9) < 1, `A4: ${width} × ${height}`);
  await page.emulateMedia({ media: 'print' });
  for (const around of ['.band', '.rail', '.back-link', '.sticker-page .button']) {
    assert.equal(await page.locator(around).first().isVisible(), false, `${around} is not printed`);
  }
  await screenshot(page, 'sticker-print');
  await page.finish();
});

test('another code ends the former one, after a second thought', async () => {
  const page = await openPage(browser, server.url, '#/relais');
  await page.waitForSelector('.row');
  const { json } = await ask(page, 'GET', '/layers/relays');
  const other = json.features.find(({ id, properties: p }) => id !== relay.id && p.kind === 'commercant' && p.bears_a_sticker);
  const former = (await ask(page, 'GET', `/relays/${other.id}/sticker-code`)).json.code;
  await page.goto(`${server.url}/#/autocollant/${other.id}`);
  await page.getByRole('button', { name: 'Remplacer le code' }).click();
  await page.getByRole('button', { name: 'Oui, remplacer le code' }).click();
  await page.waitForFunction((code) => document.querySelector('.sticker-code')?.textContent !== code, former);
  assert.notEqual((await ask(page, 'GET', `/relays/${other.id}/sticker-code`)).json.code, former);
  await page.finish();
});
