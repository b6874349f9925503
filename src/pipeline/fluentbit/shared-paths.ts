/** Folders of Fluent Bit's image that hold what is everybody's: certificate authorities. */
export const SHARED_PATHS: readonly string[] = ['/etc/ssl/certs/', '/etc/pki/tls/certs/'];

/** Where manifests written for upstream expect the files of all pipelines; here each pipeline has a folder of its own. */
export const UPSTREAM_FILES = '/files/';
