import type { Signal } from '../../pdata/index.ts';
import type { BackendFailureKind } from '../backend-failure.ts';
import { BACKEND_WORDS } from '../backend-words.ts';
import type { FlowFacts, GroupFacts, TimeToFull } from './flow-facts.ts';
import type { FlowReason, FlowVerdict } from './verdict.ts';

/** Data that stays away for so long is worth a word. */
export const AWAY_MS = 900_000;

export interface CandidateInput {
  readonly facts: FlowFacts;
  readonly nowMs: number;
  /** When data of the pipeline was seen last, by this or an earlier look. */
  readonly lastActiveMs: number | undefined;
  /** Something reached the backend once, by this or an earlier look. */
  readonly hasDelivered: boolean;
  /** What the backend said when it was asked. */
  readonly failure: BackendFailureKind | undefined;
  /** How soon the queue of the gateways, or of the agents, is full. */
  readonly timeToFull: { readonly gateway?: TimeToFull | undefined; readonly agent?: TimeToFull | undefined };
}

const NOUNS: Readonly<Record<Signal, string>> = { traces: 'spans', metrics: 'data points', logs: 'log records' };

const TIMES: Readonly<Record<TimeToFull, string>> = {
  minutes: 'within minutes',
  hour: 'within about an hour',
  hours: 'within hours',
  days: 'in a day or later',
};

type GroupName = 'Gateway' | 'Agent';
type Rule = (input: CandidateInput) => FlowVerdict | undefined;

const GATEWAY_ALL = ofGroup('Gateway', allDropped);
const GATEWAY_SOME = ofGroup('Gateway', someDropped);
const GATEWAY_FILLING = ofGroup('Gateway', fillingUp);
const AGENT_ALL = ofGroup('Agent', allDropped);
const AGENT_SOME = ofGroup('Agent', someDropped);
const AGENT_FILLING = ofGroup('Agent', fillingUp);

/**
 * Upstream's order of reasons, and ours among them: what is lost for certain first, then what will be. Of logs a loss of all by
 * either comes before a loss of some by the other.
 */
const FAULTS: Readonly<Record<'logs' | 'others', readonly Rule[]>> = {
  logs: [
    GATEWAY_ALL,
    AGENT_ALL,
    GATEWAY_SOME,
    AGENT_SOME,
    GATEWAY_FILLING,
    throttling,
    noLogsDelivered,
    AGENT_FILLING,
    bufferInUse,
  ],
  others: [GATEWAY_ALL, GATEWAY_SOME, GATEWAY_FILLING, throttling, AGENT_ALL, AGENT_SOME, AGENT_FILLING],
};

/** What the facts of this moment say, whatever was said before. */
export function candidateOf(input: CandidateInput): FlowVerdict {
  const { facts } = input;
  if (facts.gateway === undefined && facts.agent === undefined) {
    return verdict(
      'ConfigurationNotGenerated',
      'No data flows, because the pipeline is not part of what runs. The condition ConfigurationGenerated says why.',
    );
  }
  for (const rule of FAULTS[facts.signal === 'logs' ? 'logs' : 'others']) {
    const found = rule(input);
    if (found !== undefined) return found;
  }
  return silence(facts) ?? withoutFault(input);
}

function verdict(reason: FlowReason, message: string, status: FlowVerdict['status'] = 'False'): FlowVerdict {
  return { reason, status, message };
}

function ofGroup(
  name: GroupName,
  rule: (name: GroupName, group: GroupFacts, input: CandidateInput) => FlowVerdict | undefined,
): Rule {
  return (input) => {
    const group = name === 'Gateway' ? input.facts.gateway : input.facts.agent;
    return group === undefined ? undefined : rule(name, group, input);
  };
}

function allDropped(name: GroupName, { loss }: GroupFacts, input: CandidateInput): FlowVerdict | undefined {
  if (loss !== 'all') return undefined;
  const backend = backendSentence(input.failure, 'takes nothing');
  const noun = sentenceCase(nounOf(input));
  // What is refused for good is not tried again, so it never waits.
  const what = isForGood(input.failure)
    ? `${noun} are dropped, none is delivered.`
    : `${noun} that find the queue full, or wait too long in it, are dropped.`;
  return verdict(`${name}AllTelemetryDataDropped`, `${backend} ${what} ${next(input.failure)}`);
}

function someDropped(name: GroupName, { loss, losingPod }: GroupFacts, input: CandidateInput): FlowVerdict | undefined {
  if (loss !== 'some') return undefined;
  const reason: FlowReason = `${name}SomeTelemetryDataDropped`;
  const noun = nounOf(input);
  if (losingPod !== undefined) {
    return verdict(
      reason,
      fitting(`Pod ${losingPod} drops ${noun} and delivers none, others deliver. Its node may not reach the backend.`),
    );
  }
  const backend = backendSentence(input.failure, 'is too slow or rejects a part');
  return verdict(reason, `${backend} Some ${noun} are dropped, others are delivered. ${next(input.failure)}`);
}

function fillingUp(name: GroupName, group: GroupFacts, input: CandidateInput): FlowVerdict | undefined {
  const { filling, fillingPod } = group;
  if (filling === undefined) return undefined;
  const reason: FlowReason = `${name}BufferFillingUp`;
  const time = input.timeToFull[name === 'Gateway' ? 'gateway' : 'agent'];
  const until = time === undefined ? 'once the queue is full' : `when the queue is full, ${TIMES[time]}`;
  const then = filling.refuses ? 'senders are refused' : 'dropped';
  const noun = nounOf(input);
  if (fillingPod !== undefined) {
    return verdict(
      reason,
      fitting(
        `The queue of Pod ${fillingPod} fills, those of others do not. Nothing is lost yet; ${filling.refuses ? then : `${noun} are dropped`} ${until}.`,
      ),
    );
  }
  // An empty request may be refused where others are taken, and what a backend rejects does not wait in a queue.
  const failure = input.failure === 'rejected' ? undefined : input.failure;
  const backend = backendSentence(failure, filling.isStuck ? 'takes nothing' : 'takes less than is sent');
  return verdict(reason, `${backend} Nothing is lost yet: ${noun} are queued, and ${then} ${until}. ${next(failure)}`);
}

function throttling({ facts }: CandidateInput): FlowVerdict | undefined {
  if (facts.throttled === undefined) return undefined;
  return verdict('GatewayThrottling', THROTTLED[facts.throttled]);
}

const THROTTLED: Readonly<Record<NonNullable<FlowFacts['throttled']>, string>> = {
  limiter:
    "The gateway refuses data because of its memory limit; senders get 'unavailable' and should retry. More replicas or more memory help.",
  disk: "A disk for the queue of this pipeline fails or is full, so data is refused; senders get 'unavailable' and should retry. Look at the volumes of the gateway, and at what its Pods log.",
  unknown:
    "The gateway could not pass on what it was sent; senders get 'unavailable' and should retry. Look at the condition GatewayHealthy.",
};

function noLogsDelivered({ facts: { agent, agentIsFluentBit } }: CandidateInput): FlowVerdict | undefined {
  if (!agentIsFluentBit || agent?.isUndelivered !== true) return undefined;
  return verdict(
    'AgentNoLogsDelivered',
    'Logs are read, but none is delivered. They are kept on the disk of the node and not lost yet. Check whether the backend is reachable and takes them.',
  );
}

function bufferInUse({ facts: { agent, agentIsFluentBit } }: CandidateInput): FlowVerdict | undefined {
  if (!agentIsFluentBit || agent?.isBufferInUse !== true) return undefined;
  return verdict(
    'AgentBufferFillingUp',
    'The buffer of the log agent fills up on the disk of a node; the oldest logs are dropped when it is full. The backend takes less than is logged.',
  );
}

/** Nobody answers, so nobody knows. */
function silence({ gateway, agent }: FlowFacts): FlowVerdict | undefined {
  const unknown = (what: string) =>
    `Whether data flows is not known: ${what} does not tell its figures. Data flow itself is not affected by this.`;
  if (gateway?.answeringCount === 0) return verdict('GatewayProbingFailed', unknown('the gateway'), 'Unknown');
  if (agent?.answeringCount === 0) return verdict('AgentProbingFailed', unknown('the agent'), 'Unknown');
  return undefined;
}

function withoutFault({ facts, nowMs, lastActiveMs, hasDelivered }: CandidateInput): FlowVerdict {
  if (lastActiveMs === undefined) {
    return verdict(
      'NoDataYet',
      facts.isSignalArriving
        ? `Accepted and running. ${sentenceCase(NOUNS[facts.signal])} arrive at the gateway, but this pipeline takes none of them: look at its inputs, namespaces and filters.`
        : 'Accepted and running; nothing has arrived so far. Send some, and look at: sluice explain NoDataYet',
      'Unknown',
    );
  }
  if (nowMs - lastActiveMs > AWAY_MS) {
    return verdict(
      'NoDataForAWhile',
      'Data arrived before, none for 15 minutes. This can be normal. See: sluice explain NoDataForAWhile',
      'Unknown',
    );
  }
  if (!hasDelivered) {
    return verdict(
      'NoDataYet',
      'Accepted and running; data has arrived, but none was delivered so far. If the backend does not take it, that shows here within a minute.',
      'Unknown',
    );
  }
  const isPartial = [facts.gateway, facts.agent].some((group) => group && group.answeringCount < group.podCount);
  return verdict(
    'FlowHealthy',
    isPartial ? 'Data reaches the backend. Some Pods do not tell their figures.' : 'Data reaches the backend.',
    'True',
  );
}

function isForGood(failure: BackendFailureKind | undefined): boolean {
  return failure === 'credentials' || failure === 'rejected' || failure === 'protocol' || failure === 'too_large';
}

function backendSentence(failure: BackendFailureKind | undefined, otherwise: string): string {
  return `The backend ${failure === undefined ? otherwise : BACKEND_WORDS[failure].phrase}.`;
}

function next(failure: BackendFailureKind | undefined): string {
  return failure === undefined
    ? 'Look for what it reports.'
    : `See: sluice explain ${BACKEND_WORDS[failure].code} (${BACKEND_WORDS[failure].code})`;
}

function nounOf({ facts }: CandidateInput): string {
  return NOUNS[facts.signal];
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const LONGEST = 256;

/** Names of Pods may be long. */
function fitting(message: string): string {
  return message.length <= LONGEST ? message : `${message.slice(0, LONGEST - 1)}…`;
}
