// Following people up: the coordination's page of who must not be forgotten, the volunteer's own page on a phone, days
// away, and the sheet on paper. The tests change the demonstration as they go.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { ask, axe, launch, openPage, said, screenshot, startServer, tabTo } from './support.mjs';

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
const open = (hash, as, options = {}) => openPage(browser, server.url, hash, { as, ...options });
const phone = (hash, options = {}) => open(hash, 'bienveilleur', { phone: true, ...options });

/// Waits until something says this, with ordinary spaces.
async function until(page, selector, pattern) {
  let last = [];
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    last = (await page.locator(selector).allTextContents()).map((text) => text.replace(/[\u00a0\u202f\s]+/g, ' '));
    if (last.some((text) => pattern.test(text))) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`${selector} never said ${pattern}: ${last.join(' | ').slice(0, 400)}`);
}

const button = (page, name) => page.getByRole('button', { name });
const link = (page, name) => page.getByRole('link', { name });
const choice = (page, text) => page.locator('.choice', { hasText: text });
const undo = (page) => page.locator('.done-line').getByRole('button', { name: 'Annuler' });

/// Makes a move as the page does: on the version that the case has now.
async function move(page, id, content) {
  const { json } = await ask(page, 'GET', `/cases/${id}/life`);
  return page.evaluate(
    async ([path, version, body]) => {
      const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json', 'if-match': `"${version}"` }, body: JSON.stringify(body) });
      return answer.status;
    },
    [`/api/v1/cases/${id}/moves`, json.version, content],
  );
}

const casesOf = async (page) => (await ask(page, 'GET', '/layers/cases')).json.features;
const ofVolunteer = (cases, id) => cases.filter((one) => one.properties.volunteer_id === id && one.properties.state === 'accompanied' && !one.properties.danger);

// ---- Suivi

test('the follow-up puts dangers first, counts each list, and each line leads to its case', async () => {
  const page = await open('#/suivi', 'coordination');
  await page.waitForSelector('.follow-row');
  const { json } = await ask(page, 'GET', '/follow-up');
  const headings = (await page.locator('.follow-section > h2').allTextContents()).map((text) => text.replace(/\s+/g, ' '));
  assert.match(headings[0], new RegExp(`^${json.dangers.length} dangers? à traiter$`));
  assert.match(headings[1], new RegExp(`^${json.overdue.length} visites? en retard$`));
  assert.match(headings[4], new RegExp(`^${json.waiting.length} personnes? sans nouvelles`));
  assert.equal(await page.locator('.follow-soon .follow-row').count(), json.soon.length);
  await until(page, '.follow-overdue .follow-words', /^prévue (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) .+, (?:hier|il y a \d+ jours)$/);
  assert.doesNotMatch(await page.locator('.follow').innerText(), /\b(?:accompanied|danger_immediat|idees_suicidaires|overdue|null|undefined)\b/);
  await screenshot(page, 'follow-up');
  await page.locator('.follow-dangers .row').first().click();
  await page.waitForSelector('.detail .callout-danger');
  assert.match(page.url(), /#\/coordination\/cas\/\d+/);
  await page.finish();
});

test('one press notes a contact, says so, and is taken back', async () => {
  const page = await open('#/suivi', 'coordination');
  await page.waitForSelector('.follow-waiting .follow-row');
  const before = await page.locator('.follow-waiting .follow-row').count();
  const name = await said(page.locator('.follow-waiting .row-name').first());
  await button(page, /^Noter un contact/).first().scrollIntoViewIfNeeded();
  const at = await page.evaluate(() => document.querySelector('.panel-list').scrollTop);
  assert.ok(at > 300);
  await button(page, /^Noter un contact/).first().click();
  await until(page, '.done-line', /^Contact noté aujourd’hui pour .+\.Annuler$/);
  await page.waitForFunction((n) => document.querySelectorAll('.follow-waiting .follow-row').length === n, before - 1);
  assert.equal(await page.evaluate(() => document.activeElement.className.includes('done-line')), true, 'Annuler is the next Tab');
  assert.ok(await page.evaluate((y) => document.querySelector('.panel-list').scrollTop > y / 2, at), 'the list stays where it was');
  assert.ok((await page.locator('.done-line').boundingBox()).y < 300, 'and what was done is in sight');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(page, '.done-line', /C’est annulé/);
  await page.waitForFunction((n) => document.querySelectorAll('.follow-waiting .follow-row').length === n, before);
  assert.equal(await said(page.locator('.follow-waiting .row-name').first()), name);
  await page.finish();
});

test('a review that is done comes again in six months', async () => {
  const page = await open('#/suivi', 'coordination');
  await page.waitForSelector('.follow-reviews .follow-row');
  await button(page, /le bilan de .+ est fait/).first().click();
  await until(page, '.done-line', /Le prochain vient dans six mois/);
  await undo(page).click();
  await until(page, '.done-line', /C’est annulé/);
  await page.finish();
});

test('the lists are downloaded with references and without a name', async () => {
  const page = await open('#/suivi', 'coordination');
  await page.waitForSelector('.follow-row');
  const [file] = await Promise.all([page.waitForEvent('download'), button(page, /Télécharger ces listes/).click()]);
  assert.match(file.suggestedFilename(), /^suivi-\d{4}-\d{2}-\d{2}\.csv$/);
  const text = await readFile(await file.path(), 'utf8');
  assert.match(text, /^\ufeffListe;Référence;Quartier;Échéance;Jours de retard;BienVeilleur\r\n/);
  assert.match(text, /Visites en retard;C-\d+;[^;]+;\d{4}-\d{2}-\d{2};\d+;/);
  for (const name of await page.locator('.follow-row .row-name').allTextContents()) assert.ok(!text.includes(name.trim()), 'no name leaves');
  await page.finish();
});

test('an absence shows who could take over before anything is written, and is taken back whole', async () => {
  const page = await open('#/suivi', 'coordination');
  await page.waitForSelector('.follow-row');
  await link(page, 'Noter une absence').click();
  await page.waitForSelector('.desk-detail select');
  await button(page, 'Enregistrer l’absence').click();
  await until(page, '.field-error', /Choisissez le BienVeilleur/);
  await page.locator('select').selectOption('1');
  await button(page, /prendre le relais/).click();
  await until(page, '.field-error', /Donnez le dernier jour/);
  const soon = await page.evaluate(() => new Intl.DateTimeFormat('sv-SE').format(new Date(Date.now() + 9 * 86_400_000)));
  await page.getByLabel('Dernier jour d’absence').fill(soon);
  await button(page, /prendre le relais/).click();
  await until(page, '.absence-plan', /Rien n’est encore enregistré.*\d+ personnes? pourraient être relayées/);
  assert.deepEqual((await ask(page, 'GET', '/absences')).json.absences, []);
  const line = page.locator('.absence-plan .choice').first();
  const reference = await said(line.locator('.reference'));
  await line.click();
  await screenshot(page, 'absence-plan');
  await button(page, 'Enregistrer l’absence').click();
  await until(page, '.done-line', /^Absence de .+ enregistrée, du .+ au .+\.1 personne proposée à quelqu’un d’autre\.Annuler$/);
  await until(page, '.follow-awaited .reference', new RegExp(`^${reference}$`));
  assert.ok((await page.locator('.follow-uncovered .follow-row').count()) > 0, 'whose volunteer is away is listed');
  await undo(page).click();
  await until(page, '.done-line', /C’est annulé/);
  assert.deepEqual((await ask(page, 'GET', '/absences')).json.absences, []);
  const again = (await casesOf(page)).find((one) => one.properties.reference === reference);
  assert.deepEqual([again.properties.state, again.properties.volunteer_id], ['accompanied', 1]);
  await page.finish();
});

// ---- the volunteer's page

/// Somebody of the volunteer goes back to the queue, and somebody else is proposed instead. Answers the latter's id.
async function proposed() {
  const page = await open('#/suivi', 'coordination', { expected: REFUSED });
  await page.waitForSelector('.follow-row');
  const cases = await casesOf(page);
  let found = cases.find((one) => one.properties.state === 'proposed' && one.properties.volunteer_id === 1)?.id;
  if (found === undefined) {
    assert.equal(await move(page, ofVolunteer(cases, 1)[0].id, { act: 'release' }), 200);
    for (const one of cases.filter((other) => other.properties.state === 'qualified' && !other.properties.danger && other.geometry !== null)) {
      if ((await move(page, one.id, { act: 'propose', volunteer_id: 1 })) === 200) {
        found = one.id;
        break;
      }
    }
  }
  assert.ok(found !== undefined, 'somebody is proposed');
  const { properties } = cases.find((one) => one.id === found);
  await page.finish();
  return { id: found, name: properties.name, address: properties.address };
}

test('of a proposal no more is told than quarter, walk, needs and languages; no and yes can be taken back', async () => {
  const { name, address } = await proposed();
  const page = await phone('');
  await page.waitForSelector('.proposal');
  assert.match(page.url(), /#\/mes-personnes$/, 'it is where a volunteer arrives');
  const card = await said(page.locator('.proposal'));
  assert.match(card, /^Quelqu’un, quartier .+minutes à pied de chez vous.*demande : .+Répondez avant .+ à \d+ h \d\d/);
  assert.ok(!(await page.locator('.panel').innerText()).includes(address), 'the address is not on the page');
  await screenshot(page, 'phone-proposal');

  await button(page, 'Non, pas cette fois').click();
  await page.waitForSelector('.mine-page .choice');
  await button(page, 'Dire non').click();
  await until(page, '.field-error', /Choisissez une raison/);
  await choice(page, 'Pas le temps en ce moment').click();
  await button(page, 'Dire non').click();
  await until(page, '.done-line', /^C’est noté\. La coordination cherche quelqu’un d’autre\./);
  assert.equal(await page.locator('.proposal').count(), 0);
  await undo(page).click();
  await page.waitForSelector('.proposal');

  await button(page, 'Oui, j’accepte').click();
  await until(page, '.done-line', /^Merci ! Vous accompagnez maintenant /);
  assert.ok((await said(page.locator('.done-line'))).includes(name.trim()), 'after a yes the name is told');
  await until(page, '.person-next', /^Première visite à faire avant /);
  await undo(page).click();
  await page.waitForSelector('.proposal');
  await button(page, 'Oui, j’accepte').click();
  await until(page, '.done-line', /^Merci !/);
  await link(page, 'Ouvrir sa fiche').click();
  await until(page, '.mine-page', new RegExp(address.slice(0, 12)));
  await page.finish();
});

test('a visit is noted in guided words with the next date; taking it back gives the words again', async () => {
  const page = await phone('#/mes-personnes');
  await page.waitForSelector('.person');
  const note = 'Contente de parler ; le courrier est relevé.';
  await link(page, /^Noter ma visite/).last().click();
  await page.waitForSelector('.mine-page textarea');
  const title = await said(page.locator('.mine-page h2'));
  await choice(page, 'Une sortie ensemble').click();
  await choice(page, 'Va plutôt bien').click();
  await page.locator('textarea').fill(note);
  assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length), 0, 'nothing of it is stored');
  // Away and back: what was typed is still there.
  await page.goBack();
  await page.waitForSelector('.person');
  await page.goForward();
  await page.waitForSelector('.mine-page textarea');
  assert.equal(await page.locator('textarea').inputValue(), note);
  await choice(page, 'Dans deux semaines').click();
  await screenshot(page, 'phone-visit');
  await button(page, 'Enregistrer cette visite').click();
  await until(page, '.done-line', /^Sortie · .+ : c’est noté\.Prochaine visite : .+Annuler$/);
  await undo(page).click();
  await until(page, '.done-line', /C’est annulé/);
  await link(page, 'Reprendre ce que j’avais écrit').click();
  await page.waitForSelector('.mine-page textarea');
  assert.equal(await said(page.locator('.mine-page h2')), title);
  assert.equal(await page.locator('textarea').inputValue(), note);
  assert.equal(await choice(page, 'Va plutôt bien').locator('input').isChecked(), true);
  await button(page, 'Enregistrer cette visite').click();
  await until(page, '.done-line', /c’est noté/);
  await page.locator('.person .row').last().click();
  await until(page, '.visits', /Une sortie ensemble.*Va plutôt bien.*Contente de parler/);
  assert.equal(await page.evaluate(() => sessionStorage.length + localStorage.length), 0);
  await page.finish();
});

test('when nobody answers, nothing is asked about how the person is, and whom to call is said', async () => {
  const page = await phone('#/mes-personnes');
  await page.waitForSelector('.person');
  await link(page, /^Noter ma visite/).first().click();
  await page.waitForSelector('.mine-page textarea');
  await choice(page, 'Personne n’a répondu').click();
  assert.equal(await page.getByText('Qu’avez-vous remarqué').isVisible(), false);
  assert.equal(await link(page, 'Appeler le 02 35 19 45 45').isVisible(), true);
  await choice(page, 'Un autre jour').last().click();
  await button(page, 'Enregistrer cette visite').click();
  await until(page, '.field-error', /Choisissez aujourd’hui ou un jour à venir/);
  await page.finish();
});

test('what somebody else changed meanwhile is said, and no typing is lost', async () => {
  const page = await phone('#/mes-personnes', { expected: REFUSED });
  await page.waitForSelector('.person');
  const id = Number(await page.locator('.person .row').first().getAttribute('data-id'));
  await page.goto(`${server.url}/#/mes-personnes/${id}/visite`);
  await page.waitForSelector('.mine-page textarea');
  await page.locator('textarea').fill('Nous avons lu le journal.');
  await page.waitForTimeout(500);
  const other = await open('#/suivi', 'coordination');
  await other.waitForSelector('.follow-row');
  assert.equal(await move(other, id, { act: 'contact', note: '' }), 200);
  await other.finish();
  await button(page, 'Enregistrer cette visite').click();
  await until(page, '.mine-page .callout-bad', /vient d’être modifiée par quelqu’un d’autre.*toujours là/);
  assert.equal(await page.locator('textarea').inputValue(), 'Nous avons lu le journal.');
  await until(page, '.mine-sub', /Pas de date prévue/);
  await button(page, 'Enregistrer cette visite').click();
  await until(page, '.done-line', /c’est noté/);
  await page.finish();
});

test('a worry gives the numbers first, then tells the coordination, who sees it first', async () => {
  const page = await phone('#/mes-personnes');
  await page.waitForSelector('.person');
  await page.locator('.person .row').nth(1).click();
  const name = await said(page.locator('.mine-page h2'));
  await link(page, /^Je m’inquiète pour/).click();
  await page.waitForSelector('.numbers');
  const tops = await page.evaluate(() => ['.numbers', '.mine-page form'].map((selector) => document.querySelector(selector).getBoundingClientRect().top));
  assert.ok(tops[0] < tops[1], 'the numbers come first');
  for (const number of ['tel:15', 'tel:112', 'sms:114', 'tel:3114']) assert.equal(await page.locator(`.numbers a[href="${number}"]`).isVisible(), true);
  await screenshot(page, 'phone-worry');
  await button(page, 'Prévenir la coordination').click();
  await until(page, '.field-error', /Dites de quoi il s’agit/);
  await choice(page, 'Danger immédiat').click();
  await button(page, 'Prévenir la coordination').click();
  await until(page, '.done-line', /La coordination est prévenue/);
  await until(page, '.person', new RegExp(`${name}.*Danger signalé`));
  const other = await open('#/suivi', 'coordination');
  await until(other, '.follow-dangers .row-name', new RegExp(`^${name}$`));
  await other.finish();
  await undo(page).click();
  await until(page, '.done-line', /C’est annulé/);
  assert.equal(await page.locator('.tag-danger').count(), 0);
  await page.finish();
});

test('whoever can no longer visit says so, and may take it back', async () => {
  const page = await phone('#/mes-personnes');
  await page.waitForSelector('.person');
  const before = await page.locator('.person').count();
  await page.locator('.person .row').first().click();
  await link(page, 'Je ne peux plus l’accompagner').click();
  await button(page, 'Ne plus accompagner').click();
  await until(page, '.done-line', /Merci pour ce que vous avez fait/);
  await page.waitForFunction((n) => document.querySelectorAll('.person').length === n, before - 1);
  await undo(page).click();
  await page.waitForFunction((n) => document.querySelectorAll('.person').length === n, before);
  await page.finish();
});

test('days away are noted on the phone and seen by the coordination', async () => {
  const page = await phone('#/mes-personnes');
  await link(page, 'Je ne serai pas disponible').click();
  await page.waitForSelector('.mine-page .day');
  await page.getByLabel('Premier jour d’absence').fill('2030-08-05');
  await page.getByLabel('Dernier jour d’absence').fill('2030-08-01');
  await button(page, 'Enregistrer l’absence').click();
  await until(page, '.field-error', /Le dernier jour vient avant le premier/);
  await page.getByLabel('Dernier jour d’absence').fill('2030-08-19');
  await button(page, 'Enregistrer l’absence').click();
  await until(page, '.done-line', /^Absence enregistrée, du 5 août 2030 au 19 août 2030\./);
  const other = await open('#/suivi', 'coordination');
  await until(other, '.follow-absences li', /du 5 août 2030 au 19 août 2030/);
  await other.finish();
  await button(page, /^Supprimer l’absence/).click();
  await until(page, '.done-line', /^Absence supprimée/);
  await until(page, '.absence-box', /Aucune absence prévue/);
  await page.finish();
});

test('the way to a person is on the map behind a button', async () => {
  const page = await phone('#/mes-personnes');
  await page.waitForSelector('.person');
  assert.equal(await page.locator('.map-toggle').isVisible(), false, 'no button floats over those of the list');
  await page.locator('.person .row').first().click();
  await button(page, 'Voir le chemin sur la carte').click();
  await page.waitForSelector('.app[data-view=map]');
  assert.equal(await page.locator('.map-toggle').isVisible(), true);
  await screenshot(page, 'phone-way');
  await page.locator('.map-toggle').click();
  await page.waitForSelector('.app[data-view=list]');
  await page.finish();
});

test('a visit is noted by keyboard alone', async () => {
  const page = await open('#/mes-personnes', 'bienveilleur');
  await page.waitForSelector('.person');
  await tabTo(page, '.person-acts a');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.mine-page textarea');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H2');
  await tabTo(page, '.choice input[type=checkbox]');
  await page.keyboard.press('Space');
  await tabTo(page, 'textarea');
  await page.keyboard.type('Au clavier.');
  await tabTo(page, '[type=submit]');
  await page.keyboard.press('Enter');
  await until(page, '.done-line', /c’est noté/);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Annuler');
  await page.finish();
});

test('whoever looks as a volunteer is offered nothing to do', async () => {
  const page = await open('#/coordination', 'coordination');
  await page.locator('.menu-button').click();
  await page.locator('.menu-item', { hasText: 'Voir en tant que' }).click();
  await page.locator('dialog .row', { hasText: 'BienVeilleur' }).first().click();
  await page.waitForSelector('.person');
  assert.equal(await link(page, /Noter ma visite|pas disponible/).count(), 0);
  await page.locator('.person .row').first().click();
  await page.waitForSelector('.mine-page .facts');
  assert.equal(await link(page, /Je m’inquiète|Je ne peux plus|Noter/).count(), 0);
  await page.finish();
});

// ---- paper

test('the visit sheet is one A4 page, with a first name, and neither family name nor notes', async () => {
  const page = await open('#/suivi', 'coordination');
  await page.waitForSelector('.follow-overdue .follow-row');
  const row = page.locator('.follow-overdue .follow-row', { hasText: 'C-0037' }).or(page.locator('.follow-overdue .follow-row')).first();
  const name = await said(row.locator('.row-name'));
  await row.locator('a[aria-label^="Imprimer la fiche"]').click();
  await page.waitForSelector('.sheet-facts');
  const text = await said(page.locator('.sheet'));
  const [first, family] = name.split(' ');
  assert.ok(text.includes(first));
  const { notes } = (await casesOf(page)).find((one) => one.properties.name === name).properties;
  if (family !== undefined) assert.ok(!text.includes(family), 'the family name stays here');
  assert.ok(!text.includes(notes), 'and so does what was reported');
  assert.match(text, /15 ou 112 · 114 par SMS · 3114/);
  assert.equal(await page.locator('.sheet-visit').count(), 3);
  for (const margin of ['10mm', '15mm']) {
    const pdf = await page.pdf({ format: 'A4', margin: { top: margin, bottom: margin, left: margin, right: margin } });
    assert.equal((pdf.toString('latin1').match(/\/Type \/Page\b/g) ?? []).length, 1, `one page with margins of ${margin}`);
  }
  await link(page, 'Retour à la situation').click();
  await page.waitForSelector('.detail .facts');
  await page.finish();
});

// ---- axe, targets, width

const first = (selector, ready) => async (page) => {
  await page.locator(selector).first().click();
  await page.waitForSelector(ready);
};
const VIEWS = [
  ['follow-up', '#/suivi', '.follow-row', 'coordination', null],
  ['absence', '#/suivi/absence', 'select option[value="1"]', 'coordination', async (page) => {
    await page.locator('select').selectOption('1');
    await page.getByLabel('Dernier jour d’absence').fill('2030-01-05');
    await page.getByLabel('Premier jour d’absence').fill('2030-01-02');
    await button(page, /prendre le relais/).click();
    await page.waitForSelector('.absence-plan .choice');
  }],
  ['sheet', '#/fiche/10', '.sheet-facts', 'coordination', null],
  ['mine', '#/mes-personnes', '.person', 'bienveilleur', null],
  ['mine-person', '#/mes-personnes', '.person', 'bienveilleur', first('.person .row', '.mine-page .facts')],
  ['mine-visit', '#/mes-personnes', '.person', 'bienveilleur', async (page) => {
    await first('.person-acts a', '.mine-page textarea')(page);
    await choice(page, 'Un autre jour').first().click();
    await button(page, 'Enregistrer cette visite').click();
  }],
  ['mine-worry', '#/mes-personnes', '.person', 'bienveilleur', async (page) => {
    await first('.person .row', '.button-worry')(page);
    await page.locator('.button-worry').click();
    await page.waitForSelector('.numbers');
  }],
  ['mine-away', '#/mes-personnes/absence', '.mine-page .day', 'bienveilleur', null],
];

for (const small of [false, true]) {
  for (const dark of [false, true]) {
    for (const [name, hash, ready, as, act] of VIEWS) {
      test(`axe finds nothing serious: ${name} (${small ? 'phone' : 'desk'}, ${dark ? 'dark' : 'light'})`, async () => {
        const page = await open(hash, as, { phone: small, dark });
        await page.waitForSelector(ready, { state: 'attached' });
        if (act) await act(page);
        await page.waitForTimeout(300);
        assert.deepEqual(await axe(page), []);
        if (dark || small) await screenshot(page, `${small ? 'phone-' : ''}${name}${dark ? '-dark' : ''}`);
        if (small) {
          assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, 'nothing sticks out to the side');
          const least = as === 'bienveilleur' ? 48 : 44;
          const low = await page.evaluate(
            (px) =>
              [...document.querySelectorAll('.panel :is(a, button, summary, select, .choice, input:not([type=radio], [type=checkbox]))')]
                .filter((one) => one.checkVisibility() && !one.closest('[inert]') && one.getBoundingClientRect().height < px - 0.5)
                .map((one) => `${one.className} ${one.textContent.slice(0, 30)}`),
            least,
          );
          assert.deepEqual(low, [], `every target is ${least} pixels high`);
          const out = await page.evaluate(() =>
            [...document.querySelectorAll('.panel :is(a, button, .choice, input, select)')]
              .filter((one) => one.checkVisibility() && !one.closest('[inert]') && one.getBoundingClientRect().right > 390.5)
              .map((one) => `${one.className} ${one.textContent.slice(0, 30)}`),
          );
          assert.deepEqual(out, [], 'nothing is cut off at the side');
          if (as === 'bienveilleur') {
            const sizes = await page.evaluate(() => [...document.querySelectorAll('.mine p:not(.hint), .mine .choice-name, .mine dd, .mine .row-name')].filter((one) => one.checkVisibility() && one.textContent !== '').map((one) => parseFloat(getComputedStyle(one).fontSize)));
            assert.ok(sizes.every((size) => size >= 18), `read at seventy: ${Math.min(...sizes)}`);
          }
        }
        await page.finish();
      });
    }
  }
}
