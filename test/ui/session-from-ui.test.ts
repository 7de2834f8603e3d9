// What a person does who has nothing but a browser: start a session from the Temporal Web UI's form, look, ask, stop.
// The real product, its real server with its UI, and a real Chromium.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BestReport } from '../../src/domain/best-report.ts';
import { findChromium, openChromium, type Chromium } from '../support/chromium.ts';
import { createProduct, type Product } from '../support/product.ts';
import { until } from '../support/until.ts';

/** A browser on a busy machine is slow; the tests' own time limit is the only clock. */
const TEST_MS = 300_000;

const TRIAL_SECONDS = 0.5;

const path = findChromium();
let product: Product | undefined;
let browser: Chromium | undefined;
let page: Page;
let startUrl = '';

describe.skipIf(path === undefined)(
  'the Temporal Web UI (skipped unless Chromium is on the PATH or CHROMIUM_PATH)',
  { timeout: TEST_MS },
  () => {
    beforeAll(async () => {
      product = await createProduct({ trialSeconds: TRIAL_SECONDS });
      // The worker opens the repo that it was started in: the small project.
      const { stdout } = await product.run('up', '--json');
      ({ startUrl } = JSON.parse(stdout) as { startUrl: string });
      browser = await openChromium(path ?? '');
      page = await browser.context.newPage();
      page.setDefaultTimeout(TEST_MS / 3); // so that a failure names the step
    });
    afterAll(async () => {
      await browser?.close();
      await product?.close();
    });

    it('starts a session from the form with {"experiments": 3}; result, table, timeline and queries show it', async () => {
      await startFromForm('from-the-form', '{"experiments": 3}');
      const best = await endedUnwatched('from-the-form');
      await ended('Completed');
      const records = await theProduct().records('from-the-form');
      expect(best.status).toBe('done');
      expect(records).toHaveLength(3);

      const result = await page.locator('.cm-content', { hasText: '"session"' }).innerText();
      expect(result).toContain('"status": "done"');
      expect(result).toContain(`"value": ${String(best.best?.value)}`);

      // The last is on top, and only what is in view is there.
      for (const { experiment, trials } of records.toReversed())
        await scrollTo(`experiment ${experiment} · train · seed ${String(trials[0]?.seed)}`);

      const done = ['status', 'done: all 3 experiments are done'];
      const [session, experiments] = await detailTables((rows) => rows.some((row) => row.join() === done.join()));
      expect(session).toContainEqual(done);
      expect(experiments?.slice(1).map(([number, verdict, , , , hypothesis]) => [number, verdict, hypothesis])).toEqual(
        records.toReversed().map(({ experiment, verdict, hypothesis }) => [String(experiment), verdict, hypothesis]),
      );

      await tab('Queries');
      await page.getByRole('button', { name: 'best' }).click();
      await page
        .getByText('The best commit so far: the shape that scripts rely on')
        .filter({ visible: true })
        .waitFor();
      await page.getByText('Everything about the session at this moment').filter({ visible: true }).waitFor();
      await page.getByRole('option', { name: 'best' }).click();
      await page.getByRole('button', { name: 'Run Query' }).click();
      await page.locator('.cm-content', { hasText: '"branch": "autoresearch/from-the-form"' }).waitFor();
    });

    it('starts a session with the defaults from an empty box, and stops it with an update', async () => {
      await startFromForm('from-an-empty-box', '');
      // The look-ahead of the first experiment is made while it trains.
      await page.getByText('experiment 1 · train · seed').first().waitFor();
      const session = await until(async () => {
        await page.keyboard.press('r'); // the UI's own key for fresh details
        const [rows] = await detailTables();
        return rows?.some(([name, text]) => name === 'status' && text === 'running') && rows;
      });
      expect(session).toContainEqual(['experiments', expect.stringMatching(/^\d+ of 100/)]);

      await page.getByRole('button', { name: 'More Actions' }).click();
      await page.getByRole('menuitem', { name: 'Send an Update' }).click();
      const dialog = page.getByRole('dialog').filter({ visible: true });
      await dialog.getByRole('button', { name: 'Select an Update' }).click();
      const stop = dialog.getByRole('option', { name: 'stop' });
      expect(await stop.innerText()).toContain(
        'End the session after the running experiment; {"now": true} ends it at once',
      );
      await stop.click();
      await fill(dialog, '{"now": true}');
      await dialog.getByRole('button', { name: 'Submit' }).click();

      await tab('Timeline');
      await ended('Completed');
      expect((await theProduct().best('from-an-empty-box')).status).toBe('done');
    });

    it('fails a session at once with our sentence when the box holds a mistake, and writes nothing', async () => {
      await startFromForm('from-a-mistake', '{"experiments": "three"}');
      await ended('Failed');
      const result = await page.locator('.cm-content', { hasText: '"failure"' }).innerText();
      expect(result).toContain('Expected `experiments` to be a number, got \\"three\\".');
      expect(result).toContain('"type": "InvalidInput"');
      const answer = await theProduct().run('results', 'from-a-mistake', '--json');
      expect(answer.exitCode).toBe(3);
    });
  },
);

function theProduct(): Product {
  if (product === undefined) throw new Error('Expected the product to run.');
  return product;
}

/** Fills the form that the product's link opens, starts, and goes to the page of the session. */
async function startFromForm(session: string, text: string): Promise<void> {
  await page.goto(`${startUrl}&workflowId=${session}`);
  // What is typed before the page has come to life is lost; by then it has looked for workers.
  await page.getByText('Task Queue is').waitFor();
  await fill(page, text);
  await page.getByRole('button', { name: 'Start Workflow' }).last().click();
  await page.getByRole('link', { name: 'Workflow started successfully' }).click();
  await page.getByRole('heading', { name: session }).waitFor();
}

/** Types JSON into the one box; the button becomes ready only when the box has lost the focus. */
async function fill(where: Page | Locator, text: string): Promise<void> {
  const box = where.getByRole('textbox', { name: 'Data' });
  await box.fill(text);
  await box.blur();
}

const tab = (name: string): Promise<void> => page.getByRole('tab', { name }).click();

/** Goes down the page until this text is on it. */
async function scrollTo(text: string): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 800, height: 600 };
  await page.mouse.move(width / 2, height / 2);
  await until(async () => {
    if ((await page.getByText(text).count()) > 0) return true;
    await page.mouse.wheel(0, height / 2);
    return false;
  });
}

/** Waits for the end of a session without its page, which would keep a core busy all the while; then opens it again. */
async function endedUnwatched(session: string): Promise<BestReport> {
  const url = page.url();
  await page.goto('about:blank');
  const best = await theProduct().ended(session);
  await page.goto(url);
  return best;
}

/** Waits on the session's page, which refreshes itself; a session under the default rule trains and audits for a while. */
const ended = (status: 'Completed' | 'Failed'): Promise<void> =>
  page
    .getByTestId('execution-status')
    .filter({ hasText: status })
    .waitFor({ timeout: (2 * TEST_MS) / 3 });

/**
 * The tables of the current details, session and experiments, as rows of cells, once `ready` likes the first. The UI
 * shows them in a frame of their own, as they were when it last looked; opening the page again makes it look again.
 */
async function detailTables(ready: (session: string[][]) => boolean = () => true): Promise<string[][][]> {
  return until(async () => {
    await tab('Timeline');
    await page.reload();
    await tab('User Metadata');
    const frame = page.frameLocator('iframe').locator('table');
    await frame.first().waitFor();
    const texts = await frame.allInnerTexts().catch(() => []);
    const tables = texts.map((text) => text.split('\n').map((row) => row.split('\t')));
    return tables.length === 2 && tables[0] !== undefined && ready(tables[0]) && tables;
  });
}
