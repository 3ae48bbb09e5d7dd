/** A piece of XML that is whole: made by `element` alone. */
export interface Xml {
  xml: string;
}

/** One element; texts and values are escaped, so that nothing people wrote ends it or begins another. `undefined` and `false` are left out. */
export function element(name: string, values: Record<string, string | undefined>, ...inside: (Xml | string | undefined | false)[]): Xml {
  const attributes = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escaped(value)}"`]));
  const content = inside.map((one) => (typeof one === 'string' ? escaped(one) : one ? one.xml : '')).join('');
  return { xml: content === '' ? `<${name}${attributes.join('')}/>` : `<${name}${attributes.join('')}>${content}</${name}>` };
}

export const xmlDocument = ({ xml }: Xml): string => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`;

/** For XML and for HTML alike. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => SIGNS[sign] as string);

const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
