import { spawn } from 'node:child_process';
import type { CliContext } from '../context.ts';
import { identifyProcess } from '../process-identity.ts';
import { asCalled } from '../program-name.ts';
import { writeReadyFile } from '../run-engine.ts';
import { registerEngine } from '../state-dir.ts';
import { hostAndPort } from './addresses.ts';
import type { LocalStack } from './local-stack.ts';
import { ToldTroubles } from './told-troubles.ts';
import { banner, statusLine } from './up-report.ts';

export interface Announcement {
  readonly source: string;
  /** As the user wrote it. */
  readonly memory: string;
  readonly portOffset: number;
  readonly readyFile: string | undefined;
  /** Undefined: a window for a person at a terminal and for nobody else. */
  readonly open: boolean | undefined;
}

/** Tells people, scripts and the other verbs where the engine is; returns how to take that back. */
export function announce(
  stack: LocalStack,
  { source, memory, portOffset, readyFile, open }: Announcement,
  context: CliContext,
): () => void {
  const { endpoints, ports, token, host } = stack;
  context.stdout.write(banner(stack, { source, memory }, context));
  const startedAt = new Date(context.clock.nowMs()).toISOString();
  // Loopback by address: no resolver, no detour over the other IP version.
  const api = `http://${hostAndPort(host, ports.ui)}`;
  const self = identifyProcess(process.pid)!;
  const unregister = registerEngine(context.env, { ...self, api, host, token, source, startedAt, portOffset, ports });
  try {
    writeReadyFile(readyFile, { pid: self.pid, ports, api });
  } catch (error) {
    unregister();
    throw error;
  }
  const next = asCalled('sluice gen all --once', context.program);
  context.stdout.write(
    `Ready in ${process.uptime().toFixed(1)} s. Waiting for data. Any OpenTelemetry SDK works with its defaults, or run: ${next}\n`,
  );
  if (open ?? context.stdout.isTty) openBrowser(`${endpoints.ui}/?t=${token}`);
  return unregister;
}

function openBrowser(url: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // no browser here: the address is on the screen
  child.unref();
}

const CLEAR_LINE = '\r\u001b[2K';

/** First data in one line, troubles as they come; on a terminal also one line that refreshes each second. Returns how to stop it. */
export function followStatus(stack: LocalStack, context: CliContext): () => void {
  const { stdout, stderr, unicode } = context;
  const troubles = new ToldTroubles(
    unicode ? { ok: '✔', warning: '!', error: '✗' } : { ok: 'ok', warning: '!', error: 'x' },
  );
  // The refreshing line may stand where this is written.
  const clear = stdout.isTty && stderr.isTty ? CLEAR_LINE : '';
  let seen = false;
  let shown = false;
  const timer = setInterval(() => {
    const overview = stack.server.overview();
    for (const line of troubles.news(overview)) stderr.write(`${clear}${line}\n`);
    if (!seen && overview.progress.received) {
      seen = true;
      context.stdout.write(`${shown ? CLEAR_LINE : ''}first data received, look:  ${overview.endpoints.ui}\n`);
    }
    if (!context.stdout.isTty) return;
    const line = statusLine(overview);
    context.stdout.write(`${CLEAR_LINE}${context.unicode ? line : line.replaceAll('·', '|')}`);
    shown = true;
  }, 1000);
  return () => {
    clearInterval(timer);
    if (shown) context.stdout.write('\n');
  };
}
