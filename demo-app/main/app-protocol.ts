import { protocol } from 'electron';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const scheme = 'app';
/**
 * The origin of the window's page. It is not `file:`, because such a page can read files and has no origin of its own.
 */
export const appOrigin = `${scheme}://notes`;

/** True if this is the app's own page. */
export function isOwnPage(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host } = new URL(address);
  return `${protocol}//${host}` === appOrigin;
}

/** The page loads only its own script, styles and fonts, and connects to no server. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Registers the scheme with an origin and the privileges of https. Call it once, before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }]);
}

/** Answers requests for the page's files. Accepts only plain file names in `directory`. */
export function serveRenderer(directory: string): void {
  protocol.handle(scheme, async (request) => {
    const { host, pathname } = new URL(request.url);
    const contentType = contentTypes[extname(pathname)];
    const isPlain = /^(?:\/[a-z0-9-]+)+\.[a-z0-9]+$/.test(pathname);
    if (request.method !== 'GET' || host !== 'notes' || !isPlain || contentType === undefined) return refuse(404);
    try {
      return new Response(new Uint8Array(await readFile(join(directory, pathname))), {
        headers: {
          'content-type': contentType,
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
          'cross-origin-opener-policy': 'same-origin',
        },
      });
    } catch (error) {
      console.error(`${request.url} cannot be read.`, error);
      return refuse(404);
    }
  });
}

function refuse(status: number): Response {
  return new Response('', { status });
}
