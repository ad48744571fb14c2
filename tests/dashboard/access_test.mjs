// Who uses a keyboard, a screen reader, a small screen or a dark room: checks that a page can be held to by computing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { VIEWS, go, openBrowser, visit } from './browser.mjs';
import { largeFleet } from './fleet.mjs';

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser.close());

const ALL_VIEWS = [...VIEWS, 'revisions/41'];

/** In the page: what is wrong with its structure. */
function structureFaults() {
  const faults = [];
  const visible = (node) => node.checkVisibility();
  const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);
  const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
  if (new Set(ids).size !== ids.length) faults.push('an id twice');
  if (!document.documentElement.lang) faults.push('no language');
  if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4')) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) faults.push(`h${own} after h${level}: ${heading.textContent}`);
    level = own;
  }
  for (const control of all('input, select, button, a')) {
    const label = control.labels?.[0]?.textContent || control.getAttribute('aria-label') || '';
    const own = ['INPUT', 'SELECT'].includes(control.tagName) ? '' : control.textContent;
    if (!(label || own).trim()) faults.push(`no name: ${control.outerHTML.slice(0, 80)}`);
  }
  for (const table of all('table')) {
    if (!table.caption?.textContent) faults.push('a table without a caption');
    for (const cell of table.querySelectorAll('th'))
      if (!cell.scope) faults.push(`a th without a scope: ${cell.textContent}`);
    for (const row of table.querySelectorAll('tbody tr'))
      if (!row.querySelector('th')) faults.push('a row without a head');
  }
  for (const node of all('[aria-labelledby], [aria-describedby]')) {
    const named = `${node.getAttribute('aria-labelledby') ?? ''} ${node.getAttribute('aria-describedby') ?? ''}`;
    for (const id of named.trim().split(/\s+/)) if (!document.getElementById(id)) faults.push(`no #${id}`);
  }
  for (const node of all('svg')) {
    if (!node.closest('[aria-hidden="true"]')) faults.push('a picture that is neither named nor hidden');
  }
  for (const item of document.querySelectorAll('li')) {
    if (!['UL', 'OL'].includes(item.parentElement.tagName)) faults.push('a list item outside a list');
  }
  for (const badge of all('.badge'))
    if (!badge.innerText.replace(/[●▲◆○]/g, '').trim()) faults.push('a sign without a word');
  return faults;
}

test('every view has names, heads and labels', async (t) => {
  const { page, manager } = await visit(t, browser);
  manager.happens('move', 'shop', 'something');
  for (const view of ALL_VIEWS) {
    await go(page, view);
    assert.deepEqual(await page.evaluate(structureFaults), [], view);
  }
});

/** In the page: texts whose contrast is below WCAG's AA, and graphics below 3:1. */
function contrastFaults() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const parse = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map((at) => top[at] * top[3] + under[at] * (1 - top[3])).concat(1);
  const behind = (node) => {
    if (node === null) return parse('Canvas');
    const own = parse(getComputedStyle(node).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(node.parentElement));
  };
  const light = ([r, g, b]) =>
    [r, g, b]
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const faults = new Set();
  const walker = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest('.unseen, :disabled, svg')) continue;
    const style = getComputedStyle(node);
    const under = behind(node);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const got = ratio(over(parse(style.color), under), under);
    if (got < needed) faults.add(`${node.className || node.tagName} "${walker.currentNode.data}": ${got.toFixed(2)}`);
  }
  const probe = document.createElement('span');
  document.getElementById('app').append(probe);
  const value = (name) => {
    probe.style.setProperty('color', `var(${name})`);
    return parse(getComputedStyle(probe).color);
  };
  const ground = value('--panel');
  for (const name of [
    '--ring-0',
    '--ring-1',
    '--ring-2',
    '--ring-3',
    '--ring-4',
    '--line-low',
    '--accent',
    '--bad',
    '--warn',
    '--good',
    '--control-edge',
  ]) {
    const got = ratio(value(name), ground);
    if (got < 3) faults.add(`${name}: ${got.toFixed(2)}`);
  }
  probe.remove();
  return [...faults];
}

for (const colorScheme of ['light', 'dark']) {
  test(`contrast is enough where it is ${colorScheme}`, async (t) => {
    const { page, manager } = await visit(t, browser, { colorScheme });
    manager.happens('move', 'shop', 'something');
    for (const view of ALL_VIEWS) {
      await go(page, view);
      assert.deepEqual(await page.evaluate(contrastFaults), [], view);
    }
    await page.getByRole('button', { name: 'Roll back to this…' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API token').waitFor();
    assert.deepEqual(await page.evaluate(contrastFaults), [], 'sign-in');
  });
}

test('the theme follows the system until it is chosen, and the choice stays', async (t) => {
  const { page } = await visit(t, browser, { colorScheme: 'dark' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await ground(), 'rgb(14, 17, 22)');
  await page.getByLabel('Theme').selectOption('light');
  assert.equal(await ground(), 'rgb(244, 245, 247)');
  await page.reload();
  assert.equal(await ground(), 'rgb(244, 245, 247)');
  await page.getByLabel('Theme').selectOption('auto');
  assert.equal(await ground(), 'rgb(14, 17, 22)');
  await page.emulateMedia({ colorScheme: 'light' });
  assert.equal(await ground(), 'rgb(244, 245, 247)');
});

test('times are in the zone that was chosen', async (t) => {
  const { page } = await visit(t, browser, { timezoneId: 'America/New_York', status: () => largeFleet(3) });
  assert.match(await page.locator('.clock').innerText(), /UTC$/);
  await page.getByLabel('Time zone').selectOption('local');
  await page.waitForTimeout(300);
  assert.match(await page.locator('.clock').innerText(), /(GMT-|E[SD]T)/);
});

test('all that can be done is done by keyboard, with the focus to be seen', async (t) => {
  const { page } = await visit(t, browser);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'To the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await go(page, 'gateways');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', 'a new view begins at its heading');
  const wanted = await page.evaluate(
    () => [...document.querySelectorAll('main button, main a, main input, main select, main [tabindex="0"]')].length,
  );
  const reached = new Set();
  for (let at = 0; at < wanted; at += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const node = document.activeElement;
      const style = getComputedStyle(node);
      const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      return { inside: node.closest('main') !== null, outline, at: [...document.querySelectorAll('*')].indexOf(node) };
    });
    assert.ok(seen.inside, `the focus left the view after ${at} of ${wanted}`);
    assert.ok(seen.outline, 'the focus cannot be seen');
    reached.add(seen.at);
  }
  assert.equal(reached.size, wanted);
});

test('the focus, what is typed and what is chosen stay while the page goes on', async (t) => {
  let second = 0;
  const { page } = await visit(t, browser, { status: () => largeFleet(200, (second += 1)), everyMs: 60 });
  await go(page, 'sites');
  const sort = page.getByRole('button', { name: 'Requests' });
  await sort.focus();
  await page.keyboard.press('Enter');
  await page.waitForTimeout(500);
  assert.equal(await sort.evaluate((node) => node === document.activeElement), true);
  const field = page.getByLabel('Filter');
  await field.focus();
  await page.keyboard.type('site-12', { delay: 40 });
  await page.keyboard.press('ArrowLeft');
  await page.waitForTimeout(300);
  assert.deepEqual(await field.evaluate((node) => [node.value, node.selectionStart]), ['site-12', 6]);
  const first = await page.locator('tbody tr').first().elementHandle();
  await page.waitForTimeout(300);
  assert.equal(await first.evaluate((node) => node.isConnected), true, 'rows are changed, not made anew');
});

for (const width of [320, 390, 768]) {
  test(`nothing is wider than a screen of ${width} pixels`, async (t) => {
    const { page, manager } = await visit(t, browser, { viewport: { width, height: 700 } });
    manager.happens(
      'move',
      'a-site-with-a-rather-long-name-that-goes-on-and-on-and-on-and-on',
      'something '.repeat(20),
    );
    for (const view of ALL_VIEWS) {
      await go(page, view);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, view);
    }
  });
}
