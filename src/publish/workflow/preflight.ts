import { releaseIndexPath } from '../../shared/target-path.ts';
import type { Build } from '../build/read-build.ts';
import { notCovered } from '../rstuf/rstuf-api.ts';
import type { PublishSession } from '../session/publish-session.ts';
import { indexesOf, planRelease } from '../session/release-plan.ts';

/**
 * Fails early if the API does not answer or refuses the credentials, or if no role of the repository covers the paths.
 * Rewriting, packing, patching and copying files comes later and may take minutes.
 * @throws UpdateError `PUBLISH_UNREACHABLE`, `PUBLISH_UNAUTHORISED`, `PUBLISH_API`, `PUBLISH_NOT_COVERED`
 */
export async function preflight(session: PublishSession, build: Build): Promise<void> {
  const { app, view, api } = session;
  await api.probe();
  const plan = planRelease(app, build);
  const paths = [
    ...plan.artifacts.map(({ entry }) => entry.path),
    ...indexesOf(session, plan).map(({ query }) => releaseIndexPath(query.app, query.channel, query.target)),
  ];
  const uncovered: string[] = [];
  for (const path of paths) if (!(await view.isCovered(path))) uncovered.push(path);
  if (uncovered.length > 0) throw notCovered(uncovered);
}
