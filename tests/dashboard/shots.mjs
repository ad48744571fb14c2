// Pictures of the dashboard, to be looked at: node tests/dashboard/shots.mjs FOLDER

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isLive, openBrowser, signIn } from './browser.mjs';
import { smallFleet } from './fleet.mjs';
import { PaperManager, someRevisions } from './manager.mjs';

const folder = process.argv[2] ?? 'build/shots';
mkdirSync(folder, { recursive: true });

const HAPPENED = [
  ['leader', 'manager-1', 'leads from now on, in epoch 3'],
  ['move', 'shop', 'front-end frankfurt-1 was added: p95 was 140 ms for 10 s'],
  ['link', 'singapore-2 – dublin-1', 'loses 3.1 % of its packets'],
  ['drain', 'pop:singapore', 'is being drained by user:ada'],
  ['node', 'frontend:singapore-2', 'is away'],
  ['rollout', 'revision 42', 'reached wave 3 of 4'],
  ['shortage', 'media', 'no front-end has room for a third of its clients'],
  ['rollout', 'frontend:amsterdam-2', 'would refuse it: "/pay(" is not a path'],
];

async function shoot(browser, name, { colorScheme, width, height, paths = [['', '']], fullPage = false }) {
  const manager = new PaperManager();
  let second = 0;
  const begun = Date.now() - 300000;
  manager.status = () => smallFleet(second, new Date(begun + 1000 * second));
  manager.revisions = someRevisions();
  for (const [kind, subject, text] of HAPPENED) manager.happens(kind, subject, text);
  await manager.start();
  const page = await browser.newPage({ colorScheme, viewport: { width, height } });
  await signIn(page, manager);
  await isLive(page);
  for (second = 1; second < 300; second += 1) manager.tell('status', manager.status());
  for (const [path, suffix] of paths) {
    await page.goto(`${manager.url}#/${path}`);
    await page.waitForTimeout(1300);
    await page.screenshot({ path: join(folder, `${name}${suffix}.png`), fullPage });
  }
  await page.close();
  await manager.stop();
}

const browser = await openBrowser();
const ALL = [
  ['', ''],
  ['sites', '_sites'],
  ['sites/shop', '_site'],
  ['gateways', '_gateways'],
  ['links', '_links'],
  ['clients', '_clients'],
  ['revisions', '_revisions'],
  ['events', '_events'],
];
await shoot(browser, 'dash_light', { colorScheme: 'light', width: 1440, height: 900, paths: ALL });
await shoot(browser, 'dash_dark', { colorScheme: 'dark', width: 1440, height: 900, paths: ALL });
await shoot(browser, 'dash_narrow', { colorScheme: 'light', width: 390, height: 844, paths: ALL, fullPage: true });
await browser.close();
