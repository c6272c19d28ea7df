import { expect, it } from 'vitest';

import { judgePage } from './page-probe.ts';

it('distinguishes working pages, broken pages and windows that show nothing', () => {
  const page = { protocol: 'app:', status: 200, isEmpty: false };
  expect({
    works: judgePage(page),
    file: judgePage({ ...page, protocol: 'file:', status: 0 }),
    notFound: judgePage({ ...page, status: 404 }),
    notFoundAndBlank: judgePage({ ...page, status: 404, isEmpty: true }),
    errorPage: judgePage({ protocol: 'chrome-error:', status: 0, isEmpty: false }),
    blank: judgePage({ ...page, isEmpty: true }),
    unused: judgePage({ protocol: 'about:', status: 0, isEmpty: true }),
    devTools: judgePage({ protocol: 'devtools:', status: 200, isEmpty: false }),
  }).toEqual({
    works: 'works',
    file: 'works',
    notFound: 'broken',
    notFoundAndBlank: 'broken',
    errorPage: 'broken',
    blank: 'nothing',
    unused: 'nothing',
    devTools: 'nothing',
  });
});
