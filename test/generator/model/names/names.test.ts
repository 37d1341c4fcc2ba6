import { describe, expect, it } from 'vitest';
import { clientWord } from '../../../../generator/model/names/client-word.js';
import { fullName, idFromPath, shortName } from '../../../../generator/model/names/method-name.js';
import { className, mergePlurals, namespaceName, pathWords, stemNames } from '../../../../generator/model/names/namespace-name.js';
import { camelCase, sameWord, words } from '../../../../generator/model/names/words.js';

describe('words', () => {
  it.each([
    ['get-contact', 'getContact'],
    ['getContact', 'getContact'],
    ['Custom Fields V2', 'customFieldsV2'],
    ['createLLM', 'createLlm'],
    ['sendSMSMessage', 'sendSmsMessage'],
    ['contactIDs', 'contactIds'],
    ['OAuth 2.0', 'oauth20'],
    ['get_agents__v2', 'getAgentsV2'],
    ['listLLMV2', 'listLlmV2'],
    ['Café über', 'cafeUber'],
    ['  ', ''],
  ])('%s is %s', (name, want) => {
    expect(camelCase(words(name))).toBe(want);
  });

  it.each([
    ['contact', 'contacts', true],
    ['categories', 'category', true],
    ['address', 'addresses', true],
    ['batch', 'batches', true],
    ['contact', 'contract', false],
    ['new', 'news', true],
  ])('%s and %s: %s', (a, b, want) => {
    expect(sameWord(a, b)).toBe(want);
  });
});

describe('method names', () => {
  it.each([
    ['getContact', 'contacts', 'get'],
    ['get-contact', 'contacts', 'get'],
    ['listContactNotes', 'contacts', 'listNotes'],
    ['addContactToWorkflow', 'contacts', 'addToWorkflow'],
    ['addContactToWorkflow', 'workflows', 'addContactToWorkflow'],
    ['getContactByContactId', 'contacts', 'getById'],
    ['ListContact', 'mcContacts', 'list'],
    ['ListMarketingList', 'mcLists', 'listMarketing'],
    ['ListContactCount', 'mcLists', 'listContactCount'],
    ['getCustomField', 'customFieldsV2', 'get'],
    ['getCustomFieldV2', 'customFieldsV2', 'get'],
    ['ListSegment', 'mcSegments20', 'list'],
    ['ListBrowserStat', 'statsApi', 'listBrowser'],
    ['createLLM', 'llms', 'create'],
    ['contacts', 'contacts', undefined],
    ['delete', 'contacts', 'delete'],
    ['2fa-enable', 'auth', '_2faEnable'],
    ['constructor', 'items', 'constructor_'],
    ['to string', 'items', 'toString_'],
    ['then', 'items', 'then_'],
    ['__proto__', 'items', 'proto'],
    ['has-own-property', 'items', 'hasOwnProperty_'],
    ['get a contact!', 'contacts', 'getA'],
    ['!!!', 'contacts', undefined],
  ])('%s in %s is %s', (operationId, namespace, want) => {
    expect(shortName(operationId, namespace)).toBe(want);
  });

  it('gives the whole operationId where it is asked for', () => {
    expect(fullName('get-contact')).toBe('getContact');
    expect(fullName('---')).toBeUndefined();
  });

  it.each([
    ['GET', '/contacts/{contactId}', 'getContactsByContactId'],
    ['POST', '/v2/contacts/', 'postContacts'],
    ['GET', '/contacts/{id}/notes', 'getContactsNotes'],
    ['DELETE', '/', 'delete'],
  ])('%s %s without operationId is %s', (method, path, want) => {
    expect(idFromPath(method, path)).toBe(want);
  });
});

describe('namespace names', () => {
  it.each([
    ['Contacts', 'contacts', 'ContactsApi'],
    ['Custom Fields V2', 'customFieldsV2', 'CustomFieldsV2Api'],
    ['call', 'callApi', 'CallApi'],
    ['Ready', 'readyApi', 'ReadyApi'],
    ['close', 'closeApi', 'CloseApi'],
    ['With Options', 'withOptionsApi', 'WithOptionsApi'],
    ['constructor', 'constructorApi', 'ConstructorApi'],
    ['then', 'thenApi', 'ThenApi'],
    ['con', 'conApi', 'ConApi'],
    ['saas-api', 'saasApi', 'SaasApi'],
    ['2fa', '_2fa', '_2faApi'],
  ])('%s is %s', (tag, want, wantClass) => {
    expect(namespaceName(words(tag))).toBe(want);
    expect(className(want)).toBe(wantClass);
  });

  it.each([
    [
      ['tsg_alerts_v3', 'tsg_mc_contacts_v3'],
      ['alerts', 'mcContacts'],
    ],
    [
      ['contacts', 'custom-fields'],
      ['contacts', 'customFields'],
    ],
    [
      ['contacts-v3', 'saas-v3'],
      ['contacts', 'saas'],
    ],
    [
      ['v3', 'contacts-v3'],
      ['v3', 'contactsV3'],
    ],
    [['only_one'], ['onlyOne']],
  ])('%j are %j', (stems, want) => {
    expect(stemNames(stems).map(camelCase)).toEqual(want);
  });

  it.each([
    ['/v2/create-web-call', 'web call'],
    ['/contacts/{id}/notes', 'contacts'],
    ['/api/v1/users', 'users'],
    ['/{id}/items', 'items'],
    ['/search', 'search'],
    ['/', ''],
  ])('%s is about %s', (path, want) => {
    expect(pathWords(path).join(' ')).toBe(want);
  });

  it('lets the plural stand for both', () => {
    const merged = mergePlurals([['agent'], ['agents'], ['agent', 'version'], ['concurrency']]);
    expect([...merged].map(([from, to]) => [from, to.join(' ')])).toEqual(
      expect.arrayContaining([
        ['agent', 'agents'],
        ['agents', 'agents'],
        ['agent version', 'agent version'],
        ['concurrency', 'concurrency'],
      ]),
    );
  });
});

describe('clientWord', () => {
  it.each([
    ['ghl', ['GHL API'], 'Ghl'],
    ['sendgrid', ['Twilio SendGrid Alerts API'], 'SendGrid'],
    ['retell', ['Retell SDK'], 'Retell'],
    ['pet-shop', [], 'PetShop'],
    ['3scale', [], 'Api3scale'],
  ])('%s with titles %j is %s', (service, titles, want) => {
    expect(clientWord(service, titles)).toBe(want);
  });
});
