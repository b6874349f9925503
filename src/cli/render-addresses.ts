import { machineState, type RenderOptions } from '../render/index.ts';
import type { Topology, Workload } from '../topology/index.ts';

export interface RenderAddresses {
  /** Of the workload that takes data from senders, `host:port`. */
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
  /** First of the ports of the workloads behind it. */
  readonly innerPort: number;
  /** Where queues on disk and dead letters are. */
  readonly folder: string;
}

/** A workload behind another takes gRPC, HTTP and requests for its own metrics. */
const PORTS_EACH = 3;

/**
 * Addresses with which all workloads of a topology run on one machine, as they are printed: the last one listens where
 * senders expect it, the others on loopback, three ports each from `innerPort` on.
 */
export function renderAddresses({ otlpGrpc, otlpHttp, innerPort, folder }: RenderAddresses) {
  return (workload: Workload, { workloads }: Topology): RenderOptions => {
    const portOf = (name: string) => innerPort + PORTS_EACH * workloads.findIndex((one) => one.name === name);
    const state = machineState({ folder }, workload);
    if (workload === workloads.at(-1)) {
      const peers = workloads.map(({ name }) => [name, `127.0.0.1:${portOf(name)}`] as const);
      return { otlpGrpc, otlpHttp, state, peers: Object.fromEntries(peers) };
    }
    const port = portOf(workload.name);
    return {
      otlpGrpc: `127.0.0.1:${port}`,
      otlpHttp: `127.0.0.1:${port + 1}`,
      state,
      // Without a word every stock Collector would serve its metrics on port 8888.
      metrics: { host: '127.0.0.1', port: port + 2 },
    };
  };
}
