"""fhirpy against a running server: python with_fhirpy.py BASE"""

import json
import sys
import uuid

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

import records
from records import HEIGHT, LOINC, OBSERVATIONS, PAGE
from steps import Steps, expect

base = sys.argv[1]
client = SyncFHIRClient(base)
steps = Steps("fhirpy")
mark = str(uuid.uuid4())
patient = client.resource("Patient", **records.patient(mark, "Created"))
ids = {}


def observations():
    return client.resources("Observation").search(subject=f"Patient/{ids['Patient']}")


def entries(bundle, mode):
    return [e.resource for e in bundle.get("entry", []) if e["search"]["mode"] == mode]


@steps.step("create")
def create():
    patient.save()
    expect("version", patient["meta"]["versionId"], "1")


@steps.step("read")
def read():
    found = client.reference("Patient", patient.id).to_resource()
    expect("given names", found.name[0].given, ["Zoë", "Ann"])


@steps.step("conditional read")
def conditional_read():
    patient.refresh()
    expect("version", patient["meta"]["versionId"], "1")


@steps.step("update")
def update():
    patient["name"][0]["family"] = "Updated"
    patient.save()
    expect("version", patient["meta"]["versionId"], "2")


@steps.step("vread")
def vread():
    first = patient.execute("_history/1", method="get")
    expect("family", first["name"][0]["family"], "Created")


@steps.step("history")
def history():
    bundle = patient.execute("_history", method="get")
    expect("type", bundle["type"], "history")
    expect("versions", [e["resource"]["meta"]["versionId"] for e in bundle["entry"]], ["2", "1"])


@steps.step("transaction")
def transaction():
    bundle = client.resource("Bundle", **records.transaction(mark))
    bundle.save()
    expect("type", bundle["type"], "transaction-response")
    ids["Patient"] = records.id_in(bundle["entry"][OBSERVATIONS]["response"]["location"])
    ids["Practitioner"] = records.id_in(bundle["entry"][OBSERVATIONS + 1]["response"]["location"])
    found = client.get("Patient", ids["Patient"])
    expect("practitioner", found["generalPractitioner"][0]["reference"], f"Practitioner/{ids['Practitioner']}")


@steps.step("search with several parameters")
def search():
    found = (
        observations()
        .search(code=f"{LOINC}|{HEIGHT}", date__ge="2020-02-01", date__lt="2020-03-01", status="final")
        .search(value_quantity__gt="153||cm")
        .sort("-date")
        .fetch()
    )
    dates = [o["effectiveDateTime"] for o in found]
    expect("dates", dates, [f"2020-02-{day:02}" for day in range(28, 3, -2)])


@steps.step("search with a chain and _has")
def chain():
    found = client.resources("Observation").search(subject__Patient__identifier=f"{records.IDENTIFIERS}|{mark}").limit(1)
    expect("observations through a chain", len(found.fetch()), 1)
    having = client.resources("Patient").has("Observation", "subject", code=HEIGHT).search(_id=ids["Patient"])
    expect("patients that have heights", [p.id for p in having.fetch()], [ids["Patient"]])


@steps.step("page to the end")
def pages():
    found = observations().limit(PAGE).fetch_all()
    expect("observations", len(found), OBSERVATIONS)
    expect("different ones", len({o.id for o in found}), OBSERVATIONS)


@steps.step("count")
def count():
    expect("total", observations().count(), OBSERVATIONS)


@steps.step("_include")
def include():
    bundle = observations().include("Observation", "subject").limit(PAGE).fetch_raw()
    expect("matches", len(entries(bundle, "match")), PAGE)
    expect("included", [p.id for p in entries(bundle, "include")], [ids["Patient"]])


@steps.step("_include:iterate")
def include_iterate():
    found = observations().include("Observation", "subject").include("Patient", "general-practitioner", iterate=True)
    included = entries(found.limit(PAGE).fetch_raw(), "include")
    expect("included", {p.id for p in included}, {ids["Patient"], ids["Practitioner"]})


@steps.step("_revinclude")
def revinclude():
    found = client.resources("Patient").search(_id=ids["Patient"]).revinclude("Observation", "subject")
    bundle = found.fetch_raw()
    expect("matches", len(entries(bundle, "match")), 1)
    expect("included", len({o.id for o in entries(bundle, "include")}), OBSERVATIONS)


@steps.step("conditional create")
def conditional_create():
    own = str(uuid.uuid4())
    if_none = SyncFHIRClient(base, extra_headers={"If-None-Exist": f"identifier={records.IDENTIFIERS}|{own}"})
    made = [if_none.resource("Patient", **records.patient(own, "Once")).save() for _ in range(2)]
    expect("second id", made[1].id, made[0].id)
    expect("second version", made[1]["meta"]["versionId"], "1")


@steps.step("conditional update")
def conditional_update():
    own = str(uuid.uuid4())
    those = client.resources("Patient").search(identifier=f"{records.IDENTIFIERS}|{own}")
    first, created = those.update(client.resource("Patient", **records.patient(own, "First")))
    expect("created at first", created, True)
    second, created = those.update(client.resource("Patient", **records.patient(own, "Second")))
    expect("created again", created, False)
    expect("id and version", (second.id, second["meta"]["versionId"]), (first.id, "2"))


@steps.step("JSON Patch")
def json_patch():
    patching = SyncFHIRClient(base, extra_headers={"Content-Type": "application/json-patch+json"})
    operations = [{"op": "replace", "path": "/birthDate", "value": "1975-01-02"}]
    patched = patching.execute(patient.reference, method="patch", data=operations)
    expect("birth date", patched["birthDate"], "1975-01-02")


@steps.step("validate")
def validate():
    good = client.resource("Patient", **records.patient(mark, "Valid"))
    expect("a valid patient", good.is_valid(), True)
    bad = client.resource("Patient", **{**records.patient(mark, "Invalid"), "birthDate": "1974-13-25"})
    expect("a patient born in month 13", bad.is_valid(), False)


@steps.step("an invalid resource is refused")
def refusal():
    try:
        client.resource("Patient", birthDate="1974-13-25").save()
    except OperationOutcome as refused:
        expect("place", refused.resource["issue"][0]["expression"], ["Patient.birthDate"])
        return
    raise AssertionError("it was created")


@steps.step("delete, then gone")
def delete():
    patient.delete()
    try:
        client.get("Patient", patient.id)
    except ResourceNotFound as gone:
        # fhirpy makes one exception of 404 and 410; the code tells them apart.
        expect("code", json.loads(str(gone))["issue"][0]["code"], "deleted")
        return
    raise AssertionError("it can still be read")


steps.finish()
