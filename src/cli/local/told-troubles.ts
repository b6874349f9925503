import { BACKEND_LOG, type EngineLog, RULE_FAILED_LOG, UNOWNED_LOG } from '../../engine/index.ts';
import type { OverviewDocument, Problem, TurnedAwayDocument } from '../../server/index.ts';
import { problemLines } from '../problem-lines.ts';

/** Backends, losses, rules, signals that nobody takes, clocks. Files and processes are told about where they change. */
const FLOW_CODES = /^SL(0000|05\d\d|0605|062[0134])$/;
/** A backend that fails now and then is one story. */
const OVER_AFTER_MS = 10_000;
/** Whoever sends nonsense of many kinds does not get a line for each. */
const MAX_REASONS = 20;

export interface Marks {
  readonly ok: string;
  readonly warning: string;
  readonly error: string;
}

interface Told {
  readonly problem: Problem;
  lastSeenMs: number;
}

/** What the terminal of `sluice up` was told, so that everything that `sluice status` would say appears there once. */
export class ToldTroubles {
  readonly #marks: Marks;
  readonly #problems = new Map<string, Told>();
  #reasons: ReadonlySet<string> = new Set();
  #isOverfull = false;

  constructor(marks: Marks) {
    this.#marks = marks;
  }

  /** Lines for what is new, or over, since the last call. */
  news(overview: OverviewDocument): readonly string[] {
    const nowMs = Date.parse(overview.generatedAt);
    const problems = overview.problems.filter(({ code }) => code === undefined || FLOW_CODES.test(code));
    return [
      ...problems.flatMap((problem) => this.#tellProblem(problem, nowMs)),
      ...this.#tellWhatIsOver(nowMs),
      ...this.#tellTurnedAway(overview),
    ];
  }

  #tellProblem(problem: Problem, nowMs: number): readonly string[] {
    const key = keyOf(problem);
    const told = this.#problems.get(key);
    this.#problems.set(key, { problem, lastSeenMs: nowMs });
    return told === undefined ? problemLines(problem, this.#marks[problem.severity]) : [];
  }

  #tellWhatIsOver(nowMs: number): readonly string[] {
    const over: string[] = [];
    for (const [key, { problem, lastSeenMs }] of this.#problems) {
      if (nowMs - lastSeenMs < OVER_AFTER_MS) continue;
      this.#problems.delete(key);
      const { pipeline } = problem;
      if (pipeline === undefined) continue;
      const isStillUnwell = [...this.#problems.values()].some((other) => nameOf(other.problem) === nameOf(problem));
      if (!isStillUnwell) over.push(`${this.#marks.ok} ${nameOf(problem)} has no problem any more`);
    }
    return over;
  }

  #tellTurnedAway({ turnedAway, program }: OverviewDocument): readonly string[] {
    const fresh = turnedAway.filter(({ message }) => !this.#reasons.has(message));
    const room = Math.max(0, MAX_REASONS - (turnedAway.length - fresh.length));
    const told = fresh.slice(0, room);
    const wasOverfull = this.#isOverfull;
    this.#isOverfull = fresh.length > room;
    const known = turnedAway.filter(({ message }) => this.#reasons.has(message));
    this.#reasons = new Set([...known, ...told].map(({ message }) => message));
    return [
      ...told.toReversed().map((reason) => this.#turnedAwayLine(reason)),
      ...(this.#isOverfull && !wasOverfull
        ? [`${this.#marks.warning} more is not taken; see:  ${program} status`]
        : []),
    ];
  }

  #turnedAwayLine({ message, code, last: { peer, protocol } }: TurnedAwayDocument): string {
    const over = { grpc: ' over gRPC', http: ' over HTTP', unknown: '' }[protocol];
    return `${this.#marks.warning} not taken from ${peer}${over}: ${message}${code === undefined ? '' : `   ${code}`}`;
  }
}

/** Titles hold times and amounts; one about no pipeline is known by its words. */
function keyOf({ severity, pipeline, code = '', title }: Problem): string {
  const about = pipeline === undefined ? title.replace(/\d+/g, '') : `${pipeline.kind}/${pipeline.name}`;
  return `${severity} ${code} ${about}`;
}

function nameOf({ pipeline }: Problem): string {
  return pipeline === undefined ? '' : `${pipeline.kind.toLowerCase()}/${pipeline.name}`;
}

/** Without what is told as a problem, by the pipeline's name and with advice. */
export function withoutWhatIsTold(log: EngineLog): EngineLog {
  const told = new Set<string>([...Object.values(BACKEND_LOG), RULE_FAILED_LOG, UNOWNED_LOG]);
  const isTold = (message: string) => told.has(message);
  return {
    info: log.info,
    warn: (message, fields) => (isTold(message) ? undefined : log.warn(message, fields)),
    error: log.error,
  };
}
