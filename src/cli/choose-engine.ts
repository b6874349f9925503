import type { Command } from 'commander';
import { type CliContext, CliError } from './context.ts';
import { EXIT } from './exit-code.ts';
import { parseOffset } from './local/up-flags.ts';
import { findEngines, type RunningEngine } from './state-dir.ts';

/** Options that say which of several engines is meant. */
export function defineEngineFlags(command: Command): Command {
  return command
    .option('--pid <pid>', 'the engine with this process id')
    .option('--port-offset <n>', 'the engine that was started with this --port-offset');
}

export interface EngineChoice {
  readonly pid: number | undefined;
  readonly portOffset: number | undefined;
}

export function parseEngineChoice(flags: Record<string, unknown>): EngineChoice {
  const pid = flags['pid'];
  if (pid !== undefined && !/^\d+$/.test(String(pid))) {
    throw new CliError(EXIT.usage, 'SL0903', `--pid takes a process id, got \`${String(pid)}\``);
  }
  return {
    pid: pid === undefined ? undefined : Number(pid),
    portOffset: flags['portOffset'] === undefined ? undefined : parseOffset(flags['portOffset']),
  };
}

/**
 * The engines on this machine that fit. Throws when none does. For a write there must be exactly one: nobody wants the wrong
 * one changed.
 */
export function fittingEngines(choice: EngineChoice, context: CliContext): readonly RunningEngine[] {
  const all = findEngines(context.env);
  const fitting = all.filter(({ pid, portOffset = 0 }) => {
    return (
      (choice.pid === undefined || choice.pid === pid) &&
      (choice.portOffset === undefined || choice.portOffset === portOffset)
    );
  });
  if (fitting.length > 0) return fitting;
  const others = all.map(describeEngine);
  const which = choice.pid === undefined && choice.portOffset === undefined ? 'no engine' : 'no such engine';
  throw new CliError(EXIT.unreachable, 'SL0701', `${which} runs on this machine`, [
    ...(others.length > 0 ? ['there are:', ...others] : []),
    'start one:  sluice up',
    ...(others.length > 0 ? [] : ['elsewhere:  add --api http://HOST:PORT']),
  ]);
}

export function oneEngine(choice: EngineChoice, verb: string, context: CliContext): RunningEngine {
  const fitting = fittingEngines(choice, context);
  if (fitting.length === 1) return fitting[0]!;
  throw new CliError(EXIT.usage, 'SL0703', `${fitting.length} engines run on this machine; say which one`, [
    ...fitting.map(describeEngine),
    `for example:  sluice ${verb} --pid ${fitting[0]!.pid}`,
  ]);
}

function describeEngine({ pid, source, ports, startedAt }: RunningEngine): string {
  return `  pid ${pid}   ${source}   OTLP ${ports.grpc} and ${ports.http}, UI ${ports.ui}   since ${startedAt}`;
}
