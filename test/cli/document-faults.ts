import { inSpec, inYaml, SPEC } from './faulty-project.js';
import { inSetting, type Row } from './yaml-faults.js';

const contactRef = "schema: { $ref: '#/components/schemas/Contact' }\n      responses";

/** What is wrong in OpenAPI documents, or keeps them from being found. */
export const IN_DOCUMENTS: Row[] = [
  [
    'a service without a document',
    inYaml('    shop: {}', '    «shopp»: {}'),
    'missing-spec',
    'looked for specs/shopp.yaml, specs/shopp.yml, specs/shopp.json',
    'Did you mean `shop`?',
  ],
  [
    'a YAML syntax error in a document',
    inSpec('summary: Get a contact', 'summary: «"»Get a contact'),
    'yaml-syntax',
    'This quote is never closed, expected another "'.replace('This', 'this'),
  ],
  [
    'a JSON syntax error in a document',
    [
      { file: SPEC, text: undefined },
      { file: 'specs/acme.json', text: '{\n  "openapi": "3.1.0",\n  «}»\n' },
    ],
    'json-syntax',
    'expected a key in double quotes, found "}"',
  ],
  [
    'duplicate keys in a document',
    inSpec('  /contacts:\n    post:', '  /contacts:\n    post: {}\n    «post»:'),
    'duplicate-key',
    'The key "post" occurs twice in one mapping.',
  ],
  [
    'a missing document',
    { file: SPEC, text: undefined },
    'missing-spec',
    'looked for specs/acme.yaml, specs/acme.yml, specs/acme.json, specs/acme',
    'Put it there, or name it with `specs:`',
  ],
  [
    'a missing document that `specs` names',
    inSetting('specs: [shop.yaml, «amce.yaml»]'),
    'missing-spec',
    'looked for specs/amce.yaml',
    'Did you mean `acme.yaml`?',
  ],
  [
    'a dangling $ref',
    inSpec(contactRef, contactRef.replace("'#/components/schemas/Contact'", "«'#/components/schemas/Contatc'»")),
    'dangling-ref',
    'leads nowhere: there is no "Contatc" at that place.',
    'Did you mean "#/components/schemas/Contact"?',
  ],
  [
    'a $ref to a missing file',
    inSpec(contactRef, contactRef.replace("'#/components/schemas/Contact'", "«'common.yaml#/Contact'»")),
    'dangling-ref',
    'leads nowhere: there is no such document.',
    'With `repair: true` for this service it is read as any value.',
  ],
  [
    'a $ref cycle',
    inSpec('    Contact:\n', "    «A»: { $ref: '#/components/schemas/B' }\n    B: { $ref: '#/components/schemas/A' }\n    Contact:\n"),
    'ref-cycle',
    'The schema "A" refers only to itself (A -> B -> A).',
  ],
  [
    'a misspelt parameter place',
    inSpec('        - { name: contactId', '        - { name: q, in: «qery», schema: { type: string } }\n        - { name: contactId'),
    'invalid-parameter-place',
    'to be one of path, query, header, cookie, found "qery".',
    'Did you mean "query"?',
  ],
  [
    'a duplicate operationId',
    inSpec('operationId: createContact', 'operationId: «getContact»'),
    'duplicate-operation-id',
    'The operationId "getContact" already belongs to GET /contacts/{contactId}.',
    'With `repair: true` for this service it is given another method name.',
  ],
  [
    'a path parameter not in the path',
    inSpec(
      '        - { name: contactId',
      '        - { name: «contactIdd», in: path, required: true, schema: { type: string } }\n        - { name: contactId',
    ),
    'path-parameter-not-in-path',
    'does not occur in the path "/contacts/{contactId}".',
    'Did you mean "contactId"?',
  ],
  [
    'a parameter that is not declared',
    inSpec('      parameters:\n        - { name: contactId, in: path, required: true, schema: { type: string } }\n', ''),
    'undeclared-path-parameter',
    'has the parameter "contactId", which `parameters` does not declare.',
  ],
  [
    'Swagger 2.0',
    inSpec('openapi: 3.1.0', "swagger: «'2.0'»"),
    'swagger-2',
    'Expected OpenAPI 3.0.x or 3.1.x, found Swagger 2.0.',
    'Convert it first',
  ],
  [
    'a version to come',
    inSpec('openapi: 3.1.0', 'openapi: «4.0.0»'),
    'unsupported-version',
    'Expected OpenAPI 3.0.x or 3.1.x, found "4.0.0".',
  ],
  [
    'not an OpenAPI document',
    { file: SPEC, text: '«hello: world»\n' },
    'not-openapi',
    'Expected OpenAPI 3.0.x or 3.1.x, found a document without an `openapi` key.',
  ],
  [
    'a web page',
    { file: SPEC, text: '«<!doctype html>»\n<html>\n</html>\n' },
    'not-openapi',
    'Expected OpenAPI 3.0.x or 3.1.x, found "<!doctype html>',
  ],
];
