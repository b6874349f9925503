import type { Manifest } from '../../render/index.ts';
import { type BundleFile, byFile, GENERATED, yamlDocuments, yamlOf } from './manifest-files.ts';

/** The installation as a base for kustomize: overlays set `namespace`, `images`, and patch the rest. */
export function kustomizeBundle(manifests: readonly Manifest[]): readonly BundleFile[] {
  const files = byFile(manifests).filter(({ objects }) => objects.length > 0);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: files.map(({ path }) => path),
  };
  return [
    { path: 'kustomization.yaml', text: `${GENERATED}${yamlOf(kustomization)}` },
    ...files.map(({ path, objects }) => ({ path, text: `${GENERATED}${yamlDocuments(objects)}` })),
  ];
}
