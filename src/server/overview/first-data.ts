import { ITEM_NOUN, SIGNALS, type Signal } from '../../pdata/index.ts';
import type { AttemptDocument, FirstDataStep, OverviewDocument } from '../api.ts';
import { backendAdvice, backendCommands } from './backend-advice.ts';
import { type ClockSkew, skewHelp, skewPhrase } from './clock.ts';
import type { PipelineView } from './pipeline-status.ts';
import { filteredSentence, leavesOutEverything } from './rule-problems.ts';
import { firstPipelineCommands, kindOfSignal } from './signal-problems.ts';
import { count, sentence } from './words.ts';

/** What is known of the way of the first item. */
export interface FirstDataFacts {
  readonly endpoints: OverviewDocument['endpoints'];
  readonly connected: boolean;
  /** Newest first. */
  readonly attempts: readonly AttemptDocument[];
  readonly offered: Readonly<Record<Signal, number>>;
  readonly unclaimed: readonly Signal[];
  readonly views: readonly PipelineView[];
  readonly clockSkews: readonly ClockSkew[];
  readonly program: string;
}

type Question = (facts: FirstDataFacts) => Omit<FirstDataStep, 'id' | 'title'>;

const YES = { answer: 'yes', commands: [] } as const;

/** The same tree, top to bottom, for everybody whose data does not show up. */
const QUESTIONS = {
  listening: {
    title: 'listening',
    ask: ({ endpoints }) => ({
      ...YES,
      detail: `On ${endpoints.grpc} and ${endpoints.http}; each takes gRPC and HTTP.`,
    }),
  },
  connected: { title: 'a sender connected', ask: connected },
  otlp: { title: 'it spoke OTLP', ask: spokeOtlp },
  accepted: { title: 'its data was accepted', ask: accepted },
  claimed: { title: 'a pipeline takes it', ask: claimed },
  kept: { title: 'no filter leaves all of it out', ask: kept },
  delivered: { title: 'the backend accepted it', ask: delivered },
  clock: { title: 'its clock is right', ask: clockIsRight },
} as const satisfies Record<FirstDataStep['id'], { readonly title: string; readonly ask: Question }>;

/** Walks the tree and stops at the first question that is not answered by yes. */
export function firstDataSteps(facts: FirstDataFacts): readonly FirstDataStep[] {
  const steps: FirstDataStep[] = [];
  for (const [id, { title, ask }] of Object.entries(QUESTIONS)) {
    const step = { id: id as FirstDataStep['id'], title, ...ask(facts) };
    steps.push(step);
    if (step.answer !== 'yes') break;
  }
  return steps;
}

function arrived({ offered }: FirstDataFacts): readonly Signal[] {
  return SIGNALS.filter((signal) => offered[signal] > 0);
}

function connected(facts: FirstDataFacts): ReturnType<Question> {
  if (facts.connected || arrived(facts).length > 0) return YES;
  const detail =
    'Nothing has connected so far. An app in a container or on another host needs `--host 0.0.0.0` here and this machine’s name there (host.docker.internal); a proxy set in HTTP_PROXY may swallow it.';
  return { answer: 'waiting', detail, commands: [`${facts.program} gen traces`] };
}

function spokeOtlp(facts: FirstDataFacts): ReturnType<Question> {
  if (arrived(facts).length > 0 || facts.attempts.some(({ foreign }) => foreign !== true)) return YES;
  const [last] = facts.attempts;
  if (last === undefined) return { answer: 'waiting', commands: [] };
  return { answer: 'no', detail: attemptSentence(last), code: 'SL0503', commands: [] };
}

function accepted(facts: FirstDataFacts): ReturnType<Question> {
  if (arrived(facts).length > 0) return YES;
  const failed = facts.attempts.find(({ outcome, foreign }) => outcome !== 'accepted' && foreign !== true);
  if (failed === undefined) return { answer: 'waiting', detail: 'The request held no items.', commands: [] };
  return { answer: 'no', detail: attemptSentence(failed), commands: [] };
}

function claimed(facts: FirstDataFacts): ReturnType<Question> {
  const { offered, unclaimed, program } = facts;
  if (arrived(facts).some((signal) => !unclaimed.includes(signal))) return YES;
  const missing = unclaimed.map(
    (signal) => `${count(offered[signal], ITEM_NOUN[signal].people)} arrived, no ${kindOfSignal(signal)} runs`,
  );
  return {
    answer: 'no',
    detail: sentence(missing.join('; ')),
    code: 'SL0621',
    commands: unclaimed.slice(0, 1).flatMap((signal) => firstPipelineCommands(signal, program)),
  };
}

/** Where one pipeline lets something pass, it is the others' filters that are looked at elsewhere. */
function kept({ views, program }: FirstDataFacts): ReturnType<Question> {
  const withData = views.filter(({ status }) => status.ledger.received > 0);
  const [first] = withData;
  if (first === undefined || !withData.every(({ status }) => leavesOutEverything(status))) return YES;
  return { answer: 'no', detail: filteredSentence(first), code: 'SL0624', commands: [`${program} explain SL0624`] };
}

function delivered({ views, program }: FirstDataFacts): ReturnType<Question> {
  if (views.some(({ status }) => status.ledger.delivered > 0)) return YES;
  const failing = views.find(({ status }) => status.backend.failure !== undefined);
  const failure = failing?.status.backend.failure;
  if (failing === undefined || failure === undefined) {
    const waits = views.some(({ status }) => status.ledger.received > 0);
    const detail = waits
      ? 'It waits in the queue of its pipeline.'
      : 'Nothing has arrived for a pipeline that runs now.';
    return { answer: 'waiting', detail, commands: [] };
  }
  const { destination } = failing.status.backend;
  const { phrase, help } = backendAdvice(failure.kind, destination);
  return {
    answer: 'no',
    detail: `${sentence(`the backend ${destination} ${phrase}`)} ${sentence(failure.message)} ${help}`,
    code: failure.code,
    commands: backendCommands({ kind: failure.kind, destination, signal: failing.ref.signal }, program),
  };
}

function clockIsRight({ clockSkews, program }: FirstDataFacts): ReturnType<Question> {
  const [skew] = clockSkews;
  if (skew === undefined) return YES;
  return {
    answer: 'no',
    detail: `${sentence(skewPhrase(skew))} ${skewHelp(skew)}`,
    code: 'SL0620',
    commands: [`${program} explain SL0620`],
  };
}

/** `127.0.0.1:5123 over HTTP: no such path /v1/trace; did you mean /v1/traces?` */
function attemptSentence({ peer, protocol, outcome, message }: AttemptDocument): string {
  const over = { grpc: ' over gRPC', http: ' over HTTP', unknown: '' }[protocol];
  return sentence(`${peer}${over}: ${message ?? outcome}`);
}
