import { RESOURCE_KINDS, RESOURCES } from '../../apis/index.ts';
import { errorCode, errorMessage, type Timer } from '../../lib/index.ts';
import { answerAdmission } from './admission.ts';
import { readAdmissionReview, writeAdmissionReview } from './admission-review.ts';
import { establishTrust } from './ca-bundle.ts';
import type { CertificateSet } from './certificate-set.ts';
import { storedCertificates } from './certificate-store.ts';
import type { CheckOptions } from './check-object.ts';
import { answerConversion } from './conversion-review.ts';
import { admissionPath, CONVERT_PATH } from './webhook-manifests.ts';
import { type RunningWebhooks, WEBHOOK_SERVICE, type WebhookAddress, type WebhookOptions } from './webhook-options.ts';
import { startWebhookServer, type WebhookRoute, type WebhookServer } from './webhook-server.ts';

/** How often certificates and configurations are looked after. */
const ROUND_MS = 60_000;

/** An object has up to 1.5 MiB in etcd and 3 MiB in a request; an update brings two. */
const ADMISSION_BODY_BYTES = 8 * 2 ** 20;
/** The API server has all objects of a list converted in one request: some thousands. */
const CONVERSION_BODY_BYTES = 16 * 2 ** 20;

/**
 * Serves admission and conversion with certificates of its own, and sees to it that the API server trusts them. Rejects where the
 * Secret with the certificates can be neither read nor written; later failures are logged and tried again within a minute.
 */
export async function startWebhooks(options: WebhookOptions): Promise<RunningWebhooks> {
  const { clock, log } = options;
  const certificates = await certificatesFor(options);
  const server = await startWebhookServer({
    clock,
    host: options.host,
    port: options.port,
    certificates,
    routes: routesOf(options),
    onError: (path, error) => log.error('a webhook could not answer', { path, error: (error as Error).name }),
  });
  const care = new CertificateCare(options, server, certificates);
  let timer: Timer | undefined;
  let isStopped = false;
  const round = async (): Promise<void> => {
    await care.tryOnce();
    if (!isStopped) timer = clock.after(ROUND_MS, () => void round());
  };
  await round();
  log.info('webhooks are served', { host: options.host, port: server.port });
  return {
    port: server.port,
    reconcile: () => care.once(),
    async stop() {
      isStopped = true;
      timer?.cancel();
      await care.settled();
      await server.stop();
    },
  };
}

/** What is done again and again: certificates first, trust next, and only then the new certificate is served. */
class CertificateCare {
  readonly #options: WebhookOptions;
  readonly #server: WebhookServer;
  #served: CertificateSet;
  #lastProblem: string | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: WebhookOptions, server: WebhookServer, served: CertificateSet) {
    this.#options = options;
    this.#server = server;
    this.#served = served;
  }

  /** One at a time. */
  once(): Promise<void> {
    const next = this.#running.then(() => this.#look());
    this.#running = next.catch(() => {}); // whoever asked is told
    return next;
  }

  /** Never rejects: tells of a problem when it begins and when it is over. */
  async tryOnce(): Promise<void> {
    const { log } = this.#options;
    try {
      await this.once();
      if (this.#lastProblem !== undefined) log.info('webhooks are trusted by the API server again');
      this.#lastProblem = undefined;
    } catch (error) {
      const problem = errorCode(error) ?? errorMessage(error);
      if (problem !== this.#lastProblem)
        log.warn('certificates of the webhooks could not be looked after; trying again', {
          error: errorMessage(error),
        });
      this.#lastProblem = problem;
    }
  }

  async settled(): Promise<void> {
    await this.#running;
  }

  async #look(): Promise<void> {
    const { client, log } = this.#options;
    const certificates = await certificatesFor(this.#options);
    const { repaired, missing } = await establishTrust({ ...this.#options, client, caBundle: certificates.caBundle });
    if (repaired.length > 0) log.info('the API server was told which CA the webhooks have', { objects: repaired });
    if (certificates.certificate !== this.#served.certificate) {
      this.#server.useCertificates(certificates);
      this.#served = certificates;
      log.info('webhooks are served with a new certificate');
    }
    if (missing.length > 0) throw new Error(`not in the cluster: ${missing.join(', ')}`);
  }
}

function certificatesFor(options: WebhookOptions): Promise<CertificateSet> {
  const { client, namespace, clock } = options;
  return storedCertificates({ client, namespace, names: namesOf(options), nowMs: clock.nowMs() });
}

/** The API server asks a Service by `<name>.<namespace>.svc`. */
function namesOf({ namespace, serviceName = WEBHOOK_SERVICE, url }: WebhookAddress): readonly string[] {
  const service = `${serviceName}.${namespace}.svc`;
  const names = [service, `${service}.cluster.local`];
  return url === undefined ? names : [...names, new URL(url).hostname.replace(/^\[|\]$/g, '')];
}

function routesOf({ certificates }: WebhookOptions): readonly WebhookRoute[] {
  const checkOptions: CheckOptions = certificates === undefined ? {} : { certificates };
  const admission = RESOURCE_KINDS.flatMap((kind) =>
    Object.keys(RESOURCES[kind].versions).flatMap((version) =>
      (['mutate', 'validate'] as const).map((phase): WebhookRoute => {
        return {
          path: admissionPath(phase, kind, version),
          maxBodyBytes: ADMISSION_BODY_BYTES,
          answer(body) {
            const request = readAdmissionReview(body, kind);
            return writeAdmissionReview(request.uid, answerAdmission(phase, request, checkOptions));
          },
        };
      }),
    ),
  );
  return [...admission, { path: CONVERT_PATH, maxBodyBytes: CONVERSION_BODY_BYTES, answer: answerConversion }];
}
