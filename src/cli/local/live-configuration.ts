/**
 * What runs, and how it changes: by an edit of the files, by `sluice apply` and by `sluice delete`. One change at a time;
 * a change that the engine refuses leaves everything as it was.
 */
import type { Issue, SourceFile } from '../../diagnostics/index.ts';
import type { LedgerRow } from '../../flow/index.ts';
import { type Clock, CodedError, errorCode, errorMessage } from '../../lib/index.ts';
import { identityOf, type ResourceIdentity } from '../../pipeline/index.ts';
import type {
  ApplyDocument,
  ApplyRequest,
  ConfigurationDocument,
  DeleteRequest,
  LedgerDocument,
  PipelineRef,
  ResourceChange,
} from '../../server/index.ts';
import { hasErrors } from '../findings.ts';
import { adviceOf } from './advice.ts';
import type { AppliedResources } from './applied-resources.ts';
import { changesBetween } from './changes.ts';
import { changedFiles, lostText } from './compare-sources.ts';
import { configurationDocument } from './configuration-document.ts';
import type { Deployment } from './deployment.ts';
import { findDocuments } from './found-documents.ts';
import { type Generation, type Inputs, readGeneration, shownName } from './generation.ts';
import type { InputSources, SourcesRead } from './input-sources.ts';
import { pipelineRefs } from './pipeline-refs.ts';
import { asPosted, issuesOfPosted } from './posted-files.ts';

export interface LiveOptions {
  readonly sources: InputSources;
  readonly deployment: Deployment;
  readonly clock: Clock;
  readonly capBytes: number;
  readonly viewerEndpoint: string | undefined;
  /** The command line chose the topology, whatever the files say. */
  readonly topologyIsFixed: boolean;
  /** Keeps applied resources across restarts; does not throw. */
  readonly save: ((text: string) => void) | undefined;
  /** The generation that runs from the start, and what it came from. */
  readonly first: Generation;
  readonly read: SourcesRead;
  readonly applied: AppliedResources;
  readonly activatedMs: number;
}

/** What became of a new version of the files. */
export interface Reload {
  readonly tookMs: number;
  /** Files whose text is another one. */
  readonly files: readonly string[];
  readonly changes: readonly ResourceChange[];
  readonly issues: readonly Issue[];
  readonly sources: readonly SourceFile[];
  /** Why the engine did not take it; everything runs as before. */
  readonly refused?: string;
}

export class LiveConfiguration {
  readonly #options: LiveOptions;
  #inputs: SourcesRead;
  #applied: AppliedResources;
  #running: Generation;
  #looked: Generation;
  #facts: Pick<ConfigurationDocument, 'generation' | 'loadedAt' | 'activatedMs' | 'state'>;
  #document: ConfigurationDocument | undefined;
  /** Every pipeline that ever ran, by its id. */
  readonly #known = new Map<string, PipelineRef>();
  /** Why the engine does not run a resource, by identity; tried again when a file changes. */
  #refused: ReadonlyMap<string, string> = new Map();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#inputs = options.read;
    this.#applied = options.applied;
    this.#running = options.first;
    this.#looked = options.first;
    this.#facts = {
      generation: 1,
      loadedAt: this.#now(),
      activatedMs: options.activatedMs,
      state: stateOf(options.first),
    };
    this.#remember();
  }

  get running(): Generation {
    return this.#running;
  }

  /** The newest version of the files, whether it runs or not. */
  get looked(): Generation {
    return this.#looked;
  }

  /** The pipelines that people know about: with those that an error keeps from running, and removed ones that still hold items. */
  get pipelines(): readonly PipelineRef[] {
    const current = pipelineRefs(this.#running, this.#looked);
    const holding = this.#removed(current).filter(({ ledger }) => ledger.queued > 0);
    return [...current, ...holding.map(({ ref }) => ref)];
  }

  /** What became of everything since the start, removed pipelines included. */
  get ledger(): LedgerDocument {
    const { pipelines } = this.#options.deployment.snapshot();
    const current = pipelineRefs(this.#running, this.#looked);
    const rows = current.flatMap((ref) => {
      const row = pipelines.find(({ id }) => id === ref.pipelineId);
      return row === undefined ? [] : [{ ref, ledger: row.ledger }];
    });
    const all = [...rows, ...this.#removed(current)];
    return { pipelines: all.map(({ ref: { kind, name }, ledger }) => ({ kind, name, ...ledger })) };
  }

  /** Pipelines that ran and are no longer wanted. */
  #removed(current: readonly PipelineRef[]): readonly { readonly ref: PipelineRef; readonly ledger: LedgerRow }[] {
    const ids = new Set(current.map(({ pipelineId }) => pipelineId));
    return this.#options.deployment.snapshot().pipelines.flatMap(({ id, ledger }) => {
      const ref = this.#known.get(id);
      return ref === undefined || ids.has(id) ? [] : [{ ref, ledger }];
    });
  }

  get document(): ConfigurationDocument {
    this.#document ??= configurationDocument({
      ...this.#facts,
      number: this.#facts.generation,
      looked: this.#looked,
      running: this.#running,
      rendered: this.#options.deployment.rendered,
    });
    return this.#document;
  }

  /** Reads the files again; undefined when every text is as it was. A file that is suddenly empty is looked at once more. */
  reload(): Promise<Reload | undefined> {
    return this.#exclusive(async () => {
      const startedMs = this.#options.clock.monotonicMs();
      let read = await this.#options.sources.readAgain();
      if (lostText(this.#inputs, read)) {
        await new Promise<void>((resolve) => this.#options.clock.after(EMPTY_FILE_MS, resolve));
        read = await this.#options.sources.readAgain();
      }
      const files = changedFiles(this.#inputs, read);
      if (files.length === 0) return undefined;
      const applied = this.#applied.whereFilesStand(read.files);
      this.#refused = new Map();
      const before = this.#running;
      const refused = await this.#run(read, applied, startedMs);
      return {
        tookMs: this.#options.clock.monotonicMs() - startedMs,
        files,
        changes: refused === undefined ? changesBetween(before, this.#running) : [],
        issues: this.#looked.issues,
        sources: this.#looked.sources,
        ...(refused === undefined ? {} : { refused }),
      };
    });
  }

  /** Puts resources over those of the files. With an error in them nothing is changed. */
  apply({ files, dryRun = false }: ApplyRequest): Promise<ApplyDocument> {
    return this.#exclusive(async () => {
      // Read as they were sent, so that findings point at the sender's lines; under names that no file of ours has.
      const posted = asPosted(files);
      const applied = this.#applied.with(posted, this.#inputs.files);
      const trial = this.#generation(this.#inputs, applied, posted);
      const issues = issuesOfPosted(trial.issues);
      const named = findDocuments(posted).documents;
      const ids = new Set(named.map(identityOf));
      const changes = changesBetween(this.#running, trial).filter((change) => ids.has(identityOf(change)));
      if (hasErrors(issues) || dryRun) return this.#answer(changes, issues);
      const startedMs = this.#options.clock.monotonicMs();
      const refused = await this.#run(this.#inputs, applied, startedMs);
      if (refused !== undefined) throw new CodedError('SL0609', refused);
      return this.#answer(changes, issues);
    });
  }

  /** Takes an applied resource away; the one of the files, if there is one, runs again. Throws CodedError for others. */
  delete({ kind, name, dryRun = false }: DeleteRequest): Promise<ApplyDocument> {
    return this.#exclusive(async () => {
      const identity = this.#find(kind, name);
      if (!this.#applied.has(identity)) throw this.#notApplied(identity);
      const applied = this.#applied.without(identity);
      const trial = this.#generation(this.#inputs, applied);
      const changes = changesBetween(this.#running, trial).filter((one) => identityOf(one) === identityOf(identity));
      if (dryRun) return this.#answer(changes, []);
      const refused = await this.#run(this.#inputs, applied, this.#options.clock.monotonicMs());
      if (refused !== undefined) throw new CodedError('SL0609', refused);
      return this.#answer(changes, []);
    });
  }

  /** Runs what the inputs say; the reason when the engine refuses. */
  async #run(read: SourcesRead, applied: AppliedResources, startedMs: number): Promise<string | undefined> {
    const next = this.#generation(read, applied);
    const refused = await this.#activate(next);
    const looked = refused === undefined ? next : ((await this.#runWithoutOne(next, refused, applied, read)) ?? next);
    const runs = refused === undefined || looked !== next;
    this.#looked = looked;
    this.#inputs = read;
    if (runs) {
      this.#running = looked;
      this.#remember();
      const isChanged = applied !== this.#applied;
      this.#applied = applied;
      if (isChanged) this.#options.save?.(applied.toText());
    }
    this.#facts = {
      generation: this.#facts.generation + 1,
      loadedAt: this.#now(),
      activatedMs: Math.round(this.#options.clock.monotonicMs() - startedMs),
      state: runs ? stateOf(looked) : 'rejected',
    };
    this.#document = undefined;
    return runs ? undefined : refused;
  }

  #remember(): void {
    // Without their rules: those would keep every text that ever ran.
    for (const { rules: _, ...ref } of pipelineRefs(this.#running, this.#looked)) {
      if (ref.invalid === undefined) this.#known.set(ref.pipelineId, ref);
    }
  }

  async #activate(next: Generation): Promise<string | undefined> {
    const { deployment } = this.#options;
    const done = deployment.reload({ topology: next.topology, advice: adviceOf(next) });
    return done.then(() => undefined, reasonOf);
  }

  /** The engine refuses all for what one asks of it: that one keeps its last version, or is left out, and the others run. */
  async #runWithoutOne(next: Generation, reason: string, applied: AppliedResources, read: SourcesRead) {
    const changed = changesBetween(this.#running, next).filter(({ action }) => /^(created|configured)$/.test(action));
    for (const suspect of changed.slice(0, MOST_SUSPECTS)) {
      // What was just applied is refused as a whole.
      if (applied !== this.#applied && applied.has(suspect)) continue;
      const before = this.#refused;
      this.#refused = new Map([...before, [identityOf(suspect), reason]]);
      const without = this.#generation(read, applied);
      if ((await this.#activate(without)) === undefined) return without;
      this.#refused = before;
    }
    return undefined;
  }

  #generation(read: SourcesRead, applied: AppliedResources, posted: Inputs['overlays'] = []): Generation {
    const { capBytes, viewerEndpoint } = this.#options;
    const { type } = this.#running.topology;
    const generation = readGeneration(inputsOf(read, applied, posted), {
      capBytes,
      nowMs: this.#options.clock.nowMs(),
      topology: type,
      before: this.#running.pipelines,
      refused: this.#refused,
      ...(viewerEndpoint === undefined ? {} : { viewerEndpoint }),
    });
    return { ...generation, issues: [...read.issues, ...this.#topologyIssues(generation), ...generation.issues] };
  }

  /** Another topology would stop and start everything, which no edit should do unasked. */
  #topologyIssues({ askedTopology: asked, topology: { type } }: Generation): readonly Issue[] {
    if (asked === undefined || asked === type || this.#options.topologyIsFixed) return [];
    const message = `the topology ${asked} takes effect at the next start; ${type} runs`;
    return [{ code: 'SL0610', severity: 'warning', message, help: 'stop `sluice up` and start it again' }];
  }

  #answer(changes: readonly ResourceChange[], issues: readonly Issue[]): ApplyDocument {
    return { changes, issues, generation: this.#facts.generation };
  }

  /** The kind by any spelling of the command line: `tracepipeline`, `tp`. */
  #find(kind: string, name: string): ResourceIdentity {
    const known = this.pipelines.find((one) => one.kind.toLowerCase() === kind.toLowerCase() && one.name === name);
    if (known !== undefined) return known;
    const names = this.#running.pipelines.map(shownName);
    const there = names.length === 0 ? 'there is none' : `there are: ${names.join(', ')}`;
    throw new CodedError('SL0404', `no ${kind} \`${name}\` runs here; ${there}`);
  }

  #notApplied(identity: ResourceIdentity): CodedError {
    const pipeline = this.#running.pipelines.find((one) => identityOf(one) === identityOf(identity));
    const document = pipeline?.version.loaded.document;
    const where =
      document === undefined
        ? 'is built in'
        : `comes from ${document.file}:${document.root.span.line}; remove it there`;
    return new CodedError('SL0611', `${shownName(identity)} ${where}`);
  }

  #now(): string {
    return new Date(this.#options.clock.nowMs()).toISOString();
  }

  #exclusive<T>(change: () => Promise<T>): Promise<T> {
    const run = this.#last.then(change);
    this.#last = run.catch(() => {});
    return run;
  }
}

const EMPTY_FILE_MS = 200;
/** Of the resources that a change is about, so many are tried one after the other. */
const MOST_SUSPECTS = 10;

/** What a generation is made of; resources just posted stand for themselves, and not once more among the applied ones. */
export function inputsOf(read: SourcesRead, applied: AppliedResources, posted: Inputs['overlays'] = []): Inputs {
  return {
    files: read.files,
    secretFiles: read.secretFiles,
    appliedSecrets: applied.secretFiles,
    overlays: [...posted, ...applied.overlaysWithout(posted)],
    unreadable: read.unreadable,
  };
}

function stateOf({ issues }: Generation): ConfigurationDocument['state'] {
  return hasErrors(issues) ? 'partly' : 'running';
}

function reasonOf(error: unknown): string {
  const code = errorCode(error);
  return code === 'invalid_config' ? `the engine does not take it: ${errorMessage(error)}` : errorMessage(error);
}
