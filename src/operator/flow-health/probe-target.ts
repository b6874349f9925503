import type { Signal } from '../../pdata/index.ts';

/** How to ask a backend what is wrong: an empty request, as the pipeline would send it. Holds secrets: never to be printed. */
export interface ProbeTarget {
  readonly protocol: 'grpc' | 'http' | 'remote-write' | 'fluent-bit-http';
  /** The URL of the exporter as it is meant, secrets resolved: `https://host:4317`, `host:4317` for gRPC, the whole URL for HTTP. */
  readonly url: string;
  readonly signal: Signal;
  readonly tls: {
    readonly insecure: boolean;
    readonly skipVerify: boolean;
    /** PEM. */
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
  };
  readonly headers: Readonly<Record<string, string>>;
  /** False: credentials are fetched elsewhere (OAuth2), so that an answer about them says nothing. */
  readonly authenticated: boolean;
}
