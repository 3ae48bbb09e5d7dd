/** Whom a page is for; `role` = nobody was named and nobody answers for it: everyone who may act. */
export type Recipient = { person: string } | { service: string } | { role: 'operator' };

/** Whom a step of a policy names. Who that is, is looked up when the step begins. */
export type Who =
  | { is: 'owner' }
  /** The nth backup, from 0; where awake ones go first, the next one who was not asked in this round. */
  | { is: 'backup'; n: number }
  | { is: 'oncall'; roster: string }
  | { is: 'person'; name: string }
  /** Everyone with the role operator. */
  | { is: 'everyone' };

/** One step as somebody wrote it, or as it follows from owner and backups. */
export interface RosterStep {
  who: Who[];
  /** Domain ms to the next step; unsaid = as the urgency has it. */
  next?: number;
}

/** Who answers for what, as it stands at the moment it was loaded. Pure: whatever it has to read was read when it was loaded. */
export interface Roster {
  /** The steps for this recipient, at least one. Frozen into the page when it begins. */
  steps(recipient: Recipient): RosterStep[];
  /** People a `who` names at that moment, by name, the first to be asked first. Covers are followed; away people are still named. */
  named(who: Who, recipient: Recipient, at: number): string[];
  /** Why somebody is not asked now: `away until Mon 30 Nov 09:00`. `undefined` = here. */
  away(person: string, at: number): string | undefined;
  /** Everyone with the role, in the order of the configuration: who is asked when nobody else answers. */
  everyone(): string[];
  /** IANA. */
  zone(person: string): string;
  /** `prefer: awake`: of the backups, those for whom it is day go first. */
  prefersAwake(recipient: Recipient): boolean;
  /** The service that answers for most of these hosts; `undefined` where none does. */
  serviceOf(hosts: readonly string[]): string | undefined;
  /** The first lines a person woken needs, and where the whole of it is. */
  runbook(recipient: Recipient): { steps: string[]; never: string[]; where: string } | undefined;
}
