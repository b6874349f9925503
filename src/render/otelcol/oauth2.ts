import { type ComponentConfig, type ComponentId, componentId } from '../../otelcol/index.ts';
import { type OAuth2Setting, type PipelineGraph, qualifiedName } from '../../pipeline/index.ts';
import type { RenderedComponent } from './config-parts.ts';
import { SecretRefs } from './secret-refs.ts';

/** The extension that fetches tokens for one pipeline. */
export function oauth2Id(graph: PipelineGraph): ComponentId {
  return componentId('oauth2client', qualifiedName(graph));
}

export function renderOAuth2(graph: PipelineGraph, oauth2: OAuth2Setting): RenderedComponent {
  const refs = new SecretRefs(graph);
  const settings: ComponentConfig = {
    client_id: refs.ref({ field: 'client_id' }, oauth2.clientId),
    client_secret: refs.ref({ field: 'client_secret' }, oauth2.clientSecret),
    token_url: refs.text({ field: 'token_url' }, oauth2.tokenUrl),
    ...(oauth2.scopes.length === 0 ? {} : { scopes: oauth2.scopes }),
    ...(oauth2.params.length === 0 ? {} : { endpoint_params: endpointParams(oauth2, refs) }),
  };
  return { id: oauth2Id(graph), settings, secrets: refs.secrets, source: oauth2.source };
}

function endpointParams({ params }: OAuth2Setting, refs: SecretRefs): ComponentConfig {
  return Object.fromEntries(params.map(({ name, value }) => [name, [refs.ref({ field: 'param', name }, value)]]));
}
