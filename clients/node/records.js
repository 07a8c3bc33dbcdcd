// The resources that the client writes; `mark` keeps those of one run apart.

export const OBSERVATIONS = 130;
export const PAGE = 20;
export const IDENTIFIERS = 'urn:cresset:clients';
export const LOINC = 'http://loinc.org';
export const HEIGHT = '8302-2';
const WEIGHT = '29463-7';

export function patient(mark, family) {
  return {
    resourceType: 'Patient',
    identifier: [{ system: IDENTIFIERS, value: mark }],
    name: [{ family, given: ['Zoë', 'Ann'] }],
    gender: 'female',
    birthDate: '1974-12-25',
  };
}

/** Heights and weights in turn, a day apart; every second one is a height. */
function observation(subject, number) {
  const height = number % 2 === 1;
  const unit = height ? 'cm' : 'kg';
  const two = (n) => String(n).padStart(2, '0');
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: LOINC, code: height ? HEIGHT : WEIGHT }] },
    subject: { reference: subject },
    effectiveDateTime: `2020-${two(1 + Math.floor(number / 28))}-${two(1 + (number % 28))}`,
    valueQuantity: {
      value: (height ? 150 : 50) + number / 10,
      unit,
      system: 'http://unitsofmeasure.org',
      code: unit,
    },
  };
}

/** A practitioner, her patient and the patient's Observations, which refer to each other by `urn:uuid`. */
export function transaction(mark) {
  const practitioner = 'urn:uuid:0a4d5c1e-5b0e-4c5e-9a39-2f1c5d1c9b01';
  const subject = 'urn:uuid:0a4d5c1e-5b0e-4c5e-9a39-2f1c5d1c9b02';
  const doctor = { resourceType: 'Practitioner', name: [{ family: `Doctor ${mark}` }] };
  const ofHers = { ...patient(mark, 'Paged'), generalPractitioner: [{ reference: practitioner }] };
  const entry = Array.from({ length: OBSERVATIONS }, (_, number) => post(observation(subject, number)));
  entry.push(post(ofHers, subject), post(doctor, practitioner));
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

function post(resource, fullUrl) {
  const request = { method: 'POST', url: resource.resourceType };
  return fullUrl ? { fullUrl, resource, request } : { resource, request };
}
