import type { BackendFailureKind } from '../backend-failure.ts';
import { candidateOf } from './candidate.ts';
import { type FlowFacts, type GroupFacts, TIMES_TO_FULL, type TimeToFull } from './flow-facts.ts';
import type { FlowReason, FlowVerdict } from './verdict.ts';

/** A verdict, and what the next one needs to know of it. */
export interface JudgedFlow {
  readonly verdict: FlowVerdict;
  readonly lastActiveMs?: number;
  /** Something reached the backend once. */
  readonly hasDelivered: boolean;
  readonly timeToFull: { readonly gateway?: TimeToFull; readonly agent?: TimeToFull };
  /** Since when the facts are better than the verdict. */
  readonly betterSinceMs?: number;
  /** The same reason in other words, and since when. */
  readonly otherWords?: { readonly message: string; readonly sinceMs: number };
}

export interface FlowInput {
  readonly facts: FlowFacts;
  readonly nowMs: number;
  /** What the backend said when it was asked lately; undefined: it took the request, or was not asked. */
  readonly failure: BackendFailureKind | undefined;
  /** Undefined at the first judgement. */
  readonly previous: JudgedFlow | undefined;
}

/** How long facts must be better before the verdict is. What is worse is said at once: its rules take their time already. */
export const CALM_MS = 60_000;

/** Worse first. From one to another of the same step, as to a better one, after a calm minute. */
const WORST_FIRST: readonly (readonly FlowReason[])[] = [
  ['GatewayAllTelemetryDataDropped', 'AgentAllTelemetryDataDropped'],
  ['GatewaySomeTelemetryDataDropped', 'AgentSomeTelemetryDataDropped'],
  ['GatewayBufferFillingUp'],
  ['GatewayThrottling'],
  ['AgentNoLogsDelivered', 'AgentBufferFillingUp'],
  ['GatewayProbingFailed', 'AgentProbingFailed'],
  ['FlowHealthy', 'NoDataYet', 'NoDataForAWhile'],
];

/**
 * Facts of one moment and what was said before → what is said now. Total and pure. It does not flap: every step to something
 * better needs a calm minute in which the facts were better all the time.
 */
export function flowVerdict({ facts, nowMs, failure, previous }: FlowInput): JudgedFlow {
  const lastActiveMs = latest([previous?.lastActiveMs, facts.gateway?.lastActiveMs, facts.agent?.lastActiveMs]);
  const hasDelivered = [previous, facts.gateway, facts.agent].some((one) => one?.hasDelivered === true);
  const timeToFull = {
    ...timeOf('gateway', facts.gateway, previous?.timeToFull.gateway),
    ...timeOf('agent', facts.agent, previous?.timeToFull.agent),
  };
  const candidate = candidateOf({ facts, nowMs, lastActiveMs, hasDelivered, failure, timeToFull });
  const known = { ...(lastActiveMs === undefined ? {} : { lastActiveMs }), hasDelivered, timeToFull };
  return { ...known, ...settle(previous, candidate, nowMs) };
}

type Settled = Pick<JudgedFlow, 'verdict' | 'betterSinceMs' | 'otherWords'>;

function settle(previous: JudgedFlow | undefined, candidate: FlowVerdict, nowMs: number): Settled {
  if (previous === undefined) return { verdict: candidate };
  const { verdict } = previous;
  if (verdict.reason === candidate.reason) return reword(previous, candidate, nowMs);
  if (isConfiguration(verdict) || isConfiguration(candidate)) return { verdict: candidate };
  if (rankOf(candidate) < rankOf(verdict) || isCalm(verdict)) return { verdict: candidate };
  const betterSinceMs = previous.betterSinceMs ?? nowMs;
  return nowMs - betterSinceMs >= CALM_MS ? { verdict: candidate } : { verdict, betterSinceMs };
}

/** The cause of a failure is told as soon as it is known; other words must be the same for a minute. */
function reword({ verdict, otherWords }: JudgedFlow, candidate: FlowVerdict, nowMs: number): Settled {
  if (verdict.message === candidate.message) return { verdict };
  // Of what has not begun to flow the words change a few times in all, forwards.
  if (verdict.reason === 'NoDataYet') return { verdict: candidate };
  if (namesCause(candidate) && !namesCause(verdict)) return { verdict: candidate };
  const sinceMs = otherWords?.message === candidate.message ? otherWords.sinceMs : nowMs;
  if (nowMs - sinceMs >= CALM_MS) return { verdict: candidate };
  return { verdict, otherWords: { message: candidate.message, sinceMs } };
}

function namesCause({ message }: FlowVerdict): boolean {
  return /\(SL\d{4}\)$/.test(message);
}

function isConfiguration({ reason }: FlowVerdict): boolean {
  return reason === 'ConfigurationNotGenerated';
}

/** Nothing to hold on to. */
function isCalm({ status, reason }: FlowVerdict): boolean {
  return status === 'True' || reason === 'NoDataYet' || reason === 'NoDataForAWhile';
}

function rankOf({ reason }: FlowVerdict): number {
  return WORST_FIRST.findIndex((reasons) => reasons.includes(reason));
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

const MINUTE_MS = 60_000;
const UP_TO_MS: readonly number[] = [10 * MINUTE_MS, 90 * MINUTE_MS, 24 * 60 * MINUTE_MS, Infinity];

/** A time must leave its step by this factor before it is another step. */
const STICKY = 1.5;

function timeOf(
  key: 'gateway' | 'agent',
  group: GroupFacts | undefined,
  previous: TimeToFull | undefined,
): { readonly [K in typeof key]?: TimeToFull } {
  const fullInMs = group?.filling?.fullInMs;
  if (group?.filling === undefined) return {};
  // A queue that does not grow for a moment keeps its step.
  if (fullInMs === undefined) return previous === undefined ? {} : { [key]: previous };
  const step = UP_TO_MS.findIndex((limit) => fullInMs <= limit);
  const before = previous === undefined ? -1 : TIMES_TO_FULL.indexOf(previous);
  const stays =
    before >= 0 &&
    fullInMs <= UP_TO_MS[before]! * STICKY &&
    (before === 0 || fullInMs >= UP_TO_MS[before - 1]! / STICKY);
  return { [key]: TIMES_TO_FULL[stays ? before : step]! };
}
