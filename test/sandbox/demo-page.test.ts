import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoPage } from "../../packages/cli/src/demo/page";
import { exampleRun } from "../fixtures/demo/example-run";

const executable = findChromium();
if (executable === undefined) {
  process.stderr.write(
    "No Chromium found, so the demo's page is not tested in a browser: install it (Debian and Ubuntu: apt-get install chromium) or set CHROME_PATH.\n",
  );
}

/** The page in a real browser, at the widths and in the colour schemes it is made for. */
let browser: Browser;
let directory: string;
let url: string;

describe.skipIf(executable === undefined)("the demo's page in Chromium", () => {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executable ?? "",
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    directory = mkdtempSync(join(tmpdir(), "demo-page-"));
    const file = join(directory, "demo.html");
    writeFileSync(file, demoPage(exampleRun()));
    url = pathToFileURL(file).href;
  });

  afterAll(async () => {
    await browser?.close();
    if (directory !== undefined) rmSync(directory, { recursive: true });
  });

  describe.each([390, 1024, 1280])("at %d px", (width) => {
    it.each(["light", "dark"] as const)(
      "draws all charts in %s, without errors, requests and sideways scrolling",
      async (colorScheme) => {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
        const noise: string[] = [];
        page.on("console", (message) => noise.push(`${message.type()}: ${message.text()}`));
        page.on("pageerror", (error) => noise.push(error.message));
        page.on("request", (request) => noise.push(...(request.url() === url ? [] : [request.url()])));
        await page.goto(url);
        await page.locator(".chart canvas").last().waitFor();

        expect(noise).toEqual([]);
        expect(await page.locator(".chart canvas").count()).toBe(4);
        for (const details of await page.locator("details > summary").all()) await details.click();
        expect(await page.evaluate(scrollWidth)).toBe(width);
        expect(await page.evaluate(blankCharts)).toEqual([]);
        await page.close();
      },
    );
  });

  it("draws the charts again when the colour scheme changes, and fits them when the width does", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
    await page.goto(url);
    const pixels = () => page.evaluate("document.querySelector('.chart canvas').toDataURL()");
    const light = await pixels();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(pixels).not.toBe(light);
    await page.setViewportSize({ width: 390, height: 900 });
    await expect.poll(() => page.evaluate(scrollWidth)).toBe(390);
    await expect.poll(() => page.evaluate("document.querySelector('.chart canvas').clientWidth")).toBeLessThan(390);
    await page.close();
  });
});

/** Ids of charts on whose canvas every pixel is transparent. */
const blankCharts = `[...document.querySelectorAll(".chart")].filter((chart) => {
  const canvas = chart.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.every((value) => value === 0);
}).map((chart) => chart.id)`;
const scrollWidth = "document.documentElement.scrollWidth";

function findChromium(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const onPath = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const candidates = [...(process.env.CHROME_PATH === undefined ? [] : [process.env.CHROME_PATH]), ...onPath];
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
