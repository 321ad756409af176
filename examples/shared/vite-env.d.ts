interface ImportMetaEnv {
  readonly VITE_ISSUER?: string;
  readonly VITE_CLIENT_ID?: string;
  readonly VITE_AUDIENCE?: string;
  readonly VITE_ENDPOINT?: string;
  readonly VITE_TRUSTED_DOCUMENTS?: 'on' | 'off';
}
