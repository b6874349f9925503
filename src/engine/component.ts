import type { Static, TSchema } from 'typebox';
import type { Issue } from '../diagnostics/index.ts';
import type { Account, EngineSnapshot, StatementSnapshot } from '../flow/index.ts';
import type { Clock, MetricsRegistry } from '../lib/index.ts';
import type { ComponentConfig, ComponentId, PipelineId } from '../otelcol/index.ts';
import type { Authenticate, ExportOutcome, IngestAttempt, RequestCredentials, Sharing } from '../otlp/index.ts';
import type { Signal } from '../pdata/index.ts';
import type { Admission } from './admission/admission.ts';
import type { AdmissionSettings } from './admission/settings.ts';
import type { Batch, Consumer } from './batch.ts';
import type { OttlEdit } from './processor/ottl-edit.ts';
import type { Scratch } from './processor/scratch.ts';
import type { QueueStorage } from './queue/queue-storage.ts';
import type { QueueSettings } from './settings/queue.ts';
import type { RetrySettings } from './settings/retry.ts';

/** Where the engine tells of changes of its state: the message is constant, data are fields. */
export interface EngineLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The world, as components see it. */
export interface EngineDeps {
  readonly clock: Clock;
  /** Numbers in [0, 1); jitter is the only use. */
  random(): number;
  readonly metrics: MetricsRegistry;
  readonly log: EngineLog;
}

/** What a component's factory gets beside its settings. */
export interface ComponentContext {
  readonly id: ComponentId;
  readonly deps: EngineDeps;
}

export interface ExporterContext extends ComponentContext {
  readonly signal: Signal;
  /** An exporter of this id has run before in this engine: what it wrote must be kept. */
  readonly resumed: boolean;
  /** The credentials of an extension named as `auth.authenticator`; undefined when it is no authenticator of clients. */
  credentials(extension: ComponentId): RequestCredentials | undefined;
  /** One value for all signals of this component id, made at the first call. */
  shared<T>(make: () => T): T;
  /** Where the debug exporter writes. */
  stdout(text: string): void;
}

/** Where a component stands in its configuration: what its check needs beside the settings. */
export interface ComponentUse {
  /** Of the pipelines that name it, each once. */
  readonly signals: readonly Signal[];
  /** The pipelines that receive from it. */
  readonly receivedBy: readonly PipelineId[];
}

/** What every type of component states of its settings. */
export interface SettingsSpec {
  /** Settings in the Collector's spelling, `additionalProperties: false`. */
  readonly schema: TSchema;
  /** What a schema cannot say, for settings that passed it; paths start at the settings. */
  check?(settings: ComponentConfig, use: ComponentUse): Issue[];
}

/** A type of exporter: its settings and how one is made. Queue, retry, timeout, ledger and metrics are the engine's. */
export interface ExporterFactory extends SettingsSpec {
  /** Called once per exporter and signal, with settings that passed the schema. */
  create(settings: ComponentConfig, context: ExporterContext): Exporter;
}

/** What is particular to one exporter. */
export interface Exporter {
  /** Where it sends to, for people; never holds a credential. */
  readonly destination: string;
  /** Absent: no queue, the sender waits for the outcome. */
  readonly queue?: QueueSettings;
  /** Absent: the first failure is final. */
  readonly retry?: RetrySettings;
  start?(): Promise<void>;
  /**
   * What was taken over first is sent first: nothing is tried while something older waits for its next try. With one
   * consumer.
   */
  readonly ordered?: boolean;
  /** One try, within the exporter's own timeout. Failures are values; rejects only with the abort reason. Synchronous where it can be. */
  send(batch: Batch, options: { readonly signal: AbortSignal }): ExportOutcome | Promise<ExportOutcome>;
  /** Called after the last `send` of every signal has settled or was aborted. */
  shutdown?(): Promise<void>;
}

export interface ProcessorContext extends ComponentContext {
  /** How senders share what is limited; absent: one is as another. */
  readonly admission?: Admission;
}

/** A type of processor. One instance per component id, attached to every pipeline that names it. */
export interface ProcessorFactory extends SettingsSpec {
  create(settings: ComponentConfig, context: ProcessorContext): ProcessorInstance;
}

export interface ProcessorInstance {
  /** Data comes once it has resolved; what it rejects with stops the engine from starting. */
  start?(): void | Promise<void>;
  attach(stage: StageContext): Processor;
  /** Of a processor that runs OTTL: what it does, so that neighbours are attached as one. */
  edit?(signal: Signal): OttlEdit;
  /** What became of its OTTL statements and conditions. */
  statements?(): readonly StatementSnapshot[];
  /** How many items it has dropped, where that is what it is for. */
  filtered?(): NonNullable<EngineSnapshot['filtered']>[number];
  shutdown?(): void;
}

/** The place of a processor in one pipeline. */
export interface StageContext {
  readonly pipeline: PipelineId;
  readonly signal: Signal;
  readonly next: Consumer;
  /** Memory for what is written for `next`, if that borrows. */
  readonly scratch: Scratch;
  /** The ledger of everyone behind this stage: what it holds, refuses or drops is booked in each. */
  readonly accounts: readonly Account[];
}

export interface Processor extends Consumer {
  /** Senders have their answer before what it holds goes on: nobody behind it can refuse them. */
  readonly answersSenders?: true;
  /** The engine stops: senders that wait for this stage are told, and none is made to wait. */
  hasten?(): void;
  /** Passes on what it holds; on shutdown, when nothing new comes. */
  flush?(): Promise<void>;
  /** Drops what it still holds, as `shutdown`; the last call. */
  abandon?(): void;
}

/** An address the engine listens on; `port` is the real one where the configuration said 0. */
export interface EngineListener {
  readonly component: string;
  /** `grpc` or `http` (both speak both), `metrics` or `health`. */
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
}

export interface ReceiverFactory extends SettingsSpec {
  create(settings: ComponentConfig, context: ReceiverContext): Receiver;
}

export interface ReceiverContext extends ComponentContext {
  /** Where data of a signal goes; absent when no pipeline takes that signal. Changes with the configuration: look at every request. */
  readonly entries: Readonly<Partial<Record<Signal, Consumer>>>;
  readonly onAttempt: ((attempt: IngestAttempt) => void) | undefined;
  /** How hosts share connections and what is received at a time. */
  readonly sharing?: Sharing;
  /** The check of an extension named as `auth.authenticator`; undefined when it is no authenticator of servers. */
  authenticate(extension: ComponentId): Authenticate | undefined;
  /** A sentence for senders of data that was accepted, as the message of a partial success that rejects nothing. */
  readonly advise: ((signal: Signal) => string | undefined) | undefined;
}

export interface Receiver {
  start(): Promise<readonly EngineListener[]>;
  /** Takes nothing new, waits for the answers under way, at most `graceMs`. */
  shutdown(graceMs: number): Promise<void>;
}

export interface ExtensionFactory extends SettingsSpec {
  /** Whom an extension with these settings authenticates: `client` requires its `credentials`, `server` its `authenticate`. Absent: nobody. */
  authenticates?(settings: ComponentConfig): readonly AuthenticatorSide[];
  /** How senders share what is limited. Absent: it says nothing about it. */
  admission?(settings: ComponentConfig): AdmissionSettings;
  /** How queues are kept that name an extension with these settings as their `storage`. Absent: it is no storage. */
  storage?(settings: ComponentConfig): QueueStorage;
  create(settings: ComponentConfig, context: ExtensionContext): Extension;
}

/** Exporters name authenticators of clients, receivers those of servers. */
export type AuthenticatorSide = 'client' | 'server';

export interface ExtensionContext extends ComponentContext {
  /** Whether the engine takes data. */
  ready(): boolean;
}

export interface Extension {
  /** For exporters that name this extension as their authenticator. */
  readonly credentials?: RequestCredentials;
  /** For receivers that name this extension as their authenticator. */
  readonly authenticate?: Authenticate;
  start(): Promise<readonly EngineListener[]>;
  shutdown(): Promise<void>;
}

/**
 * A type of connector that chooses: each pipeline behind it gets what the connector gives it. (`forward` chooses nothing,
 * the graph carries it out.) The connector is an output of the pipelines in front of it, with an account of its own
 * there: what it passes on counts as delivered, and as received in the accounts of the pipelines that get it.
 */
export interface ConnectorFactory extends SettingsSpec {
  create(settings: ComponentConfig, context: ConnectorContext): Connector;
}

export interface ConnectorContext extends ComponentContext {
  readonly signal: Signal;
  /** Pipelines of the signal that name the connector as their receiver. */
  readonly pipelines: readonly PipelineId[];
}

export interface Connector {
  /** The pipelines that get this batch, each once; empty: it has no route and is dropped, counted. Synchronous, never throws. */
  route(batch: Batch): readonly PipelineId[];
}

interface Typed<S extends TSchema, Context, Made> {
  readonly schema: S;
  check?(settings: Static<S>, use: ComponentUse): Issue[];
  create(settings: Static<S>, context: Context): Made;
}

/** Gives a factory its settings in the type of its schema; the engine checks them against it before. */
export function defineExporter<S extends TSchema>(typed: Typed<S, ExporterContext, Exporter>): ExporterFactory {
  return typed as ExporterFactory;
}

export function defineProcessor<S extends TSchema>(
  typed: Typed<S, ProcessorContext, ProcessorInstance>,
): ProcessorFactory {
  return typed as ProcessorFactory;
}

export function defineReceiver<S extends TSchema>(typed: Typed<S, ReceiverContext, Receiver>): ReceiverFactory {
  return typed as ReceiverFactory;
}

export function defineExtension<S extends TSchema>(
  typed: Typed<S, ExtensionContext, Extension> & {
    authenticates?(settings: Static<S>): readonly AuthenticatorSide[];
    storage?(settings: Static<S>): QueueStorage;
    admission?(settings: Static<S>): AdmissionSettings;
  },
): ExtensionFactory {
  return typed as ExtensionFactory;
}

export function defineConnector<S extends TSchema>(typed: Typed<S, ConnectorContext, Connector>): ConnectorFactory {
  return typed as ConnectorFactory;
}
