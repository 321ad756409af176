/** The authentication context classes that a request asks for, the best first (OpenID Connect Core §3.1.2.1). */
export function requestedClasses(params: Readonly<Record<string, unknown>> | undefined): string[] {
  const values = params?.['acr_values'];
  return typeof values === 'string' ? values.split(' ').filter(Boolean) : [];
}
