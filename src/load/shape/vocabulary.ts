/** Plausible values for the semantic conventions the shapes use. */
import type { Attributes } from '../otlp-part.ts';
import type { Random } from '../random.ts';

export const ROUTES = ['/api/cart', '/api/checkout', '/api/products/{id}', '/api/orders', '/api/users/{id}', '/health'];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT'];
const STATUS_CODES = [200, 200, 200, 200, 200, 200, 201, 204, 404, 500];
const SERVICES = ['checkout', 'cart', 'catalog', 'payment', 'shipping', 'recommendation'];
const REGIONS = ['eu-central-1', 'eu-west-1', 'us-east-1'];

export function hex(random: Random, digits: number): string {
  let text = '';
  while (text.length < digits) text += random.integer(0, 0xffffff).toString(16).padStart(6, '0');
  return text.slice(0, digits);
}

/** Eight attributes, as a pod with an SDK has them. */
export function podResource(random: Random, service?: string): Attributes {
  const name = service ?? random.pick(SERVICES);
  return {
    'service.name': name,
    'service.namespace': 'shop',
    'service.version': `1.${random.integer(0, 20)}.${random.integer(0, 9)}`,
    'service.instance.id': `${hex(random, 8)}-${hex(random, 4)}-${hex(random, 12)}`,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'host.name': `node-${random.integer(1, 40)}`,
    'cloud.region': random.pick(REGIONS),
  };
}

/** Ten attributes of an HTTP server span. */
export function httpServerAttributes(random: Random): Attributes {
  const route = random.pick(ROUTES);
  return {
    'http.request.method': random.pick(METHODS),
    'http.route': route,
    'url.path': route.replace('{id}', String(random.integer(1, 99999))),
    'url.scheme': 'https',
    'http.response.status_code': random.pick(STATUS_CODES),
    'server.address': 'shop.example.com',
    'server.port': 443,
    'client.address': `10.${random.integer(0, 255)}.${random.integer(0, 255)}.${random.integer(1, 254)}`,
    'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64)',
    'network.protocol.version': random.pick(['1.1', '2']),
  };
}
