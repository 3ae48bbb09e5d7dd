/**
 * The library that makes certificates. It finds its own parts by way of a container that insists on reflection at import and
 * uses none of it; loaded late, because it takes a tenth of a second and is wanted at the first start only.
 */
export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  const reflect = Reflect as { getMetadata?: unknown };
  if (!reflect.getMetadata) Object.assign(Reflect, { getMetadata: nothing, getOwnMetadata: nothing, defineMetadata: nothing });
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(globalThis.crypto);
  return x509;
}

const nothing = (): undefined => undefined;
