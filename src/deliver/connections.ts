/** One connection to a platform or a provider, as it stands. */
export interface Connection {
  /** `slack socket 1`, `discord gateway`, `smtp` */
  name: string;
  platform: string;
  ok: boolean;
  /** Wall time of the last change. */
  since: number;
  says: string;
}

/** What every connection last said of itself: for the log, doctor, metrics and the other platform. */
export interface Connections {
  report(connection: Omit<Connection, 'since'>): void;
  all(): readonly Connection[];
  /** Called for each change between well and not well. */
  onTurn(hear: (connection: Connection) => void): () => void;
}

export function openConnections(): Connections {
  const known = new Map<string, Connection>();
  const hearing = new Set<(connection: Connection) => void>();
  return {
    report(connection) {
      const before = known.get(connection.name);
      const turned = before?.ok !== connection.ok;
      const now: Connection = { ...connection, since: before && !turned ? before.since : Date.now() };
      known.set(connection.name, now);
      if (turned && (before || !now.ok)) for (const hear of hearing) hear(now);
    },
    all: () => [...known.values()],
    onTurn(hear) {
      hearing.add(hear);
      return () => void hearing.delete(hear);
    },
  };
}
