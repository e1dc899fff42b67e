import type { Statement } from 'better-sqlite3'
import type { GroupCommit } from './group-commit.ts'
import type { SessionDb } from './session-file.ts'

interface Row {
  wireName: string
  assignmentId: string
}

/**
 * Under which assignment of its gateway a session and retained messages were kept. A box may leave its tenant, and come to
 * another, while no broker runs: what was kept is known by this to be another's.
 */
export class AssignmentBook {
  private readonly group: GroupCommit
  private readonly selectAll: Statement<[], Row>
  private readonly upsert: Statement<[string, string]>
  private readonly deleteOne: Statement<[string]>
  private known = new Map<string, string>()

  constructor(db: SessionDb, group: GroupCommit) {
    this.group = group
    this.selectAll = db.prepare('SELECT wireName, assignmentId FROM assignments')
    this.upsert = db.prepare(
      `INSERT INTO assignments (wireName, assignmentId) VALUES (?, ?)
       ON CONFLICT (wireName) DO UPDATE SET assignmentId = excluded.assignmentId`,
    )
    this.deleteOne = db.prepare('DELETE FROM assignments WHERE wireName = ?')
  }

  load(): void {
    this.known = new Map(this.selectAll.all().map(({ wireName, assignmentId }) => [wireName, assignmentId]))
  }

  all(): [wireName: string, assignmentId: string][] {
    return [...this.known]
  }

  /** Behind what was forgotten of the assignment before: never on disk without that. */
  note(identities: Iterable<Row>): void {
    const changed = [...identities].filter(
      ({ wireName, assignmentId }) => this.known.get(wireName) !== assignmentId,
    )
    if (changed.length === 0) return
    this.group.lazily(() => {
      for (const { wireName, assignmentId } of changed) {
        this.known.set(wireName, assignmentId)
        this.upsert.run(wireName, assignmentId)
      }
    })
  }

  forget(wireName: string): void {
    if (!this.known.delete(wireName)) return
    this.group.lazily(() => this.deleteOne.run(wireName))
  }
}
