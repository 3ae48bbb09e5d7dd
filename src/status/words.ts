/** The words of Statuspage's API, which every reader of status pages knows, and how people say them. The worst last. */
export const COMPONENT_STATUSES = ['operational', 'under_maintenance', 'degraded_performance', 'partial_outage', 'major_outage'] as const;
export type ComponentStatus = (typeof COMPONENT_STATUSES)[number];

export type StoryStatus = 'investigating' | 'identified' | 'monitoring' | 'resolved' | 'postmortem' | 'scheduled' | 'in_progress' | 'verifying' | 'completed';

export type Impact = 'none' | 'minor' | 'major' | 'critical' | 'maintenance';

export const worseOf = (a: ComponentStatus, b: ComponentStatus): ComponentStatus => (rankOf(a) >= rankOf(b) ? a : b);
export const isComponentStatus = (word: string): word is ComponentStatus => (COMPONENT_STATUSES as readonly string[]).includes(word);

export const isStoryStatus = (word: string): word is StoryStatus => Object.hasOwn(STORIES, word);

export const sayComponent = (status: ComponentStatus): string => COMPONENTS[status];
export const sayStory = (status: StoryStatus): string => STORIES[status];

const rankOf = (status: ComponentStatus): number => COMPONENT_STATUSES.indexOf(status);

const COMPONENTS: Record<ComponentStatus, string> = {
  operational: 'Operational',
  under_maintenance: 'Under Maintenance',
  degraded_performance: 'Degraded Performance',
  partial_outage: 'Partial Outage',
  major_outage: 'Major Outage',
};

const STORIES: Record<StoryStatus, string> = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
  postmortem: 'Postmortem',
  scheduled: 'Scheduled',
  in_progress: 'In progress',
  verifying: 'Verifying',
  completed: 'Completed',
};
