// Named steps: each prints a line, and the program's exit status says whether all were as expected.

import { AssertionError } from 'node:assert';

const failed = [];

/** Runs `action` as the step of this name; whatever it throws is a finding. */
export async function step(name, action) {
  try {
    await action();
    console.log(`fhir-kit-client: ok ${name}`);
  } catch (error) {
    failed.push(name);
    const answer = error.response ? ` ${JSON.stringify(error.response.data)}` : '';
    const said = error instanceof AssertionError ? error.message.replace(/\s+/g, ' ') : String(error);
    console.log(`fhir-kit-client: FAILED ${name}: ${(said + answer).slice(0, 600)}`);
  }
}

/** Ends the program; not with 0 if a step failed. */
export function finish() {
  if (failed.length > 0) {
    console.error(`fhir-kit-client: failed: ${failed.join(', ')}`);
    process.exit(1);
  }
}
