/** Certificates of an authority of our own, by openssl; files in a directory. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  readonly ca: string;
  /** A file `NAME.pem` with key and certificates, `NAME.key` and `NAME.crt` beside it. */
  issue(name: string, alternative: string): string;
  /** The same as PKCS12, with that password. */
  pkcs12(name: string, password: string): string;
  /** Its key alone, encrypted. */
  encryptedKey(name: string, password: string): string;
}

export function makeAuthority(directory: string, authority: string): Certificates {
  const at = (name: string): string => join(directory, name);
  const openssl = (...words: string[]): void =>
    void execFileSync('openssl', words, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  const days = ['-days', '2'];
  const key = ['-newkey', 'rsa:2048', '-nodes', '-sha256'];
  openssl(
    'req',
    '-x509',
    ...key,
    ...days,
    '-subj',
    `/CN=${authority}`,
    '-keyout',
    `${authority}.key`,
    '-out',
    `${authority}.crt`,
  );
  return {
    ca: at(`${authority}.crt`),
    issue(name, alternative) {
      openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
      writeFileSync(at(`${name}.ext`), `subjectAltName=${alternative}\n`);
      const signer = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAcreateserial'];
      openssl(
        'x509',
        '-req',
        '-sha256',
        ...days,
        '-in',
        `${name}.csr`,
        ...signer,
        '-extfile',
        `${name}.ext`,
        '-out',
        `${name}.crt`,
      );
      const parts = [`${name}.key`, `${name}.crt`, `${authority}.crt`].map((file) => readFileSync(at(file), 'utf8'));
      writeFileSync(at(`${name}.pem`), parts.join(''));
      return at(`${name}.pem`);
    },
    pkcs12(name, password) {
      const from = ['-inkey', `${name}.key`, '-in', `${name}.crt`];
      openssl('pkcs12', '-export', ...from, '-passout', `pass:${password}`, '-out', `${name}.p12`);
      return at(`${name}.p12`);
    },
    encryptedKey(name, password) {
      openssl('pkcs8', '-topk8', '-in', `${name}.key`, '-passout', `pass:${password}`, '-out', `${name}.enc.key`);
      return at(`${name}.enc.key`);
    },
  };
}
