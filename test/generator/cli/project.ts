import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../../generator/cli/run.js';

/** What a run printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly terminal?: boolean;
}

/** A user's project in a temporary folder. */
export class TestProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'fuseline-cli-'));

  constructor(files: Record<string, string> = {}) {
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** Every file with its text. */
  snapshot(folder = ''): Record<string, string> {
    return Object.fromEntries(
      readdirSync(join(this.folder, folder), { withFileTypes: true }).flatMap((entry): [string, string][] => {
        const path = join(folder, entry.name).replaceAll('\\', '/');
        return entry.isDirectory() ? Object.entries(this.snapshot(path)) : [[path, this.read(path)]];
      }),
    );
  }

  /** Runs `fuseline` with these arguments. */
  async run(args: string, { env = {}, terminal = false }: RunOptions = {}): Promise<Ran> {
    const printed = { stdout: '', stderr: '' };
    const code = await run(
      args.split(' ').filter((arg) => arg !== ''),
      {
        stdout: (text) => {
          printed.stdout += text;
        },
        stderr: (text) => {
          printed.stderr += text;
        },
        env,
        cwd: this.folder,
        terminal,
      },
    );
    return { code, ...printed };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const ACME_SPEC = `openapi: 3.1.0
info: { title: Acme leads, version: 1.0.0 }
servers: [{ url: https://api.acme.example }]
paths:
  /contacts/{contactId}:
    get:
      operationId: getContact
      tags: [contacts]
      summary: Get a contact
      parameters:
        - { name: contactId, in: path, required: true, schema: { type: string } }
      responses:
        '200':
          description: The contact
          content:
            application/json:
              schema: { $ref: '#/components/schemas/Contact' }
  /contacts:
    post:
      operationId: createContact
      tags: [contacts]
      summary: Create a contact
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: '#/components/schemas/Contact' }
      responses:
        '204': { description: Done }
components:
  schemas:
    Contact:
      type: object
      required: [id]
      properties:
        id: { type: string }
`;

export const BREAKERS = `circuit_breaker:
  enabled: true
  defaults:
    failure_threshold: 5
  services:
    acme:
      failure_threshold: 3
      operations:
        contacts.get:
          timeout_seconds: 5
          fallback:
            - last_good: { max_age_seconds: 60 }
            - value: { id: nobody }
environments:
  production:
    circuit_breaker:
      services:
        acme: { failure_threshold: 4 }
`;

export const PACKAGE = '{"type":"module","devDependencies":{"msw":"2","vitest":"4"}}';

export const FILES = { 'specs/acme.yaml': ACME_SPEC, 'specs/breakers.yaml': BREAKERS, 'package.json': PACKAGE };
