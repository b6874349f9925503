import { describeSinkMode, type Sink, type SinkMode } from '../../load/index.ts';
import type { CliContext } from '../context.ts';

/** What the number keys switch to. */
const MODE_OF_KEY: Readonly<Record<string, SinkMode>> = {
  '1': { kind: 'accept' },
  '2': { kind: 'status', status: 503, share: 0.7 },
  '3': { kind: 'slow', delayMs: 2000 },
  '4': { kind: 'drop' },
  '5': { kind: 'hang' },
};

const CTRL_C = '\x03';

/** On a terminal: keys that change the mode while the sink runs. Returns what gives the terminal back. */
export function readSinkKeys(sink: Sink, { progress }: CliContext, quit: () => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY || !progress.isTty) return () => {};
  const onKey = (key: string) => {
    const mode = MODE_OF_KEY[key];
    if (mode !== undefined) {
      void sink.setMode(mode).then(() => progress.write(`\r\x1b[K${describeSinkMode(mode)}\n`));
    } else if (key === 'c') sink.clear();
    else if (key === 'q') quit();
    // In raw mode Ctrl-C is a key like others and no signal.
    else if (key === CTRL_C) process.kill(process.pid, 'SIGINT');
  };
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', onKey);
  stdin.resume();
  progress.write('keys: 1 accept  2 503  3 slow  4 down  5 hang  c clear  q quit\n');
  return () => {
    stdin.removeListener('data', onKey);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
