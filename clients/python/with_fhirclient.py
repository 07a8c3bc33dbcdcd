"""fhirclient (SMART) against a running server: python with_fhirclient.py BASE

It parses all that it gets with the strict classes generated from R4's definitions. It has no
conditional create or update and no patch of its own: these go through transactions.
"""

import base64
import json
import sys
import uuid

import requests
from fhirclient import client as smart
from fhirclient.models.bundle import Bundle
from fhirclient.models.observation import Observation
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.patient import Patient

import records
from records import HEIGHT, IDENTIFIERS, LOINC, OBSERVATIONS, PAGE
from steps import Steps, expect

client = smart.FHIRClient(settings={"app_id": "clients", "api_base": sys.argv[1]})
server = client.server
steps = Steps("fhirclient")
mark = str(uuid.uuid4())
patient = Patient(records.patient(mark, "Created"))
ids = {}


def observations(**more):
    return Observation.where({"subject": f"Patient/{ids['Patient']}", **more})


def bundle_of(search):
    return next(iter(search.perform_iter(server)))


def included(bundle):
    return [e.resource for e in bundle.entry if e.search.mode == "include"]


def post(entry):
    """Sends a transaction of one entry and gives what was answered to it."""
    bundle = Bundle({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    return Bundle(bundle.create(server)).entry[0]


@steps.step("capabilities")
def capabilities():
    client.prepare()
    expect("version", server.capabilityStatement.fhirVersion, "4.0.1")


@steps.step("create")
def create():
    made = Patient(patient.create(server))
    patient.id = made.id
    expect("version", made.meta.versionId, "1")


@steps.step("read")
def read():
    found = Patient.read(patient.id, server)
    expect("given names", found.name[0].given, ["Zoë", "Ann"])


@steps.step("update")
def update():
    patient.name[0].family = "Updated"
    expect("version", Patient(patient.update(server)).meta.versionId, "2")


@steps.step("vread")
def vread():
    first = Patient.read_from(f"Patient/{patient.id}/_history/1", server)
    expect("family", first.name[0].family, "Created")


@steps.step("history")
def history():
    bundle = Bundle.read_from(f"Patient/{patient.id}/_history", server)
    expect("type", bundle.type, "history")
    expect("versions", [e.resource.meta.versionId for e in bundle.entry], ["2", "1"])


@steps.step("transaction")
def transaction():
    answer = Bundle(Bundle(records.transaction(mark)).create(server))
    expect("type", answer.type, "transaction-response")
    ids["Patient"] = records.id_in(answer.entry[OBSERVATIONS].response.location)
    ids["Practitioner"] = records.id_in(answer.entry[OBSERVATIONS + 1].response.location)
    found = Patient.read(ids["Patient"], server)
    expect("practitioner", found.generalPractitioner[0].reference, f"Practitioner/{ids['Practitioner']}")


@steps.step("search with several parameters")
def search():
    found = observations(
        **{"code": f"{LOINC}|{HEIGHT}", "date": {"$and": ["ge2020-02-01", "lt2020-03-01"]}},
        **{"value-quantity": "gt153||cm", "status": "final", "_sort": "-date"},
    ).perform_resources_iter(server)
    dates = [o.effectiveDateTime.as_json() for o in found]
    expect("dates", dates, [f"2020-02-{day:02}" for day in range(28, 3, -2)])


@steps.step("search with a chain")
def chain():
    those = Observation.where({"subject": {"$type": "Patient", "identifier": f"{IDENTIFIERS}|{mark}"}, "_count": "1"})
    expect("subject", bundle_of(those).entry[0].resource.subject.reference, f"Patient/{ids['Patient']}")


@steps.step("page to the end")
def pages():
    found = list(observations(_count=str(PAGE)).perform_resources_iter(server))
    expect("observations", len(found), OBSERVATIONS)
    expect("different ones", len({o.id for o in found}), OBSERVATIONS)


@steps.step("_include")
def include():
    bundle = bundle_of(observations(_count=str(PAGE)).include("subject"))
    expect("entries", len(bundle.entry), PAGE + 1)
    expect("included", [p.id for p in included(bundle)], [ids["Patient"]])


@steps.step("_revinclude")
def revinclude():
    found = Patient.where({"_id": ids["Patient"]}).include("subject", Observation, reverse=True)
    expect("included", len({o.id for o in included(bundle_of(found))}), OBSERVATIONS)


@steps.step("conditional create")
def conditional_create():
    own = str(uuid.uuid4())
    entry = records.entry("Patient", records.patient(own, "Once"))
    entry["request"]["ifNoneExist"] = f"identifier={IDENTIFIERS}|{own}"
    first, second = post(entry), post(entry)
    expect("statuses", [e.response.status[:3] for e in (first, second)], ["201", "200"])
    expect("location", second.response.location, first.response.location)


@steps.step("conditional update")
def conditional_update():
    own = str(uuid.uuid4())
    entry = records.entry("Patient", records.patient(own, "Twice"))
    entry["request"] = {"method": "PUT", "url": f"Patient?identifier={IDENTIFIERS}|{own}"}
    first = post(entry)
    entry["resource"]["gender"] = "other"
    second = post(entry)
    expect("statuses", [e.response.status[:3] for e in (first, second)], ["201", "200"])
    expect("etags", [e.response.etag for e in (first, second)], ['W/"1"', 'W/"2"'])


@steps.step("JSON Patch")
def json_patch():
    operations = json.dumps([{"op": "replace", "path": "/birthDate", "value": "1975-01-02"}])
    data = base64.b64encode(operations.encode()).decode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    request = {"method": "PATCH", "url": f"Patient/{patient.id}"}
    expect("status", post({"resource": binary, "request": request}).response.status[:3], "200")
    expect("birth date", Patient.read(patient.id, server).birthDate.as_json(), "1975-01-02")


@steps.step("validate")
def validate():
    good = Patient(records.patient(mark, "Valid"))
    good_outcome = OperationOutcome(server.post_json("Patient/$validate", good.as_json()).json())
    expect("errors", [i.diagnostics for i in good_outcome.issue if i.severity == "error"], [])
    bad = {**good.as_json(), "birthDate": "1974-13-25"}
    bad_outcome = OperationOutcome(server.post_json("Patient/$validate", bad).json())
    expect("places", [i.expression for i in bad_outcome.issue if i.severity == "error"], [["Patient.birthDate"]])


@steps.step("delete, then gone")
def delete():
    patient.delete(server)
    try:
        Patient.read(patient.id, server)
    except requests.HTTPError as gone:
        expect("status", gone.response.status_code, 410)
        return
    raise AssertionError("it can still be read")


steps.finish()
