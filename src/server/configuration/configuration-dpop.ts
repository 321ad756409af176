import type { SettingReader } from './setting-reader.ts';

/** What is made of DPoP. */
export interface DpopConfiguration {
  readonly mode: 'off' | 'optional' | 'required';
  readonly nonce: 'off' | 'required';
  /** What nonces are made with; undefined for something that each instance makes itself. */
  readonly nonceSecret: string | undefined;
  /** Where used proofs are remembered; undefined for this process's memory. */
  readonly redisUrl: string | undefined;
}

/** Reads what belongs together and must fit. */
export function readDpop(reader: SettingReader): DpopConfiguration {
  const configuration: DpopConfiguration = {
    mode: reader.read('DPOP'),
    nonce: reader.read('DPOP_NONCE'),
    nonceSecret: reader.read('DPOP_NONCE_SECRET'),
    redisUrl: reader.read('REDIS_URL'),
  };
  const { mode, nonce } = configuration;
  if (nonce === 'required' && mode === 'off') {
    reader.fault(
      'DPOP_NONCE',
      'is for DPoP proofs: set DPOP to optional or required, or leave it out',
    );
  }
  if (nonce === 'required' && reader.isSet('REDIS_URL') && !reader.isSet('DPOP_NONCE_SECRET')) {
    reader.fault(
      'DPOP_NONCE_SECRET',
      'is missing: instances that share REDIS_URL must share what their nonces are made with, such as the output of openssl rand -hex 32',
    );
  }
  return configuration;
}
