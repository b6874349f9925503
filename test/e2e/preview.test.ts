import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readResources } from '../../src/apis/index.ts';
import { ottlEnvironment } from '../../src/engine/index.ts';
import { SIGNALS, type Signal } from '../../src/pdata/index.ts';
import { resolve } from '../../src/pipeline/index.ts';
import { decodeItems, type Item, previewPipeline, valuesOf } from '../../src/preview/index.ts';
import { richInput } from '../differential/inputs.ts';
import { type Capture, startCapture } from '../testkit/capture.ts';
import { type Deployment, deploy } from '../testkit/deployment.ts';
import { sendHttp } from '../testkit/senders.ts';
import { waitFor } from '../testkit/wait-for.ts';

const KIND = { traces: 'TracePipeline', metrics: 'MetricPipeline', logs: 'LogPipeline' } as const;

const SET_OWN = { traces: 'span', metrics: 'datapoint', logs: 'log' } as const;

/** Rules for every signal; those that write above their row would add up in a request of many items, and stand apart. */
function ruleSets(signal: Signal): readonly object[] {
  const own = SET_OWN[signal];
  const item = signal === 'metrics' ? 'metric' : own;
  const text = signal === 'logs' ? 'log.body' : `${item}.name`;
  const set = (...statements: string[]) => ({ transform: [{ statements }] });
  const drop = (...conditions: string[]) => ({ filter: [{ conditions }] });
  return [
    set(`set(${own}.attributes["a"], "b")`),
    set(
      `set(${own}.attributes["a"], resource.attributes["service.name"]) where resource.attributes["service.name"] != nil`,
    ),
    set(`keep_keys(${own}.attributes, ["text", "bytes", "map"])`),
    set(`delete_matching_keys(${own}.attributes, "^(int|double)")`),
    set('set(resource.attributes["team"], "shop")', 'delete_key(resource.attributes, "host.name")'),
    set(`set(${own}.attributes["parsed"], ParseJSON(${own}.attributes["text"]))`),
    set(`set(${own}.attributes["n"], Int(${own}.attributes["text"]))`, `set(${own}.attributes["after"], true)`),
    {
      transform: [
        { conditions: [`${own}.attributes["bool.true"] == true`], statements: [`set(${own}.attributes["x"], 1)`] },
      ],
    },
    drop(`IsString(${text})`),
    drop('resource.attributes["service.name"] == "a"', `${own}.attributes["text"] == nil`),
    {
      ...set(`set(${own}.attributes["z"], 1) where ${own}.attributes["text"] != nil`),
      ...drop(`${own}.attributes["z"] == 1`),
    },
  ];
}

const pipelines = SIGNALS.flatMap((signal) =>
  ruleSets(signal).map((rules, i) => ({ signal, rules, name: `rules-${i}` })),
);

function manifest({ signal, rules, name }: (typeof pipelines)[number], port: number): object {
  const endpoint = { value: `http://127.0.0.1:${port}/${name}` };
  return {
    apiVersion: 'telemetry.kyma-project.io/v1beta1',
    kind: KIND[signal],
    metadata: { name },
    spec: {
      ...rules,
      delivery: { buffer: { maxSize: '8Mi' } },
      output: { otlp: { protocol: 'http', compression: 'none', endpoint } },
    },
  };
}

function lines(items: readonly Item[]): readonly string[] {
  return items.map((item) => JSON.stringify([...valuesOf(item)])).sort();
}

describe('the preview of a pipeline', () => {
  let backend: Capture;
  let deployment: Deployment;
  beforeAll(async () => {
    backend = await startCapture();
    const manifests = pipelines.map((pipeline) => manifest(pipeline, backend.httpPort));
    deployment = await deploy(manifests, { topology: 'Shared', distribution: 'sluice' });
    for (const signal of SIGNALS) {
      const headers = { 'content-type': 'application/x-protobuf' };
      const body = richInput(signal).bytes;
      expect((await sendHttp(deployment.front.http, { path: `/v1/${signal}`, body, headers })).status).toBe(200);
    }
  }, 60_000);
  afterAll(async () => {
    await deployment?.stop();
    await backend?.stop();
  });

  it.each(pipelines)('says what the engine does with the same items: $signal $name', async (pipeline) => {
    const { signal, name } = pipeline;
    const text = JSON.stringify(manifest(pipeline, backend.httpPort));
    const { resources } = readResources([{ file: 'draft.yaml', text }]);
    const { graph } = resolve(resources[0]!);
    const preview = previewPipeline(graph!, decodeItems(signal, richInput(signal).bytes), ottlEnvironment);
    const expected = lines(preview.items.flatMap(({ after }) => after));
    const arrived = () =>
      backend
        .accepted()
        .filter((request) => request.signal === signal && request.path.startsWith(`/${name}/`))
        .flatMap(({ body }) => decodeItems(signal, body));
    await waitFor(`${name} to arrive`, () => arrived().length >= expected.length);
    expect(lines(arrived())).toEqual(expected);
  });
});
