import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface H2specReport {
  readonly caseCount: number;
  readonly skippedCount: number;
  /** Cases that did not hold, as `http2/5.1: title`, sorted. */
  readonly failed: readonly string[];
  /** What it printed, for a person. */
  readonly log: string;
}

const CASE_SECONDS = 2;
const RUN_MS = 60_000;

/** Runs all cases, the strict ones too, against a server on the loopback address. */
export async function runH2spec(
  program: string,
  port: number,
  path: string,
  { tls = false } = {},
): Promise<H2specReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-h2spec-'));
  const reportPath = join(folder, 'report.xml');
  try {
    const target = [...(tls ? ['-t', '-k'] : []), '-h', '127.0.0.1', '-p', String(port), '-P', path];
    const log = await output(program, [...target, '--strict', '-o', String(CASE_SECONDS), '-j', reportPath]);
    if (!existsSync(reportPath)) throw new Error(`h2spec wrote no report:\n${log}`);
    return readReport(readFileSync(reportPath, 'utf8'), log);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** It ends with a failure when a case failed; the report says which. */
function output(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_MS, killSignal: 'SIGKILL' });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => chunks.push(text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(chunks.join('')));
  });
}

const CASE = /<testcase package="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs;

function readReport(xml: string, log: string): H2specReport {
  const cases = [...xml.matchAll(CASE)].map(([, section, title, result]) => ({
    name: `${section}: ${title}`,
    result: result as string,
  }));
  return {
    caseCount: cases.length,
    skippedCount: cases.filter(({ result }) => result.includes('<skipped')).length,
    failed: cases
      .filter(({ result }) => /<(failure|error)/.test(result))
      .map(({ name }) => name)
      .sort(),
    log,
  };
}
