// What every browser test shares: a server (given by BV_TEST_URL, or the program with the demonstration in a temporary
// folder), its accounts, a browser that calls nobody, and a page, signed in or not, that fails the test on any console
// error or request elsewhere.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const SCREENSHOTS = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'screenshots');

const AXE = createRequire(import.meta.url)('axe-core').source;
const CHROMIUM = process.env.BV_CHROMIUM ?? '/usr/bin/chromium';

async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

async function answers(url, seconds) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    try {
      if ((await fetch(url)).ok) return true;
    } catch {
      // Not yet.
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  return false;
}

export const BINARY = process.env.BV_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'release/bienveilleurs');

/// The accounts of each server: role → { login, password }.
const ACCOUNTS = new Map();
/// Cookies of who has signed in already: typing a password costs time by design.
const COOKIES = new Map();

/// Reads `demo-accounts.txt`: one account a line, `role login password`; lines that start with # are comments.
function readAccounts(path) {
  const accounts = {};
  if (!existsSync(path)) return accounts;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [role, login, ...password] = line.trim().split(/\s+/);
    if (password.length > 0 && !role.startsWith('#')) accounts[role] ??= { login, password: password.join(' ') };
  }
  return accounts;
}

/// The demonstration: on a server that is given by BV_TEST_URL (its accounts in the file BV_TEST_ACCOUNTS), or on a fresh
/// one.
export async function startServer() {
  if (!process.env.BV_TEST_URL) return startFresh((run) => run('demo'));
  const url = process.env.BV_TEST_URL.replace(/\/$/, '');
  ACCOUNTS.set(url, readAccounts(process.env.BV_TEST_ACCOUNTS ?? join(ROOT, 'var/demo-accounts.txt')));
  return { url, stop: () => undefined };
}

/// Starts the program in a temporary folder after `prepare(run, folder)` has filled it; `stop` ends it and removes the
/// folder.
export async function startFresh(prepare) {
  assert.ok(existsSync(BINARY), `${BINARY} is missing: build it first, or set BV_TEST_URL`);
  const folder = mkdtempSync(join(tmpdir(), 'bienveilleurs-browser-'));
  const port = await freePort();
  const env = {
    ...process.env,
    BV_DATABASE_URL: `sqlite:${join(folder, 'demo.sqlite')}`,
    BV_DATA_DIR: folder,
    BV_LISTEN: `127.0.0.1:${port}`,
    // The key of every throwaway server.
    BV_KEYS: `1 ${'11'.repeat(32)}`,
  };
  const accounts = {};
  const run = (...args) => {
    const done = spawnSync(BINARY, args, { cwd: folder, env, encoding: 'utf8', input: '' });
    // 1 is "imported in part", such as a person without a known place.
    assert.ok(done.status === 0 || done.status === 1, `${args.join(' ')} failed:\n${done.stdout}${done.stderr}`);
  };
  /// An account for a server that holds no demonstration.
  run.account = (role) => {
    const account = { login: `essai-${role}`, password: 'kfT7-xM3q-Rw8p-Hz5k' };
    const args = ['user', 'create', '--login', account.login, '--name', 'Camille Essai', '--role', role, '--password-stdin'];
    const done = spawnSync(BINARY, args, { cwd: folder, env, encoding: 'utf8', input: `${account.password}\n` });
    assert.equal(done.status, 0, `${args.join(' ')} failed:\n${done.stdout}${done.stderr}`);
    accounts[role] = account;
  };
  await prepare(run, folder);
  const server = spawn(BINARY, ['serve'], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (chunk) => {
    log = (log + chunk).slice(-8000);
  });
  const url = `http://127.0.0.1:${port}`;
  if (!(await answers(`${url}/readyz`, 30))) {
    server.kill();
    assert.fail(`the server did not become ready:\n${log}`);
  }
  ACCOUNTS.set(url, { ...readAccounts(join(folder, 'demo-accounts.txt')), ...accounts });
  return {
    url,
    stop: async () => {
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/// The account of a role on this server.
export function accountOf(url, role) {
  const account = ACCOUNTS.get(url)?.[role];
  assert.ok(account, `no account with the role ${role} is known for ${url}`);
  return account;
}

/// Types login and password in the sign-in page, which then leads on.
export async function typeAccount(page, { login, password }) {
  await page.locator('[name=username]').fill(login);
  await page.locator('[name=password]').fill(password);
  await page.locator('form [type=submit]').click();
}

/// Signs in as the role's account, through the page.
export async function signIn(page, role) {
  const { origin } = new URL(page.url());
  await page.waitForSelector('[name=password]');
  await typeAccount(page, accountOf(origin, role));
  await page.waitForSelector('.menu-button');
}

/// Signs out through the menu.
export async function signOut(page) {
  await page.locator('.menu-button').click();
  await page.locator('.menu-item', { hasText: 'Se déconnecter' }).click();
}

/// The context holds the session of this role, as if its account had signed in here before.
async function enter(context, url, role) {
  const key = `${url} ${role}`;
  if (!COOKIES.has(key)) {
    const page = await context.newPage();
    await page.goto(`${url}/#/connexion`);
    await signIn(page, role);
    await page.close();
    COOKIES.set(key, await context.cookies());
  }
  await context.addCookies(COOKIES.get(key));
}

/// Asks the server as the page does, with its session: same origin, same cookie.
export function ask(page, method, path, content) {
  return page.evaluate(
    async ([verb, where, body]) => {
      const answer = await fetch(`/api/v1${where}`, {
        method: verb,
        ...(body === null ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
    },
    [method, path, content ?? null],
  );
}

/// A page in its own context, signed in as `options.as` (coordination unless told; `null`: signed out). `page.finish()`
/// closes it and fails if anything went wrong meanwhile.
export async function openPage(browser, url, hash = '', options = {}) {
  const phone = options.phone === true;
  const context = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    hasTouch: phone,
    isMobile: phone,
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  const role = options.as === undefined ? 'coordination' : options.as;
  if (role !== null) await enter(context, url, role);
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const expected = (options.expected ?? []).some((pattern) => pattern.test(message.text()));
    if (!expected) wrong.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`error: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (['blob:', 'data:'].includes(target.protocol)) return;
    if (target.origin !== new URL(url).origin) wrong.push(`request to ${target.origin}`);
  });
  page.finish = async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  };
  if (options.before) await options.before(page);
  await page.goto(`${url}/${hash}`);
  return page;
}

export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.waitForTimeout(350);
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/// Serious and critical findings of axe, in words.
export async function axe(page) {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] } }),
  );
  assert.ok(passes.length > 10, 'axe has really looked');
  if (process.env.BV_AXE_ALL) for (const { id, impact, nodes } of violations) console.log(impact, id, nodes[0].html.slice(0, 160));
  return violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).slice(0, 4).join(' | ')}`);
}

/// How many pixels a canvas of a pane has painted: whether the way is really drawn.
export function painted(page, pane) {
  return page.evaluate((name) => {
    let count = 0;
    for (const canvas of document.querySelectorAll(`.pane-${name} canvas`)) {
      // Read from a copy, so that the page's own canvas stays as fast as it is.
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 3; i < data.length; i += 4) if (data[i] > 0) count += 1;
    }
    return count;
  }, pane);
}

/// Waits until a pane has painted more than `least` pixels, and fails saying `what` otherwise.
export async function untilPainted(page, pane, least, what) {
  for (const end = Date.now() + 8000; Date.now() < end; ) {
    if ((await painted(page, pane)) > least) return;
    await page.waitForTimeout(100);
  }
  assert.fail(what);
}

/// Presses Tab until the focused element matches, as somebody without a mouse would.
export async function tabTo(page, selector, most = 60) {
  for (let i = 0; i < most; i += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${selector} cannot be reached with Tab`);
}

/// Text with ordinary spaces, so that a test need not know which space stands where.
export async function said(locator) {
  return ((await locator.textContent()) ?? '').replace(/[\u00a0\u202f\s]+/g, ' ').trim();
}

export const QUIET_ROW = '.row:not(:has(.tag-danger))';
