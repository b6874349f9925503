import { errorCode, errorMessage } from '../lib/index.ts';
import { CliError } from './context.ts';
import { EXIT } from './exit-code.ts';
import { findPortOwner, startTime } from './port-owner.ts';

/**
 * Turns a failed listen into a message that names who has the port and the ways out, and likewise a queue that another process
 * has; any other error comes back as it is.
 * `ways` are commands for the person who called.
 */
export function explainListenError(error: unknown, ways: readonly string[]): unknown {
  const { port, address, hostname } = error as { port?: number; address?: string; hostname?: string };
  const code = errorCode(error);
  if (code === 'EADDRINUSE' && port !== undefined) return portInUse(port, ways);
  if (code === 'EACCES' && port !== undefined) {
    return new CliError(
      EXIT.cannotStart,
      'SL0602',
      `no permission to listen on port ${port}; ports under 1024 need root`,
      [...ways],
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new CliError(EXIT.cannotStart, 'SL0602', `this machine has no address ${address ?? hostname ?? ''}`, [
      'only this machine:     --host 127.0.0.1',
      'all of its addresses:  --host 0.0.0.0',
    ]);
  }
  if (code === 'queue_in_use') return new CliError(EXIT.cannotStart, 'SL0603', errorMessage(error), []);
  if (code?.startsWith('E')) return new CliError(EXIT.cannotStart, 'SL0602', errorMessage(error), [...ways]);
  return error;
}

function portInUse(port: number, ways: readonly string[]): CliError {
  const owner = findPortOwner(port);
  const hints: string[] = [];
  if (owner !== undefined) {
    const started = startTime(owner.pid)?.toTimeString().slice(0, 5);
    hints.push(`pid ${owner.pid}  ${owner.command}${started ? `   started ${started}` : ''}`);
  }
  hints.push(...ways.map((way, i) => `${i === 0 ? 'choose:  ' : '         '}${way}`));
  if (owner !== undefined) hints.push(`         kill ${owner.pid}        if you no longer need it`);
  return new CliError(EXIT.cannotStart, 'SL0601', `port ${port} is in use by another program`, hints);
}
