import { releaseIndexPath } from '../../shared/target-path.ts';
import type { Build } from '../build/read-build.ts';
import { notCovered } from '../rstuf/rstuf-api.ts';
import type { PublishSession } from '../session/publish-session.ts';
import { planRelease } from '../session/release-plan.ts';

/**
 * Refuses what can be refused before files are rewritten, packed, patched and copied, which may take minutes: an API that
 * does not answer or wants other credentials, and paths that no role of the repository covers.
 * @throws UpdateError `PUBLISH_UNREACHABLE`, `PUBLISH_UNAUTHORISED`, `PUBLISH_API`, `PUBLISH_NOT_COVERED`
 */
export async function preflight({ app, channels, view, api }: PublishSession, build: Build): Promise<void> {
  await api.probe();
  const { artifacts, indexes } = planRelease(app, build);
  const paths = [
    ...artifacts.map(({ entry }) => entry.path),
    ...channels.flatMap((channel) => indexes.map(({ target }) => releaseIndexPath(app, channel, target))),
  ];
  const uncovered: string[] = [];
  for (const path of paths) if (!(await view.isCovered(path))) uncovered.push(path);
  if (uncovered.length > 0) throw notCovered(uncovered);
}
