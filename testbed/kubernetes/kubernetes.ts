import { join } from 'node:path';
import { createGoPeer, runGo } from '../go-peer.ts';

/** The version in `go.mod`; without it in the binary, an API server says it is v0.0.0. */
const VERSION = '1.35.4';
const [major, minor] = VERSION.split('.');

const PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kubelet', 'kube-proxy'];

/** A whole Kubernetes but for its store, the container runtime and DNS; kustomize is in kubectl. */
export const kubernetes = createGoPeer({
  name: 'kubernetes',
  programs: PROGRAMS,
  files: ['go.mod', 'go.sum'].map((name) => join(import.meta.dirname, name)),
  recipe: `trimpath, static, v${VERSION}, ${PROGRAMS}`,
  async build(folder, progress) {
    progress.phase('building; this takes 2 to 5 minutes once');
    const stamps = [`gitVersion=v${VERSION}`, `gitMajor=${major}`, `gitMinor=${minor}`, 'gitTreeState=clean'];
    const set = stamps.flatMap((stamp) =>
      ['component-base/version', 'client-go/pkg/version'].map((p) => `-X k8s.io/${p}.${stamp}`),
    );
    const packages = PROGRAMS.map((program) => `k8s.io/kubernetes/cmd/${program}`);
    const env = { CGO_ENABLED: '0' };
    await runGo(['build', '-trimpath', '-ldflags', `-s -w ${set.join(' ')}`, '-o', 'out/', ...packages], folder, {
      env,
    });
  },
});
