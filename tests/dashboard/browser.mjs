// Debian's Chromium, how a test signs in, and what must never happen on any page.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { PaperManager, TOKEN, someRevisions } from './manager.mjs';
import { smallFleet } from './fleet.mjs';

const CHROMIUM = process.env.RINGWAY_CHROMIUM ?? '/usr/bin/chromium';

export async function openBrowser() {
  if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}: ./run test installs it`);
  return chromium.launch({
    executablePath: CHROMIUM,
    // Debian's Chromium has no sandbox for root; nothing but the test's own pages is opened.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
}

export async function signIn(page, manager, token = TOKEN) {
  await page.goto(manager.url);
  await page.getByLabel('API token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export const isLive = (page) => page.locator('.live .badge.good').waitFor();

/** Collects what must stay empty: errors, breaches of the policy, requests to anywhere else. */
export async function watch(page, url) {
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.stack}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) faults.push(`outside: ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      setTimeout(() => {
        throw new Error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
  });
  return faults;
}

/**
 * A page before a paper manager, signed in, both gone with the test `t`. `allowed`: faults that belong to the test,
 * such as the browser's own word of a refused connection.
 */
export async function visit(
  t,
  browser,
  { status = () => smallFleet(), signedIn = true, allowed = /^$/, ...options } = {},
) {
  const manager = new PaperManager();
  manager.status = status;
  manager.revisions = someRevisions();
  await manager.start({ everyMs: options.everyMs ?? 250 });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  const faults = await watch(page, manager.url);
  t.after(async () => {
    await context.close();
    await manager.stop();
    assert.deepEqual(
      faults.filter((fault) => !allowed.test(fault)),
      [],
    );
  });
  if (signedIn) {
    await signIn(page, manager);
    await isLive(page);
  }
  return { page, manager, faults };
}

export const VIEWS = ['', 'sites', 'sites/shop', 'gateways', 'links', 'clients', 'revisions', 'events'];

/** Shows a view, and waits until it is there. */
export async function go(page, view) {
  await page.evaluate((path) => {
    window.location.hash = `#/${path}`;
  }, view);
  await page.locator('main h1').waitFor({ state: 'attached' });
  await page.waitForTimeout(120);
}
