// What the coordination does with a case, from the report to the visits, and many cases proposed at once: by mouse, by keyboard,
// on a phone, with somebody else at work on the same case. The tests change the demonstration as they go.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask, axe, launch, openPage, said, screenshot, startServer } from './support.mjs';

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

const REFUSED = [/Failed to load resource/];
const open = (hash, options = {}) => openPage(browser, server.url, hash, { as: 'coordination', ...options });
const plain = (text) => text.replace(/[\u00a0\u202f\s]+/g, ' ').trim();

/// Waits until something says this, with ordinary spaces.
async function until(page, selector, pattern) {
  let last = [];
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    last = (await page.locator(selector).allTextContents()).map(plain);
    if (last.some((text) => pattern.test(text))) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`${selector} never said ${pattern}: ${last.join(' | ').slice(0, 400)}`);
}

const button = (page, name) => page.getByRole('button', { name });
const act = (page, code) => page.locator(`[data-act="${code}"]`);
const choice = (page, text) => page.locator('.choice', { hasText: text });
const focusIsIn = (page, selector) => page.evaluate((wanted) => document.activeElement?.closest(wanted) !== null, selector);

/// The cases in this state without a danger, as the page knows them.
async function casesIn(page, state) {
  const { json } = await ask(page, 'GET', '/layers/cases');
  return json.features.filter(({ properties: p }) => p.state === state && !p.danger && p.sector === 'inside');
}

/// A case's own page, once it says what can be done.
async function openCase(page, id) {
  await page.goto(`${server.url}/#/coordination/cas/${id}`);
  await page.waitForSelector('.life-acts [data-act]');
}

/// Somebody else makes a move, in the same session for short.
function move(page, id, body) {
  return page.evaluate(
    async ([caseId, content]) => {
      const life = await (await fetch(`/api/v1/cases/${caseId}/life`)).json();
      const headers = { 'content-type': 'application/json', 'if-match': `"${life.version}"` };
      const answer = await fetch(`/api/v1/cases/${caseId}/moves`, { method: 'POST', headers, body: JSON.stringify(content) });
      return answer.status;
    },
    [id, body],
  );
}

test('a case is led from the report to the agreement, and each act can be taken back', async () => {
  const page = await open('#/coordination');
  await page.waitForSelector('.row');
  const [one] = await casesIn(page, 'reported');
  await openCase(page, one.id);
  await until(page, '.life-standing', /^Signalée .* Personne ne l’a encore prise en charge\.$/);
  await act(page, 'take_up').click();
  await until(page, '.life-status', /La situation est prise en charge\. ?annulation possible jusqu’à \d+ h \d+/);
  assert.ok(await focusIsIn(page, '.life-status'), 'the focus is where it is said');
  await until(page, '.life-standing', /^Prise en charge/);
  await button(page, /^Annuler/).click();
  await until(page, '.life-status', /C’est annulé/);
  await until(page, '.life-standing', /Personne ne l’a encore prise en charge/);
  await until(page, '.step-undone', /Prise en charge ?annulée/);
  await act(page, 'take_up').click();
  await until(page, '.life-standing', /^Prise en charge/);
  await act(page, 'inform').click();
  await until(page, '.life-standing', /^On informe la personne/);
  assert.equal(await page.locator('.ask').count(), 0, 'nobody is asked before the person agreed');
  await until(page, '.match', /On ne peut encore rien proposer/);
  await act(page, 'qualify').click();
  await until(page, '.life-standing', /^La personne est d’accord depuis/);
  await page.waitForSelector('.ask');
  await until(page, '.life-record', /Accord de la personne.*par Camille/);
  assert.deepEqual(await axe(page), []);
  await screenshot(page, 'life-qualified');
  await page.finish();
});

test('a volunteer is asked from the match, declines with a reason, and is explained as such', async () => {
  const page = await open('#/coordination');
  await page.waitForSelector('.row');
  const [one] = await casesIn(page, 'qualified');
  await openCase(page, one.id);
  await page.waitForSelector('.ask');
  await page.locator('.order summary').click();
  await until(page, '.order', /Un point vaut une seconde de marche\..*\d+ points.*marche \d+ min : \d+/);
  await act(page, 'propose').click();
  assert.ok(await focusIsIn(page, '.match .ask'), 'the main act leads to who can be asked');
  const name = (await said(page.locator('.ask').first())).replace('Proposer à ', '');
  await page.keyboard.press('Enter');
  await until(page, '.life-status', new RegExp(`Proposée à ${name}`));
  await until(page, '.life-standing', /réponse attendue avant .* à \d+ h \d+\.$/);
  await act(page, 'decline').click();
  await page.waitForSelector('.life-form-box');
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.field-error', /Choisissez une raison/);
  await choice(page, 'Pas le temps en ce moment').click();
  await page.locator('.life-form-box textarea').fill('Reprend en janvier.');
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.life-status', /a décliné : la situation revient dans la liste/);
  await until(page, '.left-out', new RegExp(`${name} — a déjà décliné`));
  await until(page, '.step', /Déclinée par .* : pas le temps en ce moment.*Reprend en janvier\./);
  await page.finish();
});

test('who accepts is accompanied from the first meeting on, and the visit is told in guided words', async () => {
  const page = await open('#/coordination');
  await page.waitForSelector('.row');
  const [one] = await casesIn(page, 'proposed');
  await openCase(page, one.id);
  await act(page, 'accept').click();
  await until(page, '.life-standing', /a accepté\. Il reste à noter la première rencontre/);
  await act(page, 'contact').click();
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.field-error', /Dites comment/);
  await choice(page, 'Visite').click();
  await choice(page, 'Plutôt serein').click();
  await page.getByLabel('Note', { exact: true }).fill('A montré ses photos.');
  await page.getByLabel('Prochain contact prévu').fill('2020-01-01');
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.field-error', /ou une date à venir/);
  await page.getByLabel('Prochain contact prévu').fill('2099-01-05');
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.life-status', /La première rencontre est notée/);
  await until(page, '.life-standing', /l’accompagne\.$/);
  await until(page, '.life-where', /Prochain contact ?5 janvier 2099/);
  await until(page, '.life-record', /Visite.*Plutôt serein.*A montré ses photos\./);
  await page.locator('.life-more summary').first().click();
  await act(page, 'pause').click();
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.life-standing', /Les visites sont en pause/);
  await act(page, 'resume').click();
  await until(page, '.life-status', /Les visites reprennent/);
  await page.finish();
});

test('two coordinators on one case: who comes second loses no word and sees where it stands', async () => {
  const page = await open('#/coordination', { expected: REFUSED });
  await page.waitForSelector('.row');
  const [one] = await casesIn(page, 'to_qualify');
  await openCase(page, one.id);
  await act(page, 'contact').click();
  await choice(page, 'Appel téléphonique').click();
  await page.getByLabel('Note', { exact: true }).fill('Mon texte, tapé lentement.');
  assert.equal(await move(page, one.id, { act: 'inform' }), 200);
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.conflict', /Quelqu’un d’autre vient de modifier cette situation.*rien de ce que vous avez écrit n’est perdu.*On informe la personne.*enregistrez à nouveau/);
  assert.ok(await focusIsIn(page, '.conflict'));
  assert.equal(await page.getByLabel('Note', { exact: true }).inputValue(), 'Mon texte, tapé lentement.');
  await until(page, '.life-where .life-standing', /^On informe la personne/);
  assert.deepEqual(await axe(page), []);
  await screenshot(page, 'life-conflict');
  await page.keyboard.press('Escape');
  assert.equal(await page.getByLabel('Note', { exact: true }).inputValue(), 'Mon texte, tapé lentement.', 'a key throws nothing away');
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.life-status', /Le contact est noté/);
  await until(page, '.life-record', /Mon texte, tapé lentement\./);

  // A press on what is no longer so.
  await openCase(page, (await casesIn(page, 'informing')).find((other) => other.id !== one.id).id);
  const id = Number(page.url().match(/cas\/(\d+)/)[1]);
  assert.equal(await move(page, id, { act: 'qualify' }), 200);
  await act(page, 'qualify').click();
  await until(page, '.life-status', /Quelqu’un d’autre vient de modifier|Cette étape n’est pas possible/);
  await until(page, '.life-standing', /^La personne est d’accord/);
  await page.finish();
});

test('a danger comes first, with whom to call, and is lifted only with words', async () => {
  const page = await open('#/coordination');
  await page.waitForSelector('.row');
  const [one] = await casesIn(page, 'qualified');
  await openCase(page, one.id);
  await act(page, 'raise_danger').click();
  await choice(page, 'Danger immédiat').click();
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.life-status', /Le danger est signalé : plus personne n’est proposé/);
  await until(page, '.callout-danger', /15 ou le 112/);
  assert.equal(await page.locator('.life-calls a').first().getAttribute('href'), 'tel:15');
  assert.equal(await page.locator('.candidate').count(), 0, 'nobody is proposed');
  assert.equal(await page.evaluate(() => document.querySelector('.detail .callout-danger').compareDocumentPosition(document.querySelector('.life')) & 4), 4, 'the danger stands before all else');
  await act(page, 'clear_danger').click();
  await page.locator('.life-form-box textarea').fill('Vu.');
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.field-error', /d’au moins 10 caractères/);
  await screenshot(page, 'life-danger');
  assert.deepEqual(await axe(page), []);
  await page.locator('.life-form-box textarea').fill('Le Samu est passé, la voisine reste ce soir.');
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.life-status', /Le danger est levé/);
  await until(page, '.life-where', /Danger levé le/);
  await page.waitForSelector('.ask');
  assert.equal(await page.locator('.detail .callout-danger').count(), 0);
  await page.finish();
});

test('an institution that is asked, its answer, and who is not to be proposed are noted', async () => {
  const page = await open('#/coordination');
  await page.waitForSelector('.row');
  const [one] = await casesIn(page, 'qualified');
  await openCase(page, one.id);
  await page.waitForSelector('.ask');
  const bar = page.getByRole('button', { name: /^Ne pas proposer à/ }).first();
  const name = (await bar.getAttribute('aria-label')).replace('Ne pas proposer à ', '');
  await bar.click();
  await until(page, '.life-status', /ne sera plus proposé ici/);
  await until(page, '.left-out', new RegExp(`${name} — vous avez choisi de ne pas proposer`));
  await button(page, `Proposer à nouveau : ${name}`).click();
  await until(page, '.life-status', /peut à nouveau être proposé ici/);
  await page.waitForSelector(`[aria-label="Ne pas proposer à ${name}"]`);
  await button(page, 'Noter une institution').click();
  await page.getByLabel('Quelle institution ?').fill('CCAS');
  await button(page, 'Noter l’institution').click();
  await until(page, '.life-record', /CCAS ?sollicitée le .* ?sans réponse notée/);
  await button(page, 'Noter sa réponse : CCAS').click();
  await choice(page, 'Elle aide aussi').click();
  await button(page, 'Noter sa réponse').click();
  await until(page, '.life-record', /CCAS.*Elle aide aussi, le/);
  await page.finish();
});

test('a case is closed with a reason, opened again, and a second volunteer stands by', async () => {
  const page = await open('#/coordination');
  await page.waitForSelector('.row');
  const [one] = await casesIn(page, 'accompanied');
  await openCase(page, one.id);
  await page.locator('.life-more summary').first().click();
  await act(page, 'back_up').click();
  const select = page.getByLabel('Qui peut remplacer ?');
  await select.selectOption({ index: 1 });
  await button(page, 'Enregistrer le suppléant').click();
  await until(page, '.life-where', /Suppléant/);
  await act(page, 'close').click();
  await choice(page, 'Une institution a pris le relais').click();
  await page.locator('.life-form-box [type=submit]').click();
  await until(page, '.life-standing', /^La situation est close : une institution a pris le relais\.$/);
  await act(page, 'reopen').click();
  await until(page, '.life-standing', /^Prise en charge/);
  await page.finish();
});

test('a batch: a preference shows what it would change before it is taken over', async () => {
  const page = await open('#/coordination');
  await page.waitForSelector('.row');
  await page.locator('.batch-open a').click();
  await page.waitForSelector('.batch-pick');
  assert.match(page.url(), /#\/lot$/);
  await until(page, '.count', /^\d+ situations auraient quelqu’un/);
  await screenshot(page, 'batch');
  assert.deepEqual(await axe(page), []);
  const first = page.locator('.batch-line').first();
  const before = await said(first.locator('.batch-to'));
  await first.locator('.batch-pick').click();
  await first.locator('[data-edit]').click();
  await until(page, '.batch-edit', /marche \d+ min : \d+/);
  const options = await page.locator('.batch-edit option').allTextContents();
  await page.locator('.batch-edit select').selectOption({ label: options[1] });
  await button(page, 'Préférer').click();
  await page.waitForSelector('.batch-diff, .batch-status .callout-bad');
  if ((await page.locator('.batch-diff').count()) === 0) {
    // Who cannot take the case is said, and the next one tried.
    await until(page, '.batch-status', /ne peut pas accompagner.*Le plan n’a pas changé/);
    await page.locator('.batch-edit select').selectOption({ label: options[2] });
    await button(page, 'Préférer').click();
    await page.waitForSelector('.batch-diff');
  }
  assert.ok(await focusIsIn(page, '.batch-diff'));
  await until(page, '.batch-diff', /Rien n’est encore pris/);
  assert.equal(await said(first.locator('.batch-to')), before, 'the plan behind has not changed yet');
  assert.deepEqual(await axe(page), []);
  await button(page, 'Garder le plan d’avant').click();
  assert.equal(await said(page.locator('.batch-line').first().locator('.batch-to')), before);
  await page.locator('.batch-line').first().locator('[data-edit]').click();
  await page.locator('.batch-edit').getByRole('button', { name: /^Pas / }).click();
  await page.waitForSelector('.batch-diff');
  await button(page, 'Prendre ce nouveau plan').click();
  await until(page, '.batch-status', /Rien n’est encore proposé/);
  assert.notEqual(await said(page.locator('.batch-line').first().locator('.batch-to')), before);
  await until(page, '.batch-rest', /1 choix écarté par vous/);
  await page.locator('.segment', { hasText: 'Par BienVeilleur' }).click();
  await until(page, '.batch-group h2', /\d+ → \d+ sur \d+/);
  await page.finish();
});

test('a batch: one line is proposed and taken back; when one case stands in the way nothing is proposed; then all are', async () => {
  const page = await open('#/lot', { expected: REFUSED });
  await page.waitForSelector('.batch-pick');
  const lines = await page.locator('.batch-line').count();
  assert.ok(lines >= 3);
  await page.locator('.batch-line').first().getByRole('button', { name: /^Proposer à/ }).click();
  await until(page, '.batch-status', /: proposée à/);
  assert.ok(await focusIsIn(page, '.batch-status'));
  await button(page, /^Annuler/).click();
  await until(page, '.batch-status', /1 proposition est annulée/);
  if (await page.locator('.batch-diff').count()) await button(page, 'Prendre ce nouveau plan').click();
  await until(page, '.count', new RegExp(`^${lines} situations`));

  const id = Number(await page.locator('.batch-pick').nth(1).getAttribute('data-id'));
  const name = await said(page.locator('.batch-pick').nth(1).locator('.row-name'));
  assert.equal(await move(page, id, { act: 'contact' }), 200);
  await page.locator('.batch-foot button').click();
  await until(page, '.batch-status', new RegExp(`${name} ne peut pas être proposée : .*Rien n’a été proposé, ni pour elle ni pour les autres`));
  assert.ok(await page.locator(`.batch-wrong[data-line="${id}"]`).isVisible());
  assert.equal((await casesIn(page, 'qualified')).length >= lines - 1, true, 'nothing was written');
  await screenshot(page, 'batch-in-the-way');
  assert.deepEqual(await axe(page), []);
  await page.locator('.batch-status').getByRole('button', { name: 'Recalculer' }).click();
  await until(page, '.batch-status', /Le plan reste le même/);
  await page.locator('.batch-foot button').click();
  await until(page, '.batch-status', new RegExp(`${lines} situations sont proposées`));
  await until(page, '.empty', /Personne n’attend de proposition/);
  await button(page, /^Annuler/).click();
  await until(page, '.batch-status', new RegExp(`${lines} propositions sont annulées`));
  await page.waitForSelector('.batch-pick');
  await page.finish();
});

test('by keyboard alone, and on a phone without anything too small or too wide', async () => {
  const page = await open('#/lot');
  await page.waitForSelector('.batch-pick');
  await page.locator('.batch-pick').first().focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.locator('.batch-pick').nth(1).getAttribute('aria-current'), 'true');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.ok(await focusIsIn(page, '.batch-edit select'), 'the choice has the focus');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.row');
  assert.match(page.url(), /#\/coordination$/);
  const [one] = await casesIn(page, 'qualified');
  await page.finish();

  for (const hash of ['#/lot', `#/coordination/cas/${one.id}`]) {
    const phone = await open(hash, { phone: true, dark: hash === '#/lot' });
    await phone.waitForSelector('.batch-pick, .ask');
    const small = await phone.evaluate(() =>
      [...document.querySelectorAll('.panel button, .panel a.button, .panel summary')]
        .map((element) => [element.textContent, element.getBoundingClientRect()])
        .filter(([, box]) => box.width > 0 && (box.height < 44 || box.right > innerWidth))
        .map(([text, box]) => `${text} ${Math.round(box.height)} ${Math.round(box.right)}`),
    );
    assert.deepEqual(small, []);
    assert.deepEqual(await axe(phone), []);
    await phone.finish();
  }
});
