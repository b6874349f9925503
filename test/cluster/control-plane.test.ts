import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { accepts } from '../testkit/process.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';
const crds = join(import.meta.dirname, '../../config/crd');

describe.skipIf(peer.status === 'missing')(`a control plane${skipNote}`, () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane();
  });
  afterAll(() => plane?.stop());

  it('is ready and says its version', async () => {
    expect(await plane.run(['get', '--raw', '/readyz'])).toBe('ok');
    const { gitVersion } = JSON.parse(await plane.run(['get', '--raw', '/version']));
    expect(gitVersion).toBe('v1.35.4');
  });

  it('serves the resources of config/crd', async () => {
    await plane.run(['apply', '--server-side', '-f', crds]);
    await plane.run(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=20s']);
    const kinds = await plane.run(['api-resources', '--api-group=telemetry.kyma-project.io', '-o', 'name']);
    expect(kinds).toContain('logpipelines.telemetry.kyma-project.io');
  });

  it('turns a Deployment into Pods that wait for a node', async () => {
    await plane.run(['create', 'namespace', 'work']);
    await plane.run(['create', 'deployment', 'web', '--image=web', '--replicas=2', '-n', 'work']);
    const pods = async () => JSON.parse(await plane.run(['get', 'pods', '-n', 'work', '-o', 'json'])).items;
    await waitFor('two pods that no node takes', async () => {
      const reasons = (await pods()).map((pod: PodJson) => pod.status.conditions?.[0]?.reason);
      return reasons.length === 2 && reasons.every((reason: string | undefined) => reason === 'Unschedulable');
    });
  });

  it('answers nothing while the API server is stopped, and knows everything afterwards', async () => {
    await plane.run(['create', 'configmap', 'kept', '--from-literal=a=b']);
    await plane.apiServer.stop();
    expect(await plane.kubectl(['get', 'configmap', 'kept'])).toMatchObject({ code: 1 });
    await plane.apiServer.start();
    expect(await plane.run(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'])).toBe('b');
  });

  it('ends with the process that started it, even one that is killed', async () => {
    const module = join(import.meta.dirname, '../testkit/control-plane.ts');
    const script = `
      const { startControlPlane } = await import(${JSON.stringify(module)});
      const plane = await startControlPlane({ controllerManager: false, scheduler: false });
      console.log(JSON.stringify({ url: plane.url, folder: plane.folder }));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) => {
      child.stdout.setEncoding('utf8').once('data', resolve);
    });
    const { url, folder } = JSON.parse(line);
    const port = Number(new URL(url).port);
    expect(await accepts(port)).toBe(true);
    child.kill('SIGKILL');
    await waitFor('its folder is gone', () => !existsSync(folder));
    await waitFor('nothing listens', async () => !(await accepts(port)));
  });
});

describe.skipIf(peer.status === 'missing')(`a control plane of the API server alone${skipNote}`, () => {
  it('ends a watch from before a compaction with 410', async () => {
    const plane = await startControlPlane({
      controllerManager: false,
      scheduler: false,
      apiServerFlags: ['--watch-cache=false'],
    });
    try {
      await plane.run(['create', 'configmap', 'first']);
      const version = await plane.run(['get', 'configmap', 'first', '-o', 'jsonpath={.metadata.resourceVersion}']);
      await plane.run(['create', 'configmap', 'second']);
      await plane.compact();
      const watch = `/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=5&resourceVersion=${version}`;
      const { stdout, stderr } = await plane.kubectl(['get', '--raw', watch]);
      expect(`${stdout}${stderr}`).toMatch(/"code":410|Gone|too old resource version/);
    } finally {
      await plane.stop();
    }
  });
});

interface PodJson {
  readonly status: { readonly conditions?: readonly { readonly reason?: string }[] };
}
