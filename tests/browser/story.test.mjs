// One case from the first word to the last visit, with everybody who has to do with it at once: a relay reports, the desk finds
// the report and completes it, the coordination matches and proposes, the volunteer accepts on a phone and visits, the case is
// closed, and the officer exports the file. At each step nobody sees what is not theirs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, launch, openPage, said, startServer } from './support.mjs';

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

const NAME = 'Zzmarguerite';
const SEEN = 'Ne sort plus depuis la mort de son mari, zzvolets fermés.';
const CALLBACK = 'Au comptoir, 02 00 00 00 77';
const VISIT = 'Zzalbum feuilleté ensemble.';
const plain = (text) => text.replace(/[\u00a0\u202f\s]+/g, ' ').trim();
const open = (hash, as, options = {}) => openPage(browser, server.url, hash, { as, ...options });
const act = (page, code) => page.locator(`[data-act="${code}"]`);
const choice = (page, text) => page.locator('.choice', { hasText: text });
const button = (page, name) => page.getByRole('button', { name });

/// Waits until something says this, with ordinary spaces.
async function until(page, selector, pattern) {
  let last = [];
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    last = (await page.locator(selector).allTextContents()).map(plain);
    if (last.some((text) => pattern.test(text))) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`${selector} never said ${pattern}: ${last.join(' | ').slice(0, 400)}`);
}

/// What a role gets that might tell of the person, as one text.
async function everythingOf(page) {
  const answers = [];
  for (const path of ['/layers/cases', '/layers/case-hexes', '/layers/coverage?by=volunteer', '/layers/matches', '/follow-up', '/study-area']) {
    answers.push(JSON.stringify(await ask(page, 'GET', path)));
  }
  return answers.join('\n');
}

test('from a relay’s word to the officer’s export, with everybody at work at once', async () => {
  const coordination = await open('#/coordination', 'coordination', { expected: [/Failed to load resource/] });
  await coordination.waitForSelector('.row');
  const phone = await open('#/mes-personnes', 'bienveilleur', { phone: true, expected: [/Failed to load resource/] });
  await phone.waitForSelector('.person');
  const desk = await open('#/signalements', 'accueil', { expected: [/Failed to load resource/] });
  const lead = await open('#/couverture', 'pilotage', { expected: [/Failed to load resource/] });

  // The volunteer has a place again, near where somebody was helped.
  const me = (await ask(phone, 'GET', '/session')).json.account.volunteer_id;
  const cases = (await ask(coordination, 'GET', '/layers/cases')).json.features;
  const former = cases.find((one) => one.properties.volunteer_id === me && one.properties.state === 'accompanied');
  const address = former.properties.address;
  await coordination.evaluate(async (id) => {
    const life = await (await fetch(`/api/v1/cases/${id}/life`)).json();
    const headers = { 'content-type': 'application/json', 'if-match': `"${life.version}"` };
    await fetch(`/api/v1/cases/${id}/moves`, { method: 'POST', headers, body: JSON.stringify({ act: 'close', why: 'moved' }) });
  }, former.id);

  // 1. A shop reports somebody by its sticker.
  const relays = (await ask(coordination, 'GET', '/layers/relays')).json.features;
  const shop = relays.find(({ properties: p }) => p.kind === 'commercant' && p.bears_a_sticker);
  const { code } = (await ask(coordination, 'GET', `/relays/${shop.id}/sticker-code`)).json;
  const relay = await openPage(browser, server.url, `#/signaler/${code}`, { phone: true, as: null });
  await relay.getByLabel(/Ce que vous avez vu/).fill(SEEN);
  await relay.getByLabel(/^Où/).fill(address);
  await relay.getByLabel(/^Son nom/).fill(NAME);
  await relay.getByLabel(/Vous, si l/).fill(CALLBACK);
  await button(relay, 'Envoyer le signalement').click();
  await relay.waitForSelector('.receipt-number');
  const receipt = plain(await said(relay.locator('.receipt-number')));
  const status = async () => (await ask(relay, 'POST', '/relay-reports/status', { receipt })).json.progress;
  assert.equal(await status(), 'received');

  // 2. The desk finds it by its name and adds what a neighbour says by telephone.
  const found = (await ask(desk, 'POST', '/cases/search', { q: NAME })).json;
  const id = found.cases[0].id;
  const more = { notes: 'Parle français, aimerait de la compagnie.', channel: 'voisin' };
  const added = await ask(desk, 'POST', `/cases/${id}/reports`, more);
  assert.equal(added.status, 201, JSON.stringify(added));

  // 3. The coordination takes it up, has the person's agreement, and asks the volunteer.
  await coordination.goto(`${server.url}/#/coordination/cas/${id}`);
  await coordination.waitForSelector('.life-acts [data-act]');
  await act(coordination, 'take_up').click();
  await until(coordination, '.life-standing', /^Prise en charge/);
  await act(coordination, 'inform').click();
  await until(coordination, '.life-standing', /^On informe la personne/);
  await act(coordination, 'qualify').click();
  await until(coordination, '.life-standing', /^La personne est d’accord/);
  await coordination.waitForSelector('.ask');
  const match = (await ask(coordination, 'POST', `/cases/${id}/match`, { k: 50 })).json;
  const rank = match.matches.findIndex((one) => one.volunteer_id === me);
  assert.ok(rank >= 0, `the volunteer suits: ${JSON.stringify(match.left_out.find((one) => one.volunteer_id === me))}`);
  const mine = match.matches[rank].name;
  if (rank > 2) await button(coordination, 'Montrer aussi les suivants').click();
  await coordination.getByRole('button', { name: `Proposer à ${mine}`, exact: true }).click();
  await until(coordination, '.life-standing', /réponse attendue avant/);

  assert.equal(await status(), 'in_progress');

  // 4. Before a yes the phone tells neither name nor address; nobody else is told anything.
  await phone.reload();
  await phone.waitForSelector('.proposal');
  const before = (await phone.locator('body').innerText()) + (await everythingOf(phone));
  for (const secret of [NAME, 'zzvolets', CALLBACK]) assert.ok(!before.includes(secret), `${secret} before a yes`);
  await phone.locator('.proposal').getByRole('button', { name: 'Oui, j’accepte' }).first().click();
  await until(phone, '.done-line', /^Merci !/);
  await until(coordination, '.life-standing', /a accepté/);

  // 5. The visit, from the phone.
  await phone.goto(`${server.url}/#/mes-personnes/${id}/visite`);
  await phone.waitForSelector('.mine-page textarea');
  await choice(phone, 'Une visite').first().click();
  await choice(phone, 'Va plutôt bien').click();
  await phone.locator('textarea').fill(VISIT);
  await choice(phone, 'Dans deux semaines').click();
  await button(phone, 'Enregistrer cette visite').click();
  await until(phone, '.done-line', /c’est noté/);
  await until(coordination, '.life-record', /Zzalbum feuilleté ensemble/);
  assert.equal(await status(), 'accompanied');
  const after = await everythingOf(phone);
  assert.ok(after.includes(NAME), 'one’s own person is known by name');
  assert.ok(!after.includes(CALLBACK), 'who reported is not the volunteer’s to know');
  for (const page of [lead]) {
    const seen = (await page.locator('body').innerText()) + (await everythingOf(page));
    for (const secret of [NAME, VISIT, CALLBACK, 'zzvolets']) assert.ok(!seen.includes(secret), `${secret} for the lead`);
  }
  const atDesk = await everythingOf(desk);
  assert.ok(atDesk.includes(NAME) && !atDesk.includes(VISIT), 'the desk knows who is known, not how they fare');

  // 6. The end.
  await coordination.locator('.life-more summary').first().click();
  await act(coordination, 'close').click();
  await choice(coordination, 'La personne est à nouveau entourée').click();
  await coordination.locator('.life-form-box [type=submit]').click();
  await until(coordination, '.life-standing', /close/i);
  await phone.reload();
  await phone.waitForSelector('.person');
  assert.ok(!(await everythingOf(phone)).includes(NAME), 'a closed case is no longer the volunteer’s');
  assert.equal(await status(), 'closed');

  // 7. The officer answers a request for access with the whole file, and without who reported.
  const officer = await open('#/droits', 'dpo', { expected: [/Failed to load resource/] });
  const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'Europe/Paris' });
  assert.ok(!(await everythingOf(officer)).includes(NAME));
  const request = await ask(officer, 'POST', '/rights/requests', { kind: 'access', subject: { kind: 'case', id }, received_on: today, note: 'par lettre' });
  assert.equal(request.status, 201, JSON.stringify(request));
  const file = JSON.stringify(await ask(officer, 'GET', `/rights/requests/${request.json.id}/export`));
  for (const word of [NAME, 'zzvolets', 'aimerait de la compagnie', VISIT, 'acceptation par le BienVeilleur', 'autonomie retrouvée']) {
    assert.ok(file.includes(word), `${word} is in the export`);
  }
  assert.ok(!file.includes(CALLBACK), 'how to call the reporter back is somebody else’s');
  for (const page of [officer, lead, desk, relay, phone, coordination]) await page.finish();
});
