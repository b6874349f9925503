import { createAuthority } from '../../testkit/tls/authority.ts';

const authority = createAuthority('differential CA');
const foreign = createAuthority('foreign CA');

export const CA = authority.certPem;
export const FOREIGN_CA = foreign.certPem;
export const SERVER = authority.issue({ commonName: 'server' });
export const CLIENT = authority.issue({ commonName: 'client', names: [] });
export const FOREIGN_CLIENT = foreign.issue({ commonName: 'client', names: [] });
/** For another name than the address it is reached at. */
export const NAMED_SERVER = authority.issue({ commonName: 'named', names: ['telemetry.example.org'] });

export const BACKEND_TLS = { cert: SERVER.certPem, key: SERVER.keyPem };
