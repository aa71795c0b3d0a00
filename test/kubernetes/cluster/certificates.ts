/** A certificate authority for one cluster, and a kubeconfig of its administrator. By openssl(1). */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** The address of the Service `kubernetes`. */
  readonly serviceAddress: string;
}

/** Writes `pki/` and `kubeconfig` below the directory. */
export function makeCertificates(directory: string, { address, port, serviceAddress }: Endpoint): void {
  const pki = join(directory, 'pki');
  mkdirSync(pki, { recursive: true });
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { cwd: pki, stdio: 'pipe' });
  openssl('genrsa', '-out', 'sa.key', '2048');
  openssl('rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
  const days = ['-days', '30'];
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    ...days,
    '-subj',
    '/CN=test',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  );
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  const subjects = [...names.map((name) => `DNS:${name}`), `IP:${address}`, `IP:${serviceAddress}`, 'IP:127.0.0.1'];
  issue('apiserver', '/CN=kube-apiserver', `extendedKeyUsage=serverAuth\nsubjectAltName=${subjects.join(',')}\n`);
  issue('admin', '/O=system:masters/CN=admin', 'extendedKeyUsage=clientAuth\n');
  writeFileSync(join(directory, 'kubeconfig'), kubeconfig(pki, port));

  function issue(name: string, subject: string, extensions: string): void {
    writeFileSync(join(pki, `${name}.ext`), extensions);
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...authority,
      ...days,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.crt`,
    );
  }
}

/** JSON is YAML. */
function kubeconfig(pki: string, port: number): string {
  const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority': join(pki, 'ca.crt') };
  const user = { 'client-certificate': join(pki, 'admin.crt'), 'client-key': join(pki, 'admin.key') };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'admin', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}
