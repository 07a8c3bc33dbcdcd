// fhir-kit-client against a running server: node with_fhir_kit_client.js BASE

import { deepEqual, equal } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Client } from 'fhir-kit-client';
import * as records from './records.js';
import { finish, step } from './steps.js';

const client = new Client({ baseUrl: process.argv[2] });
const mark = randomUUID();
const ids = {};
let patient = records.patient(mark, 'Created');

const entries = (bundle, mode) => (bundle.entry ?? []).filter((e) => e.search.mode === mode).map((e) => e.resource);
const statusOf = (answer) => Client.httpFor(answer).response.status;
const observations = (more = {}, options = {}) =>
  client.search({
    resourceType: 'Observation',
    searchParams: { subject: `Patient/${ids.Patient}`, ...more },
    options,
  });

/** The status of a refusal; the answer of what was not refused is an error. */
async function refused(request) {
  try {
    await request;
  } catch (error) {
    return error.response;
  }
  throw new Error('it was not refused');
}

await step('capabilities', async () => {
  equal((await client.capabilityStatement()).fhirVersion, '4.0.1');
});

await step('create', async () => {
  patient = await client.create({ resourceType: 'Patient', body: patient });
  equal(statusOf(patient), 201);
  equal(patient.meta.versionId, '1');
});

await step('read', async () => {
  const found = await client.read({ resourceType: 'Patient', id: patient.id });
  deepEqual(found.name[0].given, ['Zoë', 'Ann']);
});

await step('update', async () => {
  const body = { ...patient, name: [{ ...patient.name[0], family: 'Updated' }] };
  const updated = await client.update({ resourceType: 'Patient', id: patient.id, body });
  equal(updated.meta.versionId, '2');
});

await step('update of a version that is not the last is refused', async () => {
  const options = { headers: { 'If-Match': 'W/"1"' } };
  const update = client.update({ resourceType: 'Patient', id: patient.id, body: patient, options });
  equal((await refused(update)).status, 412);
});

await step('vread', async () => {
  const first = await client.vread({ resourceType: 'Patient', id: patient.id, version: '1' });
  equal(first.name[0].family, 'Created');
});

await step('history', async () => {
  const bundle = await client.history({ resourceType: 'Patient', id: patient.id });
  equal(bundle.type, 'history');
  deepEqual(bundle.entry.map((e) => e.resource.meta.versionId), ['2', '1']);
});

await step('history of a type and of all', async () => {
  const newest = (bundle) => bundle.entry[0].resource.id;
  equal(newest(await client.history({ resourceType: 'Patient' })), patient.id);
  equal(newest(await client.history()), patient.id);
});

await step('transaction', async () => {
  const answer = await client.transaction({ body: records.transaction(mark) });
  equal(answer.type, 'transaction-response');
  const idAt = (place) => answer.entry[place].response.location.split('/_history/')[0].split('/').at(-1);
  ids.Patient = idAt(records.OBSERVATIONS);
  ids.Practitioner = idAt(records.OBSERVATIONS + 1);
  const found = await client.read({ resourceType: 'Patient', id: ids.Patient });
  equal(found.generalPractitioner[0].reference, `Practitioner/${ids.Practitioner}`);
});

await step('resolve a reference', async () => {
  const found = await client.resolve({ reference: `Practitioner/${ids.Practitioner}` });
  equal(found.name[0].family, `Doctor ${mark}`);
});

const severalParameters = {
  code: `${records.LOINC}|${records.HEIGHT}`,
  date: ['ge2020-02-01', 'lt2020-03-01'],
  'value-quantity': 'gt153||cm',
  status: 'final',
  _sort: '-date',
};
const heightsOfFebruary = Array.from({ length: 13 }, (_, n) => `2020-02-${String(28 - 2 * n).padStart(2, '0')}`);

await step('search with several parameters', async () => {
  const found = entries(await observations(severalParameters), 'match');
  deepEqual(found.map((o) => o.effectiveDateTime), heightsOfFebruary);
});

await step('search by POST', async () => {
  const found = entries(await observations(severalParameters, { postSearch: true }), 'match');
  deepEqual(found.map((o) => o.effectiveDateTime), heightsOfFebruary);
});

await step('search of all types', async () => {
  const searchParams = { _type: 'Patient,Practitioner', _id: `${ids.Patient},${ids.Practitioner}` };
  const found = entries(await client.search({ searchParams }), 'match');
  deepEqual(found.map((r) => r.resourceType).sort(), ['Patient', 'Practitioner']);
});

await step('search of a compartment', async () => {
  const compartment = { resourceType: 'Patient', id: ids.Patient };
  const searchParams = { _summary: 'count' };
  const bundle = await client.search({ resourceType: 'Observation', compartment, searchParams });
  equal(bundle.total, records.OBSERVATIONS);
});

await step('page to the end', async () => {
  const found = [];
  let previous;
  let page = await observations({ _count: records.PAGE });
  while (page) {
    found.push(...entries(page, 'match').map((o) => o.id));
    previous = page;
    page = await client.nextPage({ bundle: page });
  }
  equal(found.length, records.OBSERVATIONS);
  equal(new Set(found).size, records.OBSERVATIONS);
  ids.pages = found;
  ids.last = previous;
});

await step('page back', async () => {
  const page = await client.prevPage({ bundle: ids.last });
  const last = ids.pages.length % records.PAGE || records.PAGE;
  deepEqual(entries(page, 'match').map((o) => o.id), ids.pages.slice(-last - records.PAGE, -last));
});

await step('_include', async () => {
  const bundle = await observations({ _include: 'Observation:subject', _count: records.PAGE });
  equal(entries(bundle, 'match').length, records.PAGE);
  deepEqual(entries(bundle, 'include').map((p) => p.id), [ids.Patient]);
});

await step('_include:iterate', async () => {
  const includes = { _include: 'Observation:subject', '_include:iterate': 'Patient:general-practitioner' };
  const bundle = await observations({ ...includes, _count: records.PAGE });
  deepEqual(entries(bundle, 'include').map((r) => r.id).sort(), [ids.Patient, ids.Practitioner].sort());
});

await step('_revinclude', async () => {
  const searchParams = { _id: ids.Patient, _revinclude: 'Observation:subject' };
  const bundle = await client.search({ resourceType: 'Patient', searchParams });
  equal(entries(bundle, 'match').length, 1);
  equal(new Set(entries(bundle, 'include').map((o) => o.id)).size, records.OBSERVATIONS);
});

await step('conditional create', async () => {
  const own = randomUUID();
  const options = { headers: { 'If-None-Exist': `identifier=${records.IDENTIFIERS}|${own}` } };
  const create = () => client.create({ resourceType: 'Patient', body: records.patient(own, 'Once'), options });
  const [first, second] = [await create(), await create()];
  deepEqual([statusOf(first), statusOf(second)], [201, 200]);
  equal(second.id, first.id);
});

await step('conditional update', async () => {
  const own = randomUUID();
  const searchParams = { identifier: `${records.IDENTIFIERS}|${own}` };
  const update = (family) =>
    client.update({ resourceType: 'Patient', searchParams, body: records.patient(own, family) });
  const [first, second] = [await update('First'), await update('Second')];
  deepEqual([statusOf(first), statusOf(second)], [201, 200]);
  deepEqual([second.id, second.meta.versionId], [first.id, '2']);
});

await step('JSON Patch', async () => {
  const jsonPatch = [{ op: 'replace', path: '/birthDate', value: '1975-01-02' }];
  const patched = await client.patch({ resourceType: 'Patient', id: patient.id, jsonPatch });
  equal(patched.birthDate, '1975-01-02');
});

await step('validate', async () => {
  const validate = (input) => client.operation({ name: 'validate', resourceType: 'Patient', input });
  const errors = (outcome) => outcome.issue.filter((i) => i.severity === 'error').map((i) => i.expression);
  const good = records.patient(mark, 'Valid');
  deepEqual(errors(await validate(good)), []);
  deepEqual(errors(await validate({ ...good, birthDate: '1974-13-25' })), [['Patient.birthDate']]);
});

await step('delete, then gone', async () => {
  await client.delete({ resourceType: 'Patient', id: patient.id });
  const gone = await refused(client.read({ resourceType: 'Patient', id: patient.id }));
  equal(gone.status, 410);
  equal(gone.data.issue[0].code, 'deleted');
});

finish();
