import type { EngineLog } from '../../engine/index.ts';
import type { BackendFailure, EngineSnapshot, ExporterSnapshot, PipelineSnapshot } from '../../flow/index.ts';
import { feedsViewer, type PipelineGraph, qualifiedName } from '../../pipeline/index.ts';
import { describeFlow } from '../../render/index.ts';
import type { Topology } from '../../topology/index.ts';
import { withoutAddress } from '../secret-address.ts';
import type { Deployment } from './deployment.ts';
import { VIEWER_DESTINATION } from './viewer-exporter.ts';

interface Known {
  /** Instead of the address of the backend; absent where that stands in the manifest. */
  readonly destination?: string;
  readonly addresses: ReadonlySet<string>;
}

/**
 * Addresses of backends and token endpoints that stand in Secrets: the engine knows nothing of Secrets and tells where it
 * sends, so what it says is changed on its way to people. The same goes for the port at which processes reach the viewer. Those of pipelines that are gone stay known, as they may still
 * deliver what they hold.
 */
export class SecretAddresses {
  /** By the name that the exporter of a pipeline has behind its type. */
  readonly #known = new Map<string, Known>();

  /** Call before any of it runs. */
  learn(topology: Topology): void {
    const labels = new Map(
      describeFlow(topology)
        .nodes.filter(({ stage }) => stage === 'backend')
        .map(({ pipeline, label }) => [`${pipeline?.kind}/${pipeline?.name}`, label]),
    );
    for (const workload of topology.workloads) {
      if (workload.role === 'router') continue;
      for (const graph of workload.pipelines) this.#add(graph, labels.get(`${graph.kind}/${graph.name}`));
    }
  }

  #add(graph: PipelineGraph, destination: string | undefined): void {
    const { exporter } = graph;
    if (exporter.type !== 'otlp' && exporter.type !== 'prometheusRemoteWrite') return;
    if (feedsViewer(graph)) {
      this.#known.set(qualifiedName(graph), { destination: VIEWER_DESTINATION, addresses: new Set() });
      return;
    }
    const { endpoint, oauth2 } = exporter;
    const texts = [endpoint, oauth2?.tokenUrl ?? ''].flatMap((one) =>
      typeof one === 'string' ? [] : [one.text ?? ''],
    );
    const name = qualifiedName(graph);
    const before = this.#known.get(name);
    if (texts.length === 0 && before === undefined) return;
    this.#known.set(name, {
      ...(typeof endpoint === 'string' || destination === undefined ? {} : { destination }),
      addresses: new Set([...(before?.addresses ?? []), ...texts]),
    });
  }

  /** The log of an engine: of an exporter that is named in a line. */
  log(log: EngineLog): EngineLog {
    const hidden = (fields: Readonly<Record<string, unknown>> | undefined) => fields && this.#fields(fields);
    return {
      info: (message, fields) => log.info(message, hidden(fields)),
      warn: (message, fields) => log.warn(message, hidden(fields)),
      error: (message, fields) => log.error(message, hidden(fields)),
    };
  }

  #fields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const known = Object.values(fields).flatMap((value) => this.#of(value) ?? []);
    if (known.length === 0) return fields;
    return Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [
        key,
        typeof value === 'string' ? known.reduce((text, one) => without(text, one), value) : value,
      ]),
    );
  }

  /** What runs, telling nothing of them. */
  deployment(inner: Deployment): Deployment {
    const { processes } = inner;
    return {
      get ports() {
        return inner.ports;
      },
      get rendered() {
        return inner.rendered;
      },
      snapshot: () => this.#snapshot(inner.snapshot()),
      ...(processes === undefined
        ? {}
        : {
            processes: () =>
              processes().map(({ snapshot, ...document }) => ({
                ...document,
                ...(snapshot === undefined ? {} : { snapshot: this.#snapshot(snapshot) }),
              })),
          }),
      metrics: () => inner.metrics(),
      reload: (target) => {
        this.learn(target.topology);
        return inner.reload(target);
      },
      shutdown: (options) => inner.shutdown(options),
    };
  }

  #snapshot(snapshot: EngineSnapshot): EngineSnapshot {
    if (this.#known.size === 0) return snapshot;
    const pipelines = snapshot.pipelines.map(
      (pipeline): PipelineSnapshot => ({
        ...pipeline,
        exporters: pipeline.exporters.map((one) => this.#exporter(one)),
      }),
    );
    return { ...snapshot, pipelines };
  }

  #exporter(exporter: ExporterSnapshot): ExporterSnapshot {
    const known = this.#of(exporter.id);
    if (known === undefined) return exporter;
    const { destination, failure, rejection } = exporter;
    const hidden = (one: BackendFailure): BackendFailure => ({ ...one, message: without(one.message, known) });
    return {
      ...exporter,
      destination: known.destination ?? without(destination, known),
      ...(failure === undefined ? {} : { failure: hidden(failure) }),
      ...(rejection === undefined ? {} : { rejection: hidden(rejection) }),
    };
  }

  #of(exporterId: unknown): Known | undefined {
    if (typeof exporterId !== 'string') return undefined;
    return this.#known.get(exporterId.slice(exporterId.indexOf('/') + 1));
  }
}

function without(text: string, { addresses }: Known): string {
  return [...addresses].reduce(withoutAddress, text);
}
