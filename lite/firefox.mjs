// node firefox.mjs PUPPETEER ADDRESS: open, check and reload in Firefox, driven over WebDriver BiDi.
import { strict as assert } from "node:assert";

const [puppeteer, address] = process.argv.slice(2);
const { default: driver } = await import(`file://${puppeteer}/lib/esm/puppeteer/puppeteer-core.js`);
const executablePath = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const browser = await driver.launch({ browser: "firefox", executablePath, headless: true, protocolTimeout: 600_000 });
const EXERCISE = "exercises/02_forward_pass.ipynb";
const RIGHT = "def batch_stats(x):\n    return x.mean(axis=0), x.var(axis=0)";

async function open(page) {
  await page.goto(`${address}/lab/index.html?path=${EXERCISE}`, { waitUntil: "domcontentloaded", timeout: 300_000 });
  await page.waitForFunction("window.jupyterapp?.restored", { timeout: 300_000 });
  await page.evaluate(async (path) => {
    await window.jupyterapp.restored;
    window.bnPanel = await window.jupyterapp.commands.execute("docmanager:open", { path });
    await window.bnPanel.context.ready;
    await window.bnPanel.sessionContext.ready;
    await window.bnPanel.sessionContext.session.kernel.info;
  }, EXERCISE);
}

function cells(page, steps) {
  return page.evaluate(async (steps) => {
    const notebook = window.bnPanel.content;
    const find = (id) => notebook.widgets.findIndex((cell) => cell.model.id === id);
    for (const [id, source] of steps) {
      if (source) notebook.widgets[find(id)].model.sharedModel.setSource(source);
      notebook.deselectAll();
      notebook.activeCellIndex = find(id);
      await window.jupyterapp.commands.execute("notebook:run-cell");
    }
    await window.bnPanel.context.save();
    return JSON.stringify(notebook.widgets[find(steps.at(-1)[0])].model.outputs.toJSON());
  }, steps);
}

try {
  const page = await browser.newPage();
  await page.goto(`${address}/index.html`);
  await page.waitForFunction("navigator.serviceWorker.controller", { timeout: 300_000 });
  await open(page);
  const wrong = RIGHT.replace("x.var(axis=0)", "x.var(axis=0, ddof=1)");
  const named = await cells(page, [["imports"], ["batch_stats", wrong], ["check_batch_stats"]]);
  assert.match(named, /bn-failed/);
  assert.match(named, /divide/);
  assert.match(await cells(page, [["batch_stats", RIGHT], ["check_batch_stats"]]), /bn-passed/);
  await open(page);
  const kept = await page.evaluate(() => window.bnPanel.content.widgets.map((c) => c.model.sharedModel.source));
  assert.ok(kept.includes(RIGHT));
  console.log("Firefox: opened, checked, named, passed, reloaded, kept");
} finally {
  await browser.close();
}
