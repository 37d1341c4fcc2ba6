/** An invented contact of 1 KB: what the server answers and what a POST sends. */
export const contact = {
  contact: {
    id: 'c0ffee0000000000000001',
    locationId: 'l0ca710n000000000001',
    firstName: 'Amara',
    lastName: 'Okonkwo',
    email: 'amara.okonkwo@example.com',
    phone: '+15550100042',
    companyName: 'Example Heating & Air',
    address1: '12 Sample Street',
    city: 'Springfield',
    state: 'IL',
    postalCode: '62701',
    country: 'US',
    source: 'website',
    timezone: 'America/Chicago',
    dnd: false,
    dateAdded: '2026-03-04T11:12:13.000Z',
    dateUpdated: '2026-05-06T07:08:09.000Z',
    tags: ['lead', 'furnace', 'spring-campaign'],
    followers: ['u5e7000000000000001', 'u5e7000000000000002'],
    customFields: [
      { id: 'f1e1d00000000000001', value: 'gas furnace, 18 years old' },
      { id: 'f1e1d00000000000002', value: 'prefers mornings' },
      { id: 'f1e1d00000000000003', value: 42 },
    ],
    attributionSource: { sessionSource: 'Paid Search', medium: 'cpc', campaign: 'spring-tune-up', url: 'https://www.example.com/tune-up' },
    notes: 'Asked for a quote on a heat pump; call back after the fifth. Has a dog. Gate code on file with the office, not here.',
  },
  traceId: '0f0f0f0f-1111-4222-8333-444444444444',
};

export const contactJson = JSON.stringify(contact);

/** Of the answer, as it is used. */
export type ContactAnswer = typeof contact;
