// Who sees what: the public page, signing in and out, what each role is shown, the short code, "Voir en tant que…", and
// that nothing of anybody stays on the screen or in the tab when a session ends.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';

import { accountOf, ask, launch, openPage, said, screenshot, signIn, signOut, startServer, typeAccount } from './support.mjs';

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

/// Waits until the page says what it should, with ordinary spaces.
async function until(page, selector, pattern) {
  for (const end = Date.now() + 12_000; Date.now() < end; ) {
    const texts = await page.locator(selector).allTextContents();
    if (texts.some((text) => pattern.test(text.replace(/[\u00a0\u202f\s]+/g, ' ')))) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`${selector} never said ${pattern}`);
}

/// The names, addresses and phones that a list of cases shows.
function shownNames(page) {
  return page.locator('.row-name').allTextContents();
}

async function nothingLeft(page, names) {
  const page_ = await page.evaluate(() => document.documentElement.outerHTML);
  for (const name of names) assert.ok(!page_.includes(name), `${name} is still in the page`);
  assert.equal(await page.locator('.marker-case, .marker-volunteer').count(), 0, 'no marker of anybody is left');
}

test('signed out, the page tells how to report, lists the relays, and asks for nobody', async () => {
  const page = await openPage(browser, server.url, '', { as: null });
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.waitForSelector('.row');
  assert.match(await said(page.locator('.call')), /02 35 19 45 45.*lundi au vendredi.*15.*112.*3114.*114.*119/);
  assert.match(await said(page.locator('.foot')), /Mentions légales.*Données personnelles.*Accessibilité : partiellement conforme/);
  const all = await page.locator('.row').count();
  const name = (await shownNames(page))[0];
  await page.locator('[data-search]').fill(name);
  await page.waitForFunction((n) => document.querySelectorAll('.row').length < n, all);
  await page.locator('.row').first().click();
  await page.waitForSelector('.facts');
  assert.match(page.url(), /#\/relais\/\d+$/);
  assert.equal(await page.locator('.marker-relay.marker-selected').count(), 1);
  await page.waitForTimeout(6000);
  assert.deepEqual(asked.filter((path) => /cases|volunteers|matches|study-area|coverage/.test(path)), []);
  assert.equal((await page.context().cookies()).length, 0, 'no cookie without a session');
  await screenshot(page, 'public');
  for (const notice of ['Mentions légales', 'Données personnelles', 'Accessibilité']) {
    await page.locator('.foot a', { hasText: notice }).click();
    await page.waitForSelector('.prose');
    await until(page, 'h1', new RegExp(notice, 'i'));
    assert.ok((await page.locator('.to-complete').count()) > 0, 'what the city has yet to fill in is marked');
  }
  await page.finish();
});

test('signed out, all works on a phone and by keyboard', async () => {
  const page = await openPage(browser, server.url, '', { as: null, phone: true });
  await page.waitForSelector('.row');
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, 'nothing sticks out to the side');
  await screenshot(page, 'phone-public');
  await page.locator('.band-sign-in').tap();
  await page.waitForSelector('[name=password]');
  await screenshot(page, 'phone-sign-in');
  const { login, password } = accountOf(server.url, 'accueil');
  await page.locator('[name=username]').focus();
  await page.keyboard.type(login);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.menu-button');
  await page.finish();
});

test('a wrong password and an unknown account get the same calm answer, and the address is kept', async () => {
  const page = await openPage(browser, server.url, '#/couverture?seuil=4', { as: null, expected: REFUSED });
  await page.waitForSelector('[name=password]');
  await page.locator('form [type=submit]').click();
  assert.equal(await page.locator('.field-error:not(:empty)').count(), 2, 'each missing field says so');
  const answers = [];
  for (const login of [accountOf(server.url, 'coordination').login, 'personne-du-tout']) {
    await typeAccount(page, { login, password: 'ce-n-est-pas-cela' });
    await page.waitForSelector('.callout-note');
    answers.push(await said(page.locator('.callout-note')));
    assert.equal(await page.locator('[name=password]').inputValue(), '', 'the wrong password is gone');
  }
  assert.equal(answers[0], answers[1]);
  await screenshot(page, 'sign-in-wrong');
  await page.locator('[name=password]').fill('x');
  await page.getByRole('button', { name: 'Afficher (Mot de passe)' }).click();
  assert.equal(await page.locator('[name=password]').getAttribute('type'), 'text');
  await signIn(page, 'coordination');
  await page.waitForSelector('.figures tbody tr');
  assert.match(page.url(), /#\/couverture\?seuil=4$/);
  await page.finish();
});

test('too many attempts say how long to wait, and count down', async () => {
  const page = await openPage(browser, server.url, '#/connexion', {
    as: null,
    expected: REFUSED,
    before: (fresh) =>
      fresh.route('**/api/v1/session', (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({ status: 429, headers: { 'retry-after': '2' }, contentType: 'application/problem+json', body: '{"code":"too_many_attempts"}' })
          : route.continue(),
      ),
  });
  await page.waitForSelector('[name=password]');
  await typeAccount(page, { login: 'x', password: 'x' });
  await page.waitForSelector('.countdown');
  assert.equal(await page.locator('form [type=submit]').getAttribute('aria-disabled'), 'true');
  await page.waitForSelector('.countdown', { state: 'detached' });
  assert.equal(await page.locator('form [type=submit]').getAttribute('aria-disabled'), null);
  await page.finish();
});

const OWN_MODES = ['Mes personnes', 'Signalements', 'Coordination', 'Couverture', 'Relais'];
const MODES_OF = {
  accueil: ['Signalements', 'Relais'],
  coordination: ['Coordination', 'Couverture', 'Relais'],
  pilotage: ['Couverture', 'Relais'],
  diffusion: ['Couverture', 'Relais'],
  bienveilleur: ['Mes personnes', 'Relais'],
  dpo: [],
  administration: [],
};

test('who may not see homes is told that the coverage by volunteers is not exact', async () => {
  for (const [role, by, isTold] of [['diffusion', 'volunteer', true], ['diffusion', 'relay', false], ['pilotage', 'volunteer', false]]) {
    const page = await openPage(browser, server.url, by === 'relay' ? '#/couverture?par=relais' : '#/couverture', { as: role });
    await page.waitForSelector('main table');
    const hint = page.getByText(by === 'relay' ? /porte l’autocollant/ : /qui a encore une place/);
    await hint.waitFor();
    assert.equal(/approchés/.test(await hint.textContent()), isTold, `${role} ${by}`);
    await screenshot(page, `coverage-${role}-${by}`);
    await page.finish();
  }
});

for (const [role, modes] of Object.entries(MODES_OF)) {
  test(`${role} sees its own modes and no others`, async () => {
    const page = await openPage(browser, server.url, '', { as: role });
    await page.waitForSelector('.menu-button');
    await page.waitForSelector('main h1');
    const words = (await page.locator('.rail li').allTextContents()).map((word) => word.trim());
    assert.deepEqual(words.filter((word) => OWN_MODES.includes(word)), modes);
    // Any refusal of a layer would be a console error, which `finish` reports.
    await page.waitForTimeout(1500);
    await screenshot(page, `role-${role}`);
    const foreign = role === 'coordination' ? '#/mes-personnes' : '#/coordination';
    await page.goto(`${server.url}/${foreign}`);
    await until(page, 'h1', /n’est pas pour votre rôle/);
    assert.equal(await page.locator('.row').count(), 0);
    await page.finish();
  });
}

for (const role of ['pilotage', 'coordination']) {
  test(`${role} turns on the situations by hexagon, and reads how many or why none`, async () => {
    const asked = [];
    const page = await openPage(browser, server.url, '#/couverture', {
      as: role,
      before: (fresh) => fresh.on('request', (request) => asked.push(new URL(request.url()).pathname)),
    });
    await page.waitForSelector('.street-row');
    assert.ok(!asked.some((path) => path.endsWith('/case-hexes')), 'nothing is asked before it is shown');
    await page.locator('summary.map-button').click();
    await page.locator('[data-layer=case_hexes]').check();
    await page.waitForSelector('.case-hexes .hex-row, .case-hexes .empty');
    assert.match(await said(page.locator('.case-hexes')), /moins de 11 foyers, ou avec moins de 5 situations, n’est jamais montré/);
    const { json } = await ask(page, 'GET', '/layers/case-hexes');
    assert.equal(await page.locator('.hex-row').count(), json.features.length);
    if (json.features.length === 0) {
      assert.match(await said(page.locator('.case-hexes .empty')), /trop peu de situations .* sans désigner quelqu’un\. Affichez la couverture/);
      assert.equal(await page.locator('.pane-case-hexes path').count(), 0);
    } else {
      for (const row of await page.locator('.hex-row .row-text > span:first-child').all()) {
        assert.match(await said(row), /^(Quartier .+|Hors secteur) — (\d+ à \d+ situations|50 situations ou plus)$/);
      }
      const outlines = new Set(json.features.map((cell) => JSON.stringify(cell.geometry.coordinates)));
      assert.equal(await page.locator('.pane-case-hexes path').count(), outlines.size);
    }
    await screenshot(page, `case-hexes-${role}`);
    await page.locator('.case-hexes input').uncheck();
    await page.waitForSelector('.case-hexes .hint', { state: 'hidden' });
    assert.equal(await page.locator('.hex-row').count() + (await page.locator('.pane-case-hexes path').count()), 0);
    await page.finish();
  });
}

test('the flyer planner is offered no situations by hexagon, and the page asks for none', async () => {
  const asked = [];
  const page = await openPage(browser, server.url, '#/couverture', {
    as: 'diffusion',
    before: (fresh) => fresh.on('request', (request) => asked.push(new URL(request.url()).pathname)),
  });
  await page.waitForSelector('.street-row');
  await page.locator('summary.map-button').click();
  await page.waitForSelector('[data-layer=hexes]');
  assert.equal(await page.locator('[data-layer=case_hexes], .case-hexes').count(), 0);
  assert.ok(!asked.some((path) => path.endsWith('/case-hexes')));
  await page.finish();
});

test('the phone desk sees who was reported, and neither notes nor situation', async () => {
  const page = await openPage(browser, server.url, '#/signalements', { as: 'accueil' });
  await page.waitForSelector('.row');
  await page.locator('.row').first().click();
  await page.waitForSelector('.facts');
  const facts = await said(page.locator('.facts'));
  assert.doesNotMatch(facts, /Ce qui a été vu|Causes|Durée|Signes/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await page.waitForSelector('[role=combobox]');
  assert.match(page.url(), /#\/signalements\/nouveau$/);
  await page.finish();
});

test('a volunteer sees own people, and of a proposal the quarter, a walk in words, the languages', async () => {
  const page = await openPage(browser, server.url, '', { as: 'bienveilleur', phone: true });
  await page.waitForSelector('.row, .proposal, .empty');
  await screenshot(page, 'phone-people');
  for (const proposal of await page.locator('.proposal').all()) {
    assert.match(await said(proposal), /^Quelqu’un, quartier .+(à moins de|entre|à plus de) .+ minutes à pied/);
    assert.equal(await proposal.locator('a').count(), 0);
  }
  if ((await page.locator('.row').count()) > 0) {
    await page.locator('.row').first().tap();
    await page.waitForSelector('.facts');
    await screenshot(page, 'phone-person');
  }
  await page.finish();
});

test('signing out wipes what was shown, and Back brings nothing again', async () => {
  const page = await openPage(browser, server.url, '#/connexion', { as: null });
  await signIn(page, 'coordination');
  await page.waitForSelector('.row');
  const names = (await shownNames(page)).filter((name) => !/Personne non nommée/.test(name));
  await page.locator('.row').first().click();
  await page.waitForSelector('.facts');
  await signOut(page);
  await page.waitForSelector('.call');
  await nothingLeft(page, names);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await page.goBack();
  await page.waitForSelector('[name=password]');
  await nothingLeft(page, names);
  await page.finish();
});

test('whoever signs out in the middle of a report says whether it is kept', async () => {
  const page = await openPage(browser, server.url, '#/connexion', { as: null });
  await signIn(page, 'accueil');
  await page.goto(`${server.url}/#/signalements/nouveau`);
  await page.locator('textarea').fill('Volets fermés.');
  await signOut(page);
  await page.getByRole('button', { name: 'Garder et se déconnecter' }).click();
  await page.waitForSelector('.call');
  assert.ok(!(await page.content()).includes('Volets fermés.'));
  await page.goto(`${server.url}/#/signalements/nouveau`);
  await signIn(page, 'accueil');
  await page.waitForSelector('textarea');
  assert.equal(await page.locator('textarea').inputValue(), 'Volets fermés.');
  await signOut(page);
  await page.getByRole('button', { name: 'Effacer et se déconnecter' }).click();
  await page.waitForSelector('.call');
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await page.finish();
});

test('a session that ends elsewhere wipes the page, keeps the address, and leads back', async () => {
  const page = await openPage(browser, server.url, '#/connexion', { as: null, expected: REFUSED });
  await signIn(page, 'coordination');
  await page.waitForSelector('.row');
  await page.locator('.row').first().click();
  await page.waitForSelector('.facts');
  const address = page.url();
  const names = (await shownNames(page)).filter((name) => !/Personne non nommée/.test(name));
  await page.context().clearCookies();
  await page.waitForSelector('[name=password]', { timeout: 15_000 });
  await nothingLeft(page, names);
  assert.match(await said(page.locator('.card')), /Votre session est terminée/);
  assert.equal(page.url(), address);
  await signIn(page, 'coordination');
  await page.waitForSelector('.facts');
  assert.equal(page.url(), address);
  await page.finish();
});

test('a coordinator sees what a volunteer sees, changes nothing, and comes back', async () => {
  const page = await openPage(browser, server.url);
  await page.waitForSelector('.row');
  const asked = [];
  page.on('request', (request) => asked.push([new URL(request.url()).pathname, request.headers()['view-as']]));
  await page.locator('.menu-button').click();
  await page.locator('.menu-item', { hasText: 'Voir en tant que' }).click();
  await page.locator('dialog .row', { hasText: 'BienVeilleur' }).first().click();
  await page.waitForSelector('.banner-loud');
  await until(page, 'h1', /Mes personnes/);
  assert.match(await said(page.locator('.banner-loud')), /Vous voyez ce que voit .+ Rien ne peut être changé/);
  await page.waitForTimeout(1000);
  const layers = asked.filter(([path]) => path.includes('/layers/') || path.endsWith('/study-area'));
  assert.ok(layers.length > 0 && layers.every(([, as]) => as !== undefined), 'each question says as whom');
  await screenshot(page, 'viewing');
  await page.keyboard.press('n');
  assert.ok(!page.url().includes('nouveau'));
  await page.getByRole('button', { name: 'Quitter cette vue' }).click();
  await until(page, 'h1', /Coordination/);
  assert.equal(await page.locator('.banner-loud').count(), 0);
  await page.finish();
});

test('a volunteer’s short code opens the page again', async () => {
  const page = await openPage(browser, server.url, '#/connexion', { as: null, phone: true, expected: REFUSED });
  await signIn(page, 'bienveilleur');
  await page.goto(`${server.url}/#/mon-compte`);
  const code = page.locator('input.digits').first();
  await code.waitFor();
  await code.fill('123456');
  await page.getByRole('button', { name: 'Reconnaître cet appareil' }).click();
  await until(page, '.field-error', /trop facile/);
  await code.fill('481957');
  await page.getByRole('button', { name: 'Reconnaître cet appareil' }).click();
  await until(page, '.notice-good', /reconnu/);
  await signOut(page);
  await page.waitForSelector('.digits-big');
  await screenshot(page, 'phone-pin');
  await page.locator('.digits-big').fill('990011');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await until(page, '.field-error', /pas ce code/);
  await page.locator('.digits-big').fill('481957');
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.waitForSelector('.menu-button');
  await page.finish();
});

/// The code of RFC 6238 for a base32 secret.
function totp(secret, at = Date.now()) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', key).update(step).digest();
  const offset = hash[19] & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test('one’s own account: sessions, strength of a password, the second step set up and taken away', async () => {
  const page = await openPage(browser, server.url, '#/mon-compte', { as: 'diffusion', expected: REFUSED });
  await page.waitForSelector('.card-row');
  assert.match(await said(page.locator('.facts')), /Identifiant.*Rôles ?Diffusion/);
  assert.match(await said(page.locator('.card-row').first()), /celle-ci/);
  await page.locator('[name=new-password]').fill('azertyuiop12');
  assert.doesNotMatch(await said(page.locator('.strength-word')), /Assez solide/);
  await page.locator('[name=new-password]').fill('tulipe hangar vitesse ongle mercredi poivre digue');
  assert.match(await said(page.locator('.strength-word')), /Assez solide/);
  await page.locator('[name=current-password]').fill('ce-n-est-pas-cela');
  await page.getByRole('button', { name: 'Changer le mot de passe' }).click();
  await until(page, '.field-error', /mot de passe actuel/);
  await page.getByRole('button', { name: 'Mettre en place' }).click();
  await page.waitForSelector('.qr');
  assert.ok((await page.locator('.qr').evaluate(async (image) => { await image.decode(); return image.naturalWidth; })) > 0, 'the drawing is shown');
  await screenshot(page, 'second-step');
  const code = page.locator('form:has-text("Code à 6 chiffres") input');
  const secret = await said(page.locator('.secret'));
  const right = totp(secret);
  await code.fill(right === '000000' ? '000001' : '000000');
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await until(page, '.field-error', /ne convient pas/);
  await code.fill(totp(secret));
  await page.getByRole('button', { name: 'Confirmer' }).click();
  await until(page, '.notice-good', /deuxième étape est en place/);
  await page.getByRole('button', { name: 'Retirer la deuxième étape' }).click();
  await until(page, '.notice-good', /retirée/);
  await page.finish();
});

test('an emergency asks why, says who is told, and stays on the screen', async () => {
  const page = await openPage(browser, server.url, '#/connexion', { as: null });
  await signIn(page, 'accueil');
  await page.goto(`${server.url}/#/mon-compte`);
  await page.getByRole('button', { name: /Ouvrir un accès d.urgence/ }).click();
  assert.match(await said(page.locator('dialog')), /protection des données est prévenue/);
  await page.getByRole('button', { name: /Ouvrir l.accès/ }).click();
  await until(page, '.field-error', /dix caractères/);
  await page.locator('dialog textarea').fill('La personne ne répond plus, la coordination non plus.');
  await page.getByRole('button', { name: /Ouvrir l.accès/ }).click();
  await page.waitForSelector('.banner-warn');
  await page.goto(`${server.url}/#/signalements`);
  await page.waitForSelector('.row');
  await page.locator('.row').first().click();
  await page.waitForSelector('.facts');
  assert.match(await said(page.locator('.banner-warn')), /jusqu’à \d+ h \d{2}/);
  await screenshot(page, 'emergency');
  await signOut(page);
  await page.waitForSelector('.call');
  await page.finish();
});

test('before the session ends the page says so, and staying is one click', async () => {
  const soon = (answer) => ({ ...answer, idle_until_at: new Date(Date.now() + 90_000).toISOString() });
  let late = true;
  const page = await openPage(browser, server.url, '#/relais', {
    before: (fresh) =>
      fresh.route('**/api/v1/session', async (route) => {
        const answer = await route.fetch();
        const json = await answer.json();
        await route.fulfill({ response: answer, json: late ? soon(json) : json });
      }),
  });
  await page.waitForSelector('.banner-warn', { timeout: 15_000 });
  assert.match(await said(page.locator('.banner-warn')), /se termine dans 2 minutes/);
  late = false;
  await page.getByRole('button', { name: 'Rester connecté' }).click();
  await page.waitForSelector('.banner-warn', { state: 'detached' });
  await page.finish();
});
