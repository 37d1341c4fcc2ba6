import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PACKAGE, TestProject } from '../generator/cli/project.js';
import { HOSTILE } from '../generator/emit/hostile.js';

let project: TestProject;
afterEach(() => {
  vi.unstubAllGlobals();
  project.remove();
});

/** Is called where a text became code. */
const evil = (): never => {
  throw new Error('executed');
};

function pathOf(text: string): string {
  return `/${text.replace(/[{}]/g, '')}/{id}`;
}

/** A document with `text` wherever OpenAPI lets a string of the author's choice stand. */
function hostileDocument(text: string): object {
  const schema = {
    type: 'object',
    title: text,
    description: text,
    required: [text],
    properties: { [text]: { type: 'string', enum: [text], default: text, examples: [text], description: text }, plain: { const: text } },
    'x-note': text,
  };
  const media = { schema, examples: { [text]: { summary: text, value: { [text]: text, plain: text } } } };
  return {
    openapi: '3.1.0',
    info: { title: text, version: text, description: text, contact: { name: text }, license: { name: text } },
    servers: [
      { url: 'https://{host}.example', description: text, variables: { host: { default: 'api', enum: ['api'], description: text } } },
    ],
    tags: [{ name: text, description: text, externalDocs: { url: text } }],
    paths: {
      [pathOf(text)]: {
        summary: text,
        post: {
          operationId: text,
          tags: [text],
          summary: text,
          description: text,
          deprecated: true,
          externalDocs: { url: 'https://a.example', description: text },
          parameters: [
            {
              name: 'id',
              in: 'path',
              required: true,
              description: text,
              example: text,
              schema: { type: 'string', pattern: '^a', format: text },
            },
            { name: text, in: 'query', description: text, schema: { type: 'string', default: text, enum: [text] } },
            { name: 'X-Note', in: 'header', description: text, example: text, schema: { type: 'string' } },
          ],
          requestBody: { description: text, content: { 'application/json': media } },
          responses: {
            200: {
              description: text,
              headers: { 'X-Id': { description: text, schema: { type: 'string' } } },
              content: { 'application/json': media },
            },
            404: {
              description: text,
              content: { 'application/json': { schema: { type: 'object', properties: { [text]: { type: 'string' } } } } },
            },
          },
          security: [{ [text]: [] }],
          'x-codeSamples': [{ lang: text, source: text }],
        },
      },
    },
    components: {
      schemas: { [text.replace(/[^\w.-]/g, '_') || 'A']: schema },
      securitySchemes: { [text]: { type: 'http', scheme: 'bearer', description: text, bearerFormat: text } },
    },
  };
}

/** Names a property, as a parameter of that name does, and so does nothing. */
function isKey(node: ts.Identifier): boolean {
  return (ts.isPropertySignature(node.parent) || ts.isPropertyAssignment(node.parent)) && node.parent.name === node;
}

/** Calls of `evil` and whatever the parser stumbles over; a text inside a literal or a comment is neither. */
function suspicious(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = ((source as unknown as { parseDiagnostics: ts.Diagnostic[] }).parseDiagnostics ?? []).map(({ messageText }) =>
    String(messageText),
  );
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && /^(evil|process|globalThis)$/.test(node.text) && !isKey(node))
      found.push(`${file}: the name ${node.text}`);
    if (ts.isTaggedTemplateExpression(node) || ts.isTemplateExpression(node)) {
      if (node.getText().includes('evil')) found.push(`${file}: a template with ${node.getText()}`);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

describe('a document that tries to inject code', () => {
  test.each(HOSTILE)('%j is text wherever it stands', async (text) => {
    vi.stubGlobal('evil', evil);
    const value = { [text]: text, plain: text };
    // The YAML refuses `__proto__` as a key: the document is what is tried here.
    const settings =
      text === '__proto__'
        ? {}
        : { names: { [`POST ${pathOf(text)}`]: 'things.make' }, operations: { 'things.make': { fallback: { value } } } };
    project = new TestProject({
      'package.json': PACKAGE,
      'specs/acme.json': JSON.stringify(hostileDocument(text)),
      'specs/breakers.yaml': JSON.stringify({ circuit_breaker: { services: { acme: settings } } }),
    });
    const ran = await project.run('generate');
    expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: '' });
    // Nothing of the document reaches a terminal as a control sequence.
    expect(ran.stderr).not.toMatch(/(?!\n)\p{Cc}/u);

    const files = project.snapshot('generated');
    expect(Object.keys(files).length).toBeGreaterThan(8);
    for (const [file, code] of Object.entries(files)) if (file.endsWith('.ts')) expect(suspicious(file, code)).toEqual([]);
    const keys = Object.keys(Object.prototype);
    for (const file of ['index.ts', 'msw.ts']) {
      const module = (await import(/* @vite-ignore */ pathToFileURL(`${project.folder}/generated/acme/${file}`).href)) as Record<
        string,
        unknown
      >;
      expect(Object.keys(module).length).toBeGreaterThan(0);
    }
    expect(Object.keys(Object.prototype)).toEqual(keys);
  });
});
