import { Type } from '../../lib/index.ts';
import { defineExtension } from '../component.ts';
import { createTextServer } from '../service/text-server.ts';
import { checkEndpoint, parseEndpoint } from '../settings/endpoint.ts';
import { settingsObject } from '../settings/schema.ts';

/** Source: healthcheckextension factory.go at 0.149. */
const defaultHealthCheck = { endpoint: 'localhost:13133', path: '/' };

/** Answers probes: 200 while data is taken, 503 before and after. */
export const healthCheckExtension = defineExtension({
  schema: settingsObject({ endpoint: Type.String(), path: Type.String() }),
  check: ({ endpoint }) => checkEndpoint(endpoint, ['endpoint']),
  create(settings, { id, ready, deps }) {
    const startedMs = deps.clock.nowMs();
    const server = createTextServer({
      [settings.path ?? defaultHealthCheck.path]: () => {
        const upSince = new Date(startedMs).toISOString();
        const uptime = `${(deps.clock.nowMs() - startedMs) / 1000}s`;
        const body = ready()
          ? { status: 'Server available', upSince, uptime }
          : { status: 'Server not available', upSince, uptime };
        return { status: ready() ? 200 : 503, contentType: 'application/json', body: JSON.stringify(body) };
      },
    });
    return {
      async start() {
        const address = await server.listen(parseEndpoint(settings.endpoint ?? defaultHealthCheck.endpoint));
        return [{ component: id, protocol: 'health', ...address }];
      },
      shutdown: () => server.close(),
    };
  },
});
