// The dashboard in Chromium, before a paper manager: what it shows, and what an operator does with it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { VIEWS, go, isLive, openBrowser, signIn, visit } from './browser.mjs';
import { HOSTILE, hostileFleet, largeFleet, smallFleet } from './fleet.mjs';
import { ONE_TIME, TOKEN } from './manager.mjs';

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const REFUSED = /Failed to load resource|ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/; // the browser's own words

test('a wrong token is told so, a right one is kept for this tab alone', async (t) => {
  const { page, manager } = await visit(t, browser, { signedIn: false, allowed: REFUSED });
  await signIn(page, manager, 'rw_0_0');
  await page.getByRole('alert').getByText('there is no such token').waitFor();
  assert.equal(await page.getByLabel('API token').evaluate((field) => field === document.activeElement), true);
  await page.getByLabel('API token').fill(TOKEN);
  await page.keyboard.press('Enter');
  await isLive(page);
  assert.deepEqual(await page.evaluate(() => [sessionStorage.length, localStorage.length, document.cookie]), [
    1,
    0,
    '',
  ]);
  assert.ok(
    manager.requests.every((request) => !request.includes(TOKEN)),
    'a token in an address',
  );
  await page.reload();
  await isLive(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('API token').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});

test('a one-time token is exchanged for one that is shown once', async (t) => {
  const { page, manager } = await visit(t, browser, { signedIn: false, allowed: REFUSED });
  await signIn(page, manager, ONE_TIME);
  await page.getByText(TOKEN).waitFor();
  const body = manager.bodies[manager.requests.indexOf('POST /v1/tokens/exchange')];
  assert.deepEqual(JSON.parse(body), { role: 'owner', description: 'made at the first sign-in', life: '90d' });
  await page.getByRole('button', { name: 'I have kept it: go on' }).click();
  await isLive(page);
  assert.equal(await page.getByText(TOKEN).count(), 0);
});

test('a token that is good no more leads back to the sign-in', async (t) => {
  const { page, manager } = await visit(t, browser, { signedIn: false, allowed: REFUSED });
  await page.goto(manager.url);
  await page.evaluate(() => sessionStorage.setItem('ringway.token', 'rw_1_1'));
  await page.reload();
  await page.getByRole('alert').getByText('there is no such token').waitFor();
});

test('what the manager tells is on the page, with units', async (t) => {
  const { page } = await visit(t, browser);
  await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
  const text = await page.locator('main').innerText();
  for (const part of [
    'of 11',
    'Wave 3',
    '8 of 11 gateways',
    'pop:singapore',
    'connections left',
    '52.4° N 4.9° E',
    'refused revision 42',
    '% loss',
    '% used',
    ' ms',
    '/s',
  ])
    assert.ok(text.includes(part), part);
  assert.equal(await page.locator('.overlay-lines path').count(), 24);
  await go(page, 'gateways');
  const row = page.getByRole('row', { name: /frankfurt-2/ });
  assert.match(await row.innerText(), /42 refused[\s\S]*uses 41[\s\S]*"\/pay\(" is not a path/);
  await go(page, 'sites/shop');
  assert.match(await page.locator('.ring-large .ring-bar').getAttribute('aria-label'), /ring 0 8 %, ring 1 30 %/);
  assert.match(await page.getByRole('table', { name: 'Origins of shop' }).innerText(), /shop-3[\s\S]*draining/);
});

test('gateways without links are in the picture too, where there is room for all', async (t) => {
  const status = () => {
    const fleet = smallFleet();
    const gone = (link) => link.frontend === 'new-york-2' || link.backend === 'dublin-1';
    return { ...fleet, links: fleet.links.filter((link) => !gone(link)) };
  };
  const { page } = await visit(t, browser, { status });
  assert.equal(await page.locator('.overlay-lines path').count(), 14);
  assert.match(await page.locator('.overlay-side.left').innerText(), /new-york-2/);
  assert.match(await page.locator('.overlay-side.right').innerText(), /dublin-1/);
  await page.getByLabel('Only').fill('frankfurt');
  await page.getByText('4 links', { exact: true }).waitFor();
  assert.doesNotMatch(await page.locator('.overlay-side.right').innerText(), /dublin-1/);
  await page.getByLabel('Only').fill('no such thing');
  await page.getByText('Nothing fits.').waitFor();
});

test('names that would be scripts stay text', async (t) => {
  const { page, manager } = await visit(t, browser, { status: hostileFleet });
  manager.revisions.unshift({
    number: 43,
    time: HOSTILE[0],
    author: HOSTILE[1],
    message: HOSTILE[0],
    hash: HOSTILE[5],
    changes: [{ kind: 'sites', name: HOSTILE[0], before: { [HOSTILE[0]]: HOSTILE[1] }, after: { x: HOSTILE[0] } }],
  });
  for (const text of HOSTILE) manager.happens(text, text, text);
  manager.tell('revision', {});
  for (const view of [...VIEWS, `sites/${encodeURIComponent(HOSTILE[0])}`, encodeURIComponent(HOSTILE[1])]) {
    await go(page, view);
    assert.equal(await page.evaluate(() => window.hacked), undefined, view);
    assert.equal(
      await page.locator('#app img, #app script, #app iframe, #app [onerror], #app [onload]').count(),
      0,
      view,
    );
    const links = await page.locator('a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    assert.deepEqual(
      links.filter((href) => !/^#/.test(href)),
      [],
      view,
    );
  }
  await go(page, 'sites');
  assert.equal(await page.getByRole('link', { name: HOSTILE[0], exact: true }).count(), 1);
});

test('the policy refuses markup from text', async (t) => {
  const { page } = await visit(t, browser, { allowed: /policy|TrustedHTML|Content Security Policy/ });
  const refused = await page.evaluate(() => {
    try {
      document.body.innerHTML += '<img src=x onerror="window.hacked=1">';
      return false;
    } catch {
      return true;
    }
  });
  assert.equal(refused, true);
});

test('every view of every state is without errors, breaches of the policy and requests elsewhere', async (t) => {
  let second = 0;
  const states = [
    () => ({}),
    () => smallFleet(second),
    () => ({ ...smallFleet(), sites: [], links: [], gateways: [] }),
  ];
  const { page, manager } = await visit(t, browser, { everyMs: 100 });
  for (const state of states) {
    manager.status = state;
    for (const view of [...VIEWS, 'nowhere', 'sites/nowhere']) {
      second += 10;
      await go(page, view);
    }
  }
  assert.ok(
    manager.requests.every((request) => /^GET \/(v1|assets|$)/.test(request)),
    'it only read',
  );
});

test('a lost manager is told with the time, and it is live again when the manager is back', async (t) => {
  const { page, manager } = await visit(t, browser, { allowed: REFUSED });
  manager.happens('move', 'shop', 'one');
  await page.getByText('shop one').first().waitFor();
  const { port } = manager;
  await manager.stop();
  await page.getByText(/^Not live since \d\d:\d\d:\d\d UTC\.$/).waitFor();
  assert.equal(await page.locator('.tiles').count(), 1, 'what was known stays on the page');
  manager.status = () => ({ ...smallFleet(), revision: 77 });
  manager.events.push({ number: 2, time: new Date().toISOString(), kind: 'move', subject: 'api', text: 'two' });
  await manager.start({ port });
  await page
    .getByRole('button', { name: 'Try now' })
    .click()
    .catch(() => {});
  await isLive(page);
  await page.locator('.tile').filter({ hasText: 'Revision' }).getByText('77').waitFor();
  await page.getByText('api two').waitFor();
  assert.equal(await page.locator('.events li').count(), 2, 'no event twice');
  assert.equal(await page.getByText(/Not live since/).count(), 0);
  await go(page, 'events');
  await page.getByText('the last 2; times are UTC', { exact: true }).waitFor();
});

test('a stream that falls silent is not live', async (t) => {
  const { page, manager } = await visit(t, browser, { allowed: REFUSED });
  manager.mute();
  await page.getByText(/^Not live since/).waitFor({ timeout: 12000 });
});

test('a rollback shows what would change, asks, and is done once', async (t) => {
  const { page, manager } = await visit(t, browser);
  await go(page, 'revisions/41');
  const posts = () => manager.requests.filter((request) => request.startsWith('POST'));
  await page.getByRole('button', { name: 'Roll back to this…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Roll back to revision 41?' });
  await dialog.getByText('sites/shop').first().waitFor();
  assert.equal(await dialog.evaluate((node) => node.contains(document.activeElement)), true);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual(posts(), ['POST /v1/revisions/41/rollback?dry_run']);
  await page.getByRole('button', { name: 'Roll back to this…' }).click();
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await page.getByText('Revision 43 has what was in revision 41.').waitFor();
  assert.equal(posts().at(-1), 'POST /v1/revisions/41/rollback');
  assert.equal(posts().length, 3);
  await page.getByRole('heading', { name: 'Revision 43' }).waitFor();
});

test('a rollback is refused where another revision came between', async (t) => {
  const { page, manager } = await visit(t, browser, { allowed: REFUSED });
  await go(page, 'revisions/41');
  await page.getByRole('button', { name: 'Roll back to this…' }).click();
  await page.getByRole('dialog').waitFor();
  manager.revisions.unshift({ ...manager.revisions[0], number: 43, message: 'somebody was quicker' });
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await page
    .getByRole('alert')
    .getByText(/Somebody has made another revision/)
    .waitFor();
  await page.getByText('somebody was quicker').waitFor();
});

test('a drain is asked for, and undone with one press', async (t) => {
  const { page, manager } = await visit(t, browser);
  await go(page, 'gateways');
  await page.getByRole('button', { name: 'Drain frontend:new-york-1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Drain', exact: true }).click();
  await page.getByText('frontend:new-york-1 is being drained.').waitFor();
  await go(page, '');
  await page.getByRole('button', { name: 'Undo the drain of pop:singapore' }).click();
  await page.getByText('pop:singapore takes new work again.').waitFor();
  assert.deepEqual(manager.drained, ['PUT frontend:new-york-1', 'DELETE pop:singapore']);
});

test('events are shown as they happen and announced politely, not one by one', async (t) => {
  const { page, manager } = await visit(t, browser);
  for (let at = 0; at < 5; at += 1) manager.happens('move', 'shop', `step ${at}`);
  const place = page.locator('#announcer');
  assert.equal(await place.getAttribute('aria-live'), 'polite');
  await place.getByText(/^5 new events\. The last: shop step 4$/).waitFor();
  await go(page, 'events');
  assert.equal(await page.locator('.events li').count(), 5);
  assert.match(await page.locator('.events li').first().innerText(), /step 4/);
});

test('older events are a press away, and missed ones are read again', async (t) => {
  const { page, manager } = await visit(t, browser, { everyMs: 100 });
  const past = (number) => ({
    number,
    time: '2026-11-22T01:00:00Z',
    kind: 'node',
    subject: 'x',
    text: `event ${number}`,
  });
  manager.events = Array.from({ length: 450 }, (_, at) => past(at + 1));
  manager.tell('gap', { after: 0 });
  await go(page, 'events');
  await page.getByText('the last 200; times are UTC', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Older' }).click();
  await page.getByText('the last 400; times are UTC', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Older' }).click();
  await page.getByText('the last 450; times are UTC', { exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Older' }).count(), 0);
  assert.match(await page.locator('.events li').last().innerText(), /event 1$/);
});

test('gateways of another history are taken over only when an operator says so', async (t) => {
  const status = () => {
    const fleet = smallFleet();
    Object.assign(fleet.gateways[2], { state: 'foreign', revision: 50, heard_s: null });
    return fleet;
  };
  const { page, manager } = await visit(t, browser, { status });
  await page.getByText('of another history; an operator must take over').waitFor();
  await go(page, 'gateways');
  await page.getByRole('button', { name: 'Take over…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take over', exact: true }).click();
  await page.getByText('The gateways get what this manager has.').waitFor();
  assert.equal(manager.requests.filter((request) => request === 'POST /v1/takeover').length, 1);
});

test('a table is sorted, filtered and leafed through', async (t) => {
  const { page } = await visit(t, browser, { status: () => largeFleet(1000) });
  await go(page, 'sites');
  const rows = page.locator('tbody tr');
  assert.equal(await rows.count(), 50);
  await page.getByText('1–50 of 1,000').waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('51–100 of 1,000').waitFor();
  await page.getByRole('button', { name: 'Requests' }).click();
  await page.locator('th[aria-sort="descending"]').getByText('Requests').waitFor();
  await page.getByLabel('Filter').fill('site-77');
  await page.getByText('11 of 1,000').waitFor();
  assert.equal(await rows.count(), 11);
});

test('a thousand sites, two hundred gateways and a thousand links stay fluid', async (t) => {
  let second = 0;
  const { page, manager } = await visit(t, browser, { status: () => largeFleet(1000, second), everyMs: 3600000 });
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' }); // its own CPU time, whatever else runs here
  const busy = async () =>
    (await client.send('Performance.getMetrics')).metrics.find((metric) => metric.name === 'TaskDuration').value;
  for (const view of VIEWS) {
    await go(page, view);
    const begun = await busy();
    for (second = 1; second <= 10; second += 1) {
      manager.tell('status', manager.status());
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    }
    const each = ((await busy()) - begun) * 100; // milliseconds of each of the ten
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    t.diagnostic(`${view || 'overview'}: ${each.toFixed(0)} ms a status, ${nodes} elements`);
    assert.ok(each < 250, `${view}: ${each} ms a status`);
    assert.ok(nodes < 6000, `${view}: ${nodes} elements`);
  }
});

test('where clients go is read while it is looked at, and not otherwise', async (t) => {
  const { page, manager } = await visit(t, browser);
  const asked = () => manager.requests.filter((request) => request === 'GET /v1/steering').length;
  assert.equal(asked(), 0);
  await go(page, 'clients');
  const row = (name) => page.getByRole('row', { name });
  await row('amsterdam').getByText('91 %').waitFor();
  await row('amsterdam').getByText('23 %').waitFor();
  await row('singapore').getByText('draining: 100 %').waitFor();
  await row('centre/dublin').getByText('back-ends by name').waitFor();
  await page.getByText('100 s behind').waitFor();
  await page.getByText('1 large resolver in slots of time', { exact: false }).waitFor();
  const told = manager.steering();
  told.pops[0].shed = 0;
  manager.steering = () => told;
  await row('amsterdam').getByText('nothing').waitFor();
  await go(page, 'links');
  await page.waitForTimeout(300);
  const before = asked();
  await page.waitForTimeout(2300);
  assert.equal(asked(), before);
});

test('a manager that steers nobody says so', async (t) => {
  const { page, manager } = await visit(t, browser);
  manager.steering = () => ({ table: 0, pops: [], redirectors: [] });
  await go(page, 'clients');
  await page.getByText('There is no steering table', { exact: false }).waitFor();
});
