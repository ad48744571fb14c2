// The dashboard that a real manager serves: the first start, the one-time token, and the page behind it.
//
//     RINGWAY_BUILD=build/dev node --test tests/dashboard/manager_test.mjs

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { VIEWS, go, isLive, openBrowser, signIn, watch } from './browser.mjs';
import { POLICY } from './manager.mjs';

const BUILD = resolve(process.env.RINGWAY_BUILD ?? 'build/dev');
const PROGRAM = join(BUILD, 'cli/ringway');
const FILES = new URL('../../manager/dashboard/', import.meta.url);
const PATIENCE_MS = 30000;

let browser;
let folder;
let manager;
let url;
let token;

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts a manager that has nothing yet; resolves with what it prints once `pattern` fits. */
function start(config, pattern) {
  manager = spawn(PROGRAM, ['manager', '--config', config], { cwd: folder });
  let printed = '';
  return new Promise((done, failed) => {
    const limit = setTimeout(() => failed(new Error(`no token within ${PATIENCE_MS} ms:\n${printed}`)), PATIENCE_MS);
    const take = (data) => {
      printed += data;
      const found = pattern.exec(printed);
      if (found === null) return;
      clearTimeout(limit);
      done(found[0]);
    };
    manager.stdout.on('data', take);
    manager.stderr.on('data', take);
    manager.on('exit', (code) => failed(new Error(`the manager ended with ${code}:\n${printed}`)));
  });
}

before(async () => {
  assert.ok(existsSync(PROGRAM), `${PROGRAM} is not built: ./run build`);
  folder = mkdtempSync(join(tmpdir(), 'ringway-dashboard-'));
  const [port, agents] = [await freePort(), await freePort()];
  const config = join(folder, 'manager.yaml');
  const lines = ['name: manager-1', 'store: store.db', 'authority: authority', 'api:', `  address: 127.0.0.1:${port}`];
  lines.push('agents:', `  address: 127.0.0.1:${agents}`);
  writeFileSync(config, `${lines.join('\n')}\n`);
  url = `http://127.0.0.1:${port}/`;
  token = await start(config, /rw_[0-9a-f]+_[0-9a-f]+/);
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  manager?.removeAllListeners('exit');
  manager?.kill('SIGKILL');
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

test('each file is served as it is, under the policy, and sent again only when it is another', async () => {
  for (const name of readdirSync(FILES).filter((each) => each !== 'package.json')) {
    const reply = await fetch(name === 'index.html' ? url : `${url}assets/${name}`);
    assert.equal(reply.status, 200, name);
    assert.equal(await reply.text(), readFileSync(new URL(name, FILES), 'utf8'), name);
    assert.equal(reply.headers.get('content-security-policy'), POLICY);
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(reply.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(reply.headers.get('cache-control'), 'no-cache');
    const again = await fetch(reply.url, { headers: { 'if-none-match': reply.headers.get('etag') } });
    assert.equal(again.status, 304, name);
  }
  for (const path of ['assets/none.js', 'assets/..%2fmanager.yaml', 'assets/', 'assets', 'index.html']) {
    assert.notEqual((await fetch(url + path)).status, 200, path);
  }
});

test('a first sign-in with the one-time token leads to a page without errors or requests elsewhere', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const faults = await watch(page, url);
  await signIn(page, { url }, token);
  const lasting = await page.locator('#new-token').innerText();
  assert.match(lasting, /^rw_[0-9a-f]+_[0-9a-f]+$/);
  assert.notEqual(lasting, token);
  await page.getByRole('button', { name: 'I have kept it: go on' }).click();
  await isLive(page);
  // The browser's own word of the one refusal that tells a one-time token from others.
  const refusals = faults.splice(0).filter((fault) => !/status of 403/.test(fault));
  assert.deepEqual(refusals, []);
  for (const view of VIEWS.filter((each) => each !== 'sites/shop')) await go(page, view);
  await seesAndRollsBack(page, lasting);
  assert.deepEqual(faults, []);
  await context.close();
});

/** Revisions that are made elsewhere are seen at once; going back to the first is another one. */
async function seesAndRollsBack(page, lasting) {
  const ask = (method, path, body) =>
    fetch(url + path, {
      method,
      body: body && JSON.stringify(body),
      headers: { authorization: `Bearer ${lasting}`, 'content-type': 'application/json', 'if-none-match': '*' },
    });
  await go(page, 'revisions');
  for (const name of ['zurich', 'oslo']) {
    assert.equal((await ask('PUT', `v1/pops/${name}`, { name, latitude: 47.4, longitude: 8.5 })).status, 201, name);
  }
  await page.getByRole('heading', { name: 'Revision 2' }).waitFor();
  await page.getByRole('table', { name: 'What changed of pops/oslo' }).getByText('47.4').waitFor();
  await page.locator('.revision-list a').last().click();
  await page.getByRole('button', { name: 'Roll back to this…' }).click();
  await page.getByRole('dialog').getByText('pops/oslo').first().waitFor();
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await page.getByText('Revision 3 has what was in revision 1.').waitFor();
  assert.equal((await fetch(`${url}v1/pops/oslo`, { headers: { authorization: `Bearer ${lasting}` } })).status, 404);
  await go(page, '');
  await page.locator('.tile').filter({ hasText: 'Revision' }).getByText('3', { exact: true }).waitFor();
}

test('the one-time token is good no more', async () => {
  const reply = await fetch(`${url}v1/status`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(reply.status, 401);
});
