// The desks of the administration, of data protection, and of what the law asks of the coordination: what each can do, by
// keyboard, on a phone, and nothing serious in axe. The tests change the demonstration as they go, in the order of a year.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { ask, axe, launch, openPage, said, screenshot, startServer, tabTo, typeAccount } from './support.mjs';

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

const field = (page, label) => page.getByLabel(label, { exact: true });
const button = (page, name) => page.getByRole('button', { name });
const choice = (page, text) => page.locator('.choice', { hasText: text });

// ---- accounts

test('an account is made with a drawn password that is shown once and opens it', async () => {
  const page = await open('#/comptes', 'administration', { expected: REFUSED });
  await page.waitForSelector('.row');
  assert.match(await said(page.locator('.count')), /^\d+ comptes$/);
  await page.getByRole('link', { name: 'Nouveau compte' }).click();
  await button(page, 'Créer le compte').click();
  await until(page, '.field-error', /identifiant de 2 à 64/);
  await field(page, 'Identifiant').fill('accueil');
  await field(page, 'Nom').fill('Zoé Lemaître');
  await choice(page, 'Coordination').click();
  await button(page, 'Générer un mot de passe').click();
  await until(page, '.strength-word', /mot de passe est prêt/);
  await button(page, 'Créer le compte').click();
  await until(page, '.field-error', /déjà pris/);
  const login = `zoe-${Date.now()}`;
  await field(page, 'Identifiant').fill(login);
  await button(page, 'Créer le compte').click();
  await page.waitForSelector('.secret-box');
  assert.match(page.url(), /#\/comptes\/\d+$/);
  const password = await page.locator('.secret').textContent();
  assert.match(password, /^[\w]{4}-[\w]{4}-[\w]{4}-[\w]{4}$/);
  await screenshot(page, 'account-secret');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.panel-detail', { state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent.includes('Zoé Lemaître')), true, 'the focus is back on the row');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.facts');
  assert.equal(await page.locator('.secret-box').count(), 0, 'the password is not shown again');

  const other = await open('#/connexion', null);
  await typeAccount(other, { login, password });
  await until(other, '.menu-button', /Zoé Lemaître/);
  await other.finish();
  await page.finish();
});

test('roles, password, sessions and disabling each say what they do', async () => {
  const page = await open('#/comptes', 'administration', { expected: REFUSED });
  await page.locator('[data-search]').fill('Zoé');
  await until(page, '.count', /^1 compte$/);
  await page.locator('[data-search]').press('Enter');
  await page.waitForSelector('.facts');
  await choice(page, 'Coordination').click();
  await button(page, 'Enregistrer').click();
  await until(page, '.field-error', /au moins un rôle/);
  await choice(page, 'BienVeilleur').click();
  await field(page, 'Référence du bénévole').fill('BV-9999');
  await button(page, 'Enregistrer').click();
  await until(page, '.field-error', /Aucun bénévole/);
  await field(page, 'Référence du bénévole').fill('BV-03');
  await button(page, 'Enregistrer').click();
  await until(page, '.notices', /Compte enregistré.*sessions sont fermées/);
  await choice(page, 'Accueil').click();
  await until(page, '.callout-note', /donnez un nouveau mot de passe, plus solide/);
  await button(page, 'Enregistrer').click();
  await until(page, '.field-error', /Donnez un mot de passe/);
  await page.getByRole('textbox', { name: 'Mot de passe pour ces rôles' }).fill('kT7!mQ2%');
  await button(page, 'Enregistrer').click();
  await until(page, '.field-error', /trop facile à deviner/);
  await button(page, 'Générer un mot de passe').first().click();
  await button(page, 'Enregistrer').click();
  await page.waitForSelector('.secret-box');
  await page.getByRole('textbox', { name: 'Nouveau mot de passe' }).fill('azertyuiop');
  await button(page, 'Changer le mot de passe').click();
  await until(page, '.field-error', /trop facile à deviner/);
  await button(page, 'Fermer ses sessions').click();
  await until(page, '.notices', /Toutes les sessions de Zoé/);
  await button(page, 'Désactiver').click();
  await until(page, '.facts', /désactivé/);
  await button(page, 'Réactiver').click();
  await until(page, '.facts', /actif/);
  await page.finish();
});

test('the last account of the administration keeps its role', async () => {
  const page = await open('#/comptes', 'administration', { expected: REFUSED });
  await page.locator('.row:has(.tag:text("le vôtre"))').click();
  await page.waitForSelector('.facts');
  await choice(page, 'Administration des comptes').click();
  await choice(page, 'Accueil').click();
  await button(page, 'Enregistrer').click();
  await until(page, '.callout-bad', /dernier compte d’administration.*Rien n’a été changé/);
  await page.finish();
});

// ---- informing

test('the person is told, or refuses: the case leaves the queue, or is gone', async () => {
  const page = await open('#/information', 'coordination', { expected: REFUSED });
  await page.waitForSelector('.desk .row');
  const before = await page.locator('.desk .row').count();
  const told = await said(page.locator('.desk .row .row-name').nth(0));
  const refused = await said(page.locator('.desk .row .row-name').nth(1));
  await page.locator('.desk .row').nth(0).click();
  await page.waitForSelector('.steps');
  await field(page, 'Informée le').fill('2001-01-01');
  await button(page, 'Noter l’information').click();
  await until(page, '.field-error', /entre le signalement et aujourd’hui/);
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await field(page, 'Informée le').fill(yesterday);
  await button(page, 'Noter l’information').click();
  await until(page, '.notices', new RegExp(`Information notée pour ${told}`));
  await page.waitForFunction((n) => document.querySelectorAll('.desk .row').length === n, before - 1);

  await page.locator('.desk .row').nth(0).click();
  await page.waitForSelector('.steps');
  await button(page, new RegExp(`Effacer ${refused}`)).click();
  await until(page, '.field-error', /Rien n’a été effacé/);
  await page.locator('.confirm-input').fill(refused.toLowerCase());
  await button(page, new RegExp(`Effacer ${refused}`)).click();
  await until(page, '.notices', new RegExp(`${refused} est effacée`));
  const { json } = await ask(page, 'GET', '/layers/cases');
  assert.ok(!json.features.some((one) => one.properties.reference === refused), 'the case is gone');
  await page.finish();
});

test('who refused and is reported again is a warning with its day, and goes in with a reason', async () => {
  const desk = await open('#/coordination', 'coordination');
  await desk.waitForSelector('.row');
  const { json } = await ask(desk, 'GET', '/layers/cases');
  const person = json.features.find((one) => one.properties.phone && one.properties.volunteer_id === undefined);
  await ask(desk, 'POST', `/cases/${person.id}/refusal`, {});
  await desk.finish();
  const page = await open('#/signalements/nouveau', 'accueil', { expected: REFUSED });
  await page.getByLabel('Où ?').fill('près du square');
  await page.getByLabel('Ce qui a été vu ou entendu').fill('Une voisine ne la voit plus.');
  await page.getByLabel('Par qui l’apprend-on ?').selectOption('voisin');
  await field(page, 'Téléphone').fill(person.properties.phone);
  await button(page, 'Enregistrer le signalement').click();
  await until(page, '.callout', /a refusé le \d\d\/\d\d\/\d{4}/);
  await screenshot(page, 'report-refused');
  await button(page, 'Enregistrer malgré le refus').click();
  await until(page, '.field-error', /en une phrase/);
  const why = page.getByLabel('Pourquoi l’enregistrer quand même ?');
  assert.equal(await why.evaluate((one) => one === document.activeElement), true, 'the focus is where to write');
  await why.fill('Elle demande elle-même une visite.');
  await why.press('Enter');
  await until(page, '.notices', /Signalement C-\d+ enregistré/);
  await page.finish();
});

// ---- rights

/// Names and references of cases, as the coordination sees them.
async function casesKnown() {
  const page = await open('#/coordination', 'coordination');
  await page.waitForSelector('.row');
  const { json } = await ask(page, 'GET', '/layers/cases');
  await page.finish();
  return json.features.filter((one) => one.properties.name !== '').map((one) => one.properties);
}

test('a request is noted by exact words, and answered with a file', async () => {
  const [person] = await casesKnown();
  const page = await open('#/droits', 'dpo');
  await until(page, '.empty-title', /Aucune demande n’attend/);
  await page.getByRole('link', { name: 'Nouvelle demande' }).click();
  await button(page, 'Enregistrer la demande').click();
  await until(page, '.field-error', /Choisissez ce que la personne demande/);
  await choice(page, 'Accès').click();
  await field(page, 'Nom').fill('Personne Inexistante');
  await button(page, 'Chercher cette personne').click();
  await until(page, '.found', /Aucune fiche ne correspond/);
  await field(page, 'Nom').fill(person.name);
  await button(page, 'Enregistrer la demande').click();
  await until(page, '.field-error', /Cherchez d’abord/);
  await button(page, 'Chercher cette personne').click();
  await choice(page, person.reference).click();
  await button(page, 'Enregistrer la demande').click();
  await until(page, '.notices', /Demande enregistrée/);
  assert.match(page.url(), /#\/droits\/\d+$/);
  await until(page, '.tag', /^Restent? \d+ jours?$/);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Télécharger la réponse' }).click()]);
  const text = await readFile(await file.path(), 'utf8');
  assert.ok(text.includes(person.reference), 'the answer is about the person');
  assert.ok(!page.url().includes('%20') && !page.url().includes(person.name), 'no name in the address');
  await choice(page, 'Acceptée').click();
  await button(page, 'Clôturer la demande').click();
  await until(page, '.notices', /Demande clôturée/);
  await page.locator('.chip', { hasText: 'Clôturées' }).click();
  await until(page, '.desk .row', new RegExp(`Accès · ${person.reference}.*Acceptée`));
  await page.finish();
});

test('an erasure asks for the reference, erases, and shows its proof', async () => {
  const person = (await casesKnown())[3];
  const page = await open('#/droits/nouvelle', 'dpo', { expected: REFUSED });
  await choice(page, 'Effacement').click();
  await field(page, 'Nom').fill(person.name);
  await field(page, 'Nom').press('Enter');
  await choice(page, person.reference).click();
  await button(page, 'Enregistrer la demande').click();
  await page.waitForSelector('.confirm-input');
  await choice(page, 'Acceptée').click();
  await button(page, 'Clôturer la demande').click();
  await until(page, '.field-error', /pas encore effacée/);
  await page.locator('.confirm-input').fill('C-0');
  await button(page, /Effacer définitivement/).click();
  await until(page, '.field-error', /Rien n’a été effacé/);
  await page.locator('.confirm-input').fill(person.reference);
  await button(page, /Effacer définitivement/).click();
  await until(page, '.callout-good', /1 dossier supprimé ; \d+ empreintes cherchées dans la base, son journal et ses sauvegardes : aucune trouvée\./);
  assert.match(await said(page.locator('.desk-detail h2')), /Effacement · fiche effacée/);
  await screenshot(page, 'rights-erased');
  await choice(page, 'Acceptée').click();
  await button(page, 'Clôturer la demande').click();
  await until(page, '.notices', /Demande clôturée/);
  await page.finish();
});

// ---- correcting

test('a case is corrected from its detail: errors at the field, the place by its address, and the correction is shown', async () => {
  const one = (await casesKnown())[5];
  const page = await open(`#/coordination?voir=toutes`, 'coordination', { expected: REFUSED });
  await page.locator('.row', { hasText: one.reference }).click();
  await page.locator('.correct').click();
  await page.waitForSelector('.report-form');
  assert.match(page.url(), /#\/coordination\/cas\/\d+\/corriger/);
  const given = await field(page, 'Prénom').inputValue();
  const family = await field(page, 'Nom').inputValue();
  assert.equal(`${given} ${family}`.trim(), one.name, 'the form is filled with what is there');
  await until(page, '.address-state', /Le lieu est connu/);
  await page.locator('textarea').fill('x'.repeat(501));
  await button(page, 'Enregistrer la correction').click();
  await until(page, '.field-error', /dépasse 500 caractères/);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA', 'the focus is where the error is');
  await page.locator('textarea').fill('Appelle le matin. Entend mal.');
  await field(page, 'Nom').fill('Vandenbroucke');
  await field(page, 'Adresse').fill('près du square');
  await until(page, '.address-state', /le lieu ne sera plus connu/);
  await field(page, 'Adresse').fill(one.address);
  await page.keyboard.press('Escape');
  await until(page, '.address-state', /Le lieu est connu/);
  await page.locator('.languages summary').click();
  await page.locator('.choice', { hasText: 'portugais' }).click();
  await screenshot(page, 'correct');
  await button(page, 'Enregistrer la correction').click();
  await until(page, '.notices', new RegExp(`${one.reference} est corrigée`));
  await until(page, '.detail-head h2', /Vandenbroucke/);
  assert.match(page.url(), /#\/coordination\/cas\/\d+\?/);
  const facts = await said(page.locator('.facts'));
  assert.match(facts, /Entend mal/);
  assert.match(facts, /portugais/);
  await page.finish();
});

/// A field of the form, and not the part of the comparison that bears its name.
const typed = (page, label) => page.locator('.report-form').getByLabel(label, { exact: true });

test('who saves second sees both versions, and loses nothing of what was typed', async () => {
  const one = (await casesKnown())[6];
  const page = await open('#/coordination?voir=toutes', 'coordination', { expected: REFUSED });
  await page.locator('.row', { hasText: one.reference }).click();
  await page.locator('.correct').click();
  await page.waitForSelector('.report-form');
  await typed(page, 'Téléphone').fill('02 11 11 11 11');
  await page.locator('textarea').fill('Ma version des notes.');
  // A colleague, meanwhile.
  const id = Number(/cas\/(\d+)/.exec(page.url())[1]);
  const status = await page.evaluate(async (which) => {
    const path = `/api/v1/cases/${which}/details`;
    const answer = await fetch(path);
    const { requests, located, ...details } = await answer.json();
    const body = JSON.stringify({ ...details, phone: '02 22 22 22 22', family_name: 'Autrenom' });
    return (await fetch(path, { method: 'PUT', headers: { 'content-type': 'application/json', 'if-match': answer.headers.get('etag') }, body })).status;
  }, id);
  assert.equal(status, 200);
  await button(page, 'Enregistrer la correction').click();
  await until(page, '.conflict', /Quelqu’un d’autre vient de modifier cette situation/);
  await until(page, '.versions[aria-label="Téléphone"]', /02 22 22 22 22.*02 11 11 11 11/);
  await until(page, '.conflict', /Repris, car vous ne l’aviez pas changé : Nom\./);
  assert.equal(await typed(page, 'Nom').inputValue(), 'Autrenom', 'what only the other one has changed is taken over');
  assert.equal(await typed(page, 'Téléphone').inputValue(), '02 11 11 11 11', 'the typing is kept');
  assert.equal(await page.locator('textarea').inputValue(), 'Ma version des notes.');
  assert.deepEqual(await axe(page), []);
  await screenshot(page, 'correct-conflict');
  assert.equal(await page.locator('.versions').count(), 1, 'the notes are the typed ones, for nobody else touched them');
  await page.locator('.versions button').click();
  assert.equal(await typed(page, 'Téléphone').inputValue(), '02 22 22 22 22');
  assert.equal(await page.locator('.versions').count(), 0);
  await typed(page, 'Téléphone').fill('02 11 11 11 11');
  await button(page, 'Enregistrer la correction').click();
  await until(page, '.detail-head h2', /Autrenom/);
  assert.match(await said(page.locator('.facts')), /02 11 11 11 11.*Ma version des notes/);
  await page.finish();
});

test('a request for a correction waits in the form, and the desk sees that it was made', async () => {
  const person = (await casesKnown())[8];
  const desk = await open('#/droits/nouvelle', 'dpo');
  await choice(desk, 'Rectification').click();
  await field(desk, 'Nom').fill(person.name);
  await field(desk, 'Nom').press('Enter');
  await choice(desk, person.reference).click();
  await desk.locator('textarea').first().fill('Le prénom est Jeanne.');
  await button(desk, 'Enregistrer la demande').click();
  await until(desk, '.desk-part', new RegExp(`Demandez à la coordination de corriger la situation ${person.reference}`));
  const page = await open('#/coordination?voir=toutes', 'coordination');
  await page.locator('.row', { hasText: person.reference }).click();
  await page.locator('.correct').click();
  await until(page, '.report-form', /répond à une demande.*Le prénom est Jeanne/);
  await field(page, 'Prénom').fill('Jeanne');
  await button(page, 'Enregistrer la correction').click();
  await until(page, '.field-error', /répond à une demande/);
  await choice(page, 'Demande du').click();
  await screenshot(page, 'correct-request');
  await button(page, 'Enregistrer la correction').click();
  await until(page, '.detail-head h2', /Jeanne/);
  await page.finish();
  await desk.reload();
  await until(desk, '.good-line', /La situation a été corrigée/);
  await choice(desk, 'Acceptée').click();
  await button(desk, 'Clôturer la demande').click();
  await until(desk, '.notices', /Demande clôturée/);
  await desk.finish();
});

test('an erasure without a proof says so, and is proved when it is asked again', async () => {
  const person = (await casesKnown())[10];
  let held = true;
  const page = await open('#/droits/nouvelle', 'dpo', {
    // As if the look after the erasure had been cut short.
    before: (fresh) =>
      fresh.route('**/carry-out', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...(await answer.json()), proof: null, unproved: held } });
        held = false;
      }),
  });
  await choice(page, 'Effacement').click();
  await field(page, 'Nom').fill(person.name);
  await field(page, 'Nom').press('Enter');
  await choice(page, person.reference).click();
  await button(page, 'Enregistrer la demande').click();
  await page.locator('.confirm-input').fill(person.reference);
  await button(page, /Effacer définitivement/).click();
  await until(page, '.desk-detail', /La suppression n’est pas encore prouvée/);
  await screenshot(page, 'rights-unproved');
  await button(page, 'Prouver de nouveau').click();
  await until(page, '.callout-good', /1 dossier supprimé/);
  assert.equal(await button(page, 'Prouver de nouveau').count(), 0);
  await page.finish();
});

// ---- retention

test('a purge is prepared by one person and signed by another', async () => {
  const officer = await open('#/conservation', 'dpo', { expected: REFUSED });
  await until(officer, '.lead', /2 ans après le dernier contact/);
  await button(officer, 'Préparer une liste').click();
  await until(officer, '.desk-detail h2', /^Liste du /);
  const { hash } = new URL(officer.url());
  const text = await said(officer.locator('.desk-detail'));
  assert.ok(/aucune situation n’est arrivée à échéance/i.test(text) || /La coordination doit la relire/.test(text), text);
  const coordinator = await open(hash, 'coordination', { expected: REFUSED });
  await until(coordinator, '.desk-detail h2', /^Liste du /);
  if ((await button(coordinator, /^Signer la suppression/).count()) > 0) {
    await button(coordinator, /^Signer la suppression/).click();
    await until(coordinator, '.notices', /Liste signée/);
    await officer.reload();
    await button(officer, /^Supprimer \d+/).click();
    await button(officer, /^Oui, supprimer/).click();
    await until(officer, '.callout-good', /aucune trouvée/);
  }
  await coordinator.finish();
  await officer.finish();
});

// ---- the trail

test('the trail reads as sentences, is filtered, paged, exported and proved', async () => {
  const page = await open('#/journal', 'dpo', { expected: REFUSED });
  await page.waitForSelector('.trail');
  await until(page, '.trail-text', /a effacé une situation$/);
  await until(page, '.trail-text', /a lu la liste des situations/);
  const all = await page.locator('.trails').innerText();
  assert.doesNotMatch(all, /\b(?:done|refused|cases|account:\d|sign_in|needles)\b/, 'no code is shown');

  if ((await button(page, 'Plus ancien').count()) > 0) {
    const before = await page.locator('.trail').count();
    await button(page, 'Plus ancien').click();
    await page.waitForFunction((n) => document.querySelectorAll('.trail').length > n, before);
    assert.equal(await page.evaluate((n) => [...document.querySelectorAll('.trail summary')].indexOf(document.activeElement) === n, before), true, 'the focus goes on with the older ones');
  }

  await page.getByLabel('Quel acte').selectOption('erase');
  await until(page, '.filter-box > summary', /^1 filtre$/);
  await page.waitForFunction(() => [...document.querySelectorAll('.trail-text')].every((one) => one.textContent.includes('effacé') || one.textContent.includes('oublier')));
  assert.match(page.url(), /acte=erase/);
  await page.locator('.trail summary').first().focus();
  await page.keyboard.press('Enter');
  await button(page, 'Tout sur cette personne').first().click();
  await until(page, '.filter-box > summary', /^2 filtres$/);
  assert.match(page.url(), /personne=[0-9a-f]{32}/);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /Télécharger ces lignes/ }).click()]);
  assert.match(await readFile(await file.path(), 'utf8'), /^\ufeff.*;/);
  await button(page, 'Effacer les filtres').click();
  await until(page, '.filter-box > summary', /^Filtres$/);

  await field(page, 'Personne concernée').fill('INCONNUE-1');
  await field(page, 'Personne concernée').press('Tab');
  await until(page, '.field-error', /Personne ne porte cette référence/);

  await button(page, 'Vérifier la chaîne').click();
  await until(page, '.verified .callout-good', /La chaîne est intacte : [\d ]+ lignes relues/);
  await screenshot(page, 'audit');
  await page.finish();
});

test('an emergency is told at once, and goes when it is seen', async () => {
  const desk = await open('#/signalements', 'accueil');
  await desk.waitForSelector('.row');
  const { status } = await ask(desk, 'POST', '/break-glass', { reason: 'Voisine sans nouvelles depuis deux jours.' });
  assert.equal(status, 201);
  await desk.finish();
  const page = await open('#/droits', 'dpo');
  await until(page, '.callout-danger', /1 accès d’urgence à lire/);
  await page.getByRole('link', { name: 'Ouvrir le journal' }).click();
  await until(page, '.card-loud', /a ouvert un accès d’urgence.*Voisine sans nouvelles/);
  await button(page, /^Marquer comme vu/).click();
  await page.waitForSelector('.card-loud', { state: 'detached' });
  await page.finish();
});

// ---- registers, keyboard, phone, axe

test('the register and the impact assessment are read and printed', async () => {
  const page = await open('#/registre', 'dpo');
  await until(page, '.paper h2', /Registre/);
  assert.ok((await page.locator('.paper table').count()) > 0);
  assert.doesNotMatch(await page.locator('.paper').innerText(), /\*|\|/, 'no mark of the source is left');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.rail').isVisible(), false);
  assert.equal(await page.locator('.desk-paper .panel-head').isVisible(), false);
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('link', { name: 'Analyse d’impact' }).click();
  await until(page, '.paper h2', /impact/i);
  assert.match(page.url(), /#\/registre\/analyse-d-impact$/);
  await page.finish();
});

test('a list is walked and opened by keyboard alone', async () => {
  const page = await open('#/comptes', 'administration');
  await page.waitForSelector('.row');
  await page.keyboard.press('/');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const name = await page.evaluate(() => document.activeElement.querySelector('.row-name').textContent);
  await page.keyboard.press('Enter');
  await until(page, '.desk-detail h2', new RegExp(name));
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H2');
  await tabTo(page, '.button-main');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.panel-detail', { state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.querySelector('.row-name').textContent), name);
  await page.finish();
});

const first = async (page) => {
  await page.locator('.desk .row').first().click();
  await page.waitForSelector('.desk-detail .facts');
};
const VIEWS = [
  ['accounts', '#/comptes', '.row', 'administration', null],
  ['account', '#/comptes', '.row', 'administration', first],
  ['account-new', '#/comptes/nouveau', '.choice', 'administration', async (page) => button(page, 'Créer le compte').click()],
  ['rights', '#/droits?voir=cloturees', '.row', 'dpo', null],
  ['rights-one', '#/droits?voir=cloturees', '.row', 'dpo', first],
  ['rights-new', '#/droits/nouvelle', '.choice', 'dpo', null],
  ['audit', '#/journal', '.trail', 'dpo', async (page) => page.locator('.trail summary').first().click()],
  ['informing', '#/information', '.desk .row', 'coordination', null],
  ['informing-one', '#/information', '.desk .row', 'coordination', first],
  ['retention', '#/conservation', '.desk .row', 'dpo', null],
  ['retention-one', '#/conservation', '.desk .row', 'coordination', first],
  ['register', '#/registre', '.paper table', 'dpo', null],
  ['correct', '#/coordination/cas/40/corriger', '.report-form textarea', 'coordination', null],
];

for (const phone of [false, true]) {
  for (const dark of [false, true]) {
    for (const [name, hash, ready, as, act] of VIEWS) {
      test(`axe finds nothing serious: ${name} (${phone ? 'phone' : 'desk'}, ${dark ? 'dark' : 'light'})`, async () => {
        const page = await open(hash, as, { phone, dark });
        await page.waitForSelector(ready);
        if (act) await act(page);
        await page.waitForTimeout(300);
        assert.deepEqual(await axe(page), []);
        if (phone) {
          assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, 'nothing sticks out to the side');
          const small = await page.evaluate(() =>
            [...document.querySelectorAll('.panel :is(a, button, summary, select, .choice, .chip, input:not([type=radio], [type=checkbox]))')]
              .filter((one) => one.checkVisibility() && !one.closest('[inert]') && one.getBoundingClientRect().height < 43.5 && !one.closest('.chip, .visually-hidden'))
              .map((one) => `${one.className} ${one.textContent.slice(0, 30)}`),
          );
          assert.deepEqual(small, [], 'every target is 44 pixels high');
          if (!dark) await screenshot(page, `phone-desk-${name}`);
        }
        await page.finish();
      });
    }
  }
}
