import type { Facts, Finding, Severity } from '../host.ts';

/** An entry that turns the facts of one host into findings. Pure and quick: 5,000 hosts are judged at once. */
export interface Hazard {
  name: string;
  /** What it usually weighs; a Said may weigh otherwise. */
  severity: Severity;
  /** What it is about, for docs and `show hazards`. */
  about: string;
  /** Nothing when the facts are fine or absent: an absent fact never makes a finding. */
  look(facts: Facts): string | Said | readonly (string | Said)[] | undefined;
}

export interface Said {
  text: string;
  severity?: Severity;
  due?: string;
}

export function toFindings(hazard: Hazard, said: ReturnType<Hazard['look']>): Finding[] {
  if (said === undefined) return [];
  const all = typeof said === 'string' || 'text' in said ? [said] : said;
  return all.map((one) => {
    if (typeof one === 'string') return { hazard: hazard.name, severity: hazard.severity, text: one };
    return { hazard: hazard.name, severity: one.severity ?? hazard.severity, text: one.text, ...(one.due && { due: one.due }) };
  });
}

export const numberFact = (facts: Facts, name: string): number | undefined => (typeof facts[name] === 'number' ? facts[name] : undefined);
export const textFact = (facts: Facts, name: string): string | undefined => (typeof facts[name] === 'string' ? facts[name] : undefined);

/** The texts of a list; empty when absent. */
export function listFact(facts: Facts, name: string): string[] {
  const value = facts[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The rows of a table; empty when absent. */
export function tableFact(facts: Facts, name: string): Facts[] {
  const value = facts[name];
  return Array.isArray(value) ? value.filter((item): item is Facts => typeof item === 'object' && !Array.isArray(item)) : [];
}

/** `a, b, c and 4 more`. */
export function sayList(items: readonly string[], most = 5): string {
  const shown = items.slice(0, most).join(', ');
  return items.length > most ? `${shown} and ${items.length - most} more` : shown;
}
